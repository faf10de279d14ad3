"""The sentences in which a job tells of itself."""

from dataclasses import dataclass
from typing import Any

from mattebox.remove.outcome import Done, Failed, Outcome, Skipped, Tally
from mattebox.remove.sources import FileSource


@dataclass(frozen=True, slots=True)
class Rates:
    """How fast a job goes."""

    images_per_s: float
    megapixels_per_s: float

    def __str__(self) -> str:
        return f"{self.images_per_s:.1f} images/s, {self.megapixels_per_s:.1f} MP/s"


def rates(tally: Tally, elapsed_s: float) -> Rates:
    """The mean of a job so far; what was skipped takes no time and counts for nothing."""
    elapsed_s = max(elapsed_s, 0.001)
    return Rates(tally.done / elapsed_s, tally.megapixels / elapsed_s)


def failure(failed: Failed) -> str:
    """One line about a picture without a cut-out."""
    return f"{failed.picture.source.label}: {failed.code}: {failed.message} {failed.advice}"


def waiting(pause_s: float, code: str) -> str:
    """Says why nothing moves."""
    return f"{code}: trying again in {pause_s:.0f} s."


def summary(tally: Tally, elapsed_s: float) -> str:
    """The last line."""
    if not tally.finished:
        return "No picture was cut out."
    counts = [f"{tally.done} done"]
    counts += [f"{tally.skipped} there already"] if tally.skipped else []
    counts += [f"{tally.failed} failed"] if tally.failed else []
    how_fast = f" ({rates(tally, elapsed_s)})" if tally.done else ""
    empty = f" No subject was found in {tally.without_subject}." if tally.without_subject else ""
    return f"{', '.join(counts)} in {elapsed_s:.1f} s{how_fast}.{empty}"


def record(outcome: Outcome) -> dict[str, Any]:
    """The same for programs."""
    picture = outcome.picture
    target = None if picture.target is None else str(picture.target)
    source = picture.source
    name = str(source.path) if isinstance(source, FileSource) else source.label
    named = {"source": name, "cut_out": target}
    match outcome:
        case Done(_, width_px, height_px, foreground_found):
            return named | {
                "status": "done",
                "width": width_px,
                "height": height_px,
                "foreground_found": foreground_found,
            }
        case Skipped():
            return named | {"status": "skipped"}
        case Failed(_, code, message, advice):
            return named | {
                "status": "failed",
                "cut_out": None,
                "code": code,
                "message": message,
                "advice": advice,
            }
