"""What placement, lines, shadows, margins and backgrounds cost beside a plain cut-out.

    python -m benchmarks.scenes [--megapixels 12] [--rounds 5]

One thread of this process, without the encoding. Exits 1 where an answer takes more memory than
admission counts for it.
"""

import argparse
import ctypes
import gc
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load.figures import Figure
from benchmarks.load.promises import Promise, judged
from benchmarks.load.results import found, say
from benchmarks.pictures import disc_u8, enlarged_picture, read_rows
from benchmarks.tables import median_and_range, table
from segmenter.imaging.compose import Rows
from segmenter.imaging.encode import BYTES_IN_WORK
from segmenter.imaging.matte import Matte
from segmenter.imaging.picture import Picture
from segmenter.imaging.rendering import rendered
from segmenter.imaging.scene import scene_cost_px
from segmenter.options import CutOutOptions
from segmenter.scene_options import (
    BackgroundPicture,
    Canvas,
    Colour,
    Length,
    Margins,
    Placement,
    Shadow,
    Stroke,
)

MEMORY = "memory that an answer takes before it is encoded, of what is counted for it"
PROMISES = (Promise(MEMORY, at_most=1),)

_BLACK, _WHITE = Colour(0, 0, 0, 128), Colour(255, 255, 255)
_TENTH = Length(share=0.1)
_SHADOW = Shadow(_BLACK, offset_y=Length(share=0.02), blur=Length(share=0.02))
_PLAIN = "plain cut-out"

OPTIONS: Mapping[str, CutOutOptions] = {
    _PLAIN: CutOutOptions(),
    "stroke of 8 px": CutOutOptions(stroke=Stroke(8, _WHITE)),
    "stroke of 100 px": CutOutOptions(stroke=Stroke(100, _WHITE)),
    "drop shadow": CutOutOptions(shadow=_SHADOW),
    "shadow, blur of 500 px": CutOutOptions(shadow=Shadow(_BLACK, blur=Length(500))),
    "stroke and shadow": CutOutOptions(stroke=Stroke(8, _WHITE), shadow=_SHADOW),
    "subject scaled and moved": CutOutOptions(placement=Placement(0.6, 0.5, 0.5)),
    "crop with margins": CutOutOptions(
        crop=True, crop_margin=Margins(_TENTH, _TENTH, _TENTH, _TENTH)
    ),
    "picture behind": CutOutOptions(background_picture=BackgroundPicture()),
    "blurred picture behind": CutOutOptions(background_picture=BackgroundPicture(blur=0.02)),
    "all together, on the background's canvas": CutOutOptions(
        placement=Placement(0.6, 0.5, 0.5),
        stroke=Stroke(8, _WHITE),
        shadow=_SHADOW,
        background_picture=BackgroundPicture(canvas=Canvas.BACKGROUND, blur=0.02),
    ),
}
_WITH_PICTURE = frozenset(name for name in OPTIONS if "behind" in name or "canvas" in name)

_STATUS, _CLEAR_REFS = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_RESET_PEAK = "5"
_KIB = 1024
_HELD_BEFORE_BYTES = 3
"""A pixel of the picture, which is there before it is measured and is counted with the rest."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one scene."""

    prepare_ms: list[float]
    """Until there are rows to be read."""
    rows_ms: list[float]
    taken_bytes: int
    """At most at a time, beside what was there before: rows that are read do not stay."""


def main() -> int:
    """Measures, prints a table, writes JSON; gives the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--megapixels", type=float, default=12.0)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    picture = enlarged_picture(chosen.megapixels)
    pixels = picture.width_px * picture.height_px
    costs = {}
    for name, options in OPTIONS.items():
        say(name)
        costs[name] = _cost(picture, options, chosen.rounds, with_picture=name in _WITH_PICTURE)
    rows, shares = [], []
    for name, options in OPTIONS.items():
        cost, behind_px = costs[name], pixels if name in _WITH_PICTURE else 0
        counted_px = pixels + scene_cost_px(options, pixels, behind_px)
        counted_bytes = counted_px * BYTES_IN_WORK - pixels * _HELD_BEFORE_BYTES
        shares.append(cost.taken_bytes / counted_bytes)
        rows.append(
            [
                name,
                median_and_range(cost.prepare_ms),
                median_and_range(cost.rows_ms),
                f"{cost.taken_bytes / pixels:.1f}",
                f"{counted_bytes / pixels:.1f}",
            ]
        )
    head = ["scene", "prepare, ms", "rows, ms", "bytes a pixel", "counted"]
    more = f"{chosen.megapixels:g} megapixels, one thread, {chosen.rounds} rounds"
    findings = found("scenes", {MEMORY: Figure.of(shares)}, table(head, rows), more)
    return judged(findings, PROMISES)


def _cost(picture: Picture, options: CutOutOptions, rounds: int, *, with_picture: bool) -> Cost:
    behind = picture if with_picture else None

    def prepared() -> Rows:
        # The matte is made anew, since a region would overwrite it.
        return rendered(picture, Matte(alpha_u8.copy(), foreground_found=True), options, behind)

    alpha_u8 = disc_u8(picture)
    prepare_ms, rows_ms = [], []
    for _ in range(rounds):
        started_s = time.perf_counter()
        rows = prepared()
        prepared_s = time.perf_counter()
        read_rows(rows)
        rows_ms.append((time.perf_counter() - prepared_s) * 1000)
        prepare_ms.append((prepared_s - started_s) * 1000)
        del rows
    return Cost(prepare_ms, rows_ms, peak_bytes(lambda: read_rows(prepared())))


def peak_bytes(step: Callable[[], object]) -> int:
    """Tells by how much a step raises the memory of this process at most."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    _CLEAR_REFS.write_text(_RESET_PEAK)
    before_bytes = _status_bytes("VmRSS")
    step()
    return _status_bytes("VmHWM") - before_bytes


def _status_bytes(name: str) -> int:
    line = next(each for each in _STATUS.read_text().splitlines() if each.startswith(f"{name}:"))
    return int(line.split()[1]) * _KIB


if __name__ == "__main__":
    sys.exit(main())
