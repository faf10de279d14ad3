"""What stands in a model repository, and whether it is what was installed. Knows no ONNX.

A build without its provenance, or another than its provenance tells of, counts as damaged.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter
from pydantic.dataclasses import dataclass as validated

from mattebox.models.card import Card
from mattebox.models.digest import sha256_of
from segmenter.inference.runtimes import MNN_FORM

CONFIG = "config.pbtxt"
GRAPH = "model.onnx"
LICENCE = "LICENSE"
NOTICE = "NOTICE"
PROVENANCE = "provenance.json"

_STRICT = ConfigDict(extra="forbid")
_WRAPPING = 3
"""Raised whenever `build` makes another graph of the same card, so that older builds are redone."""


@validated(frozen=True, slots=True, config=_STRICT)
class Origin:
    """The published file from which a build was made."""

    name: str
    """A file's name, or a wheel's with the file's path in it."""
    sha256: str
    size_bytes: Annotated[int, Field(gt=0)]
    recognised_as: str = ""
    """The title under which the card knows the file; empty where it does not."""


@validated(frozen=True, slots=True, config=_STRICT)
class Provenance:
    """From what a build was made, under which terms, and what came out."""

    card: Card
    """As it was then, less the path of its licence text."""
    origin: Origin
    licence_accepted_at: str
    """When a licence without commercial use was accepted, ISO 8601; empty where none had to be."""
    height_px: int
    width_px: int
    max_batch_size: int
    sha256: str
    size_bytes: Annotated[int, Field(gt=0)]
    tools: dict[str, str]
    mnn_sha256: str = ""
    """Of the form for MNN; empty where there is none."""
    wrapping: int = _WRAPPING


class State(StrEnum):
    """How a model stands in a repository."""

    INSTALLED = "installed"
    MISSING = "missing"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Condition:
    """The state, and where it is not INSTALLED a sentence that says why."""

    state: State
    problem: str = ""
    provenance: Provenance | None = None
    """Of what stands there; None where nothing can be said of it."""


def version_folder(name: str, repository: Path) -> Path:
    """The folder that holds a model's build."""
    return repository / name / "1"


def provenance_to_json(provenance: Provenance) -> bytes:
    """Writes a provenance as its file holds it."""
    licence = replace(provenance.card.licence, text_file=None)
    portable = replace(provenance, card=replace(provenance.card, licence=licence))
    return TypeAdapter(Provenance).dump_json(portable, indent=2) + b"\n"


def names(repository: Path) -> list[str]:
    """Lists what was installed in a repository, sound or not, sorted."""
    return sorted(path.parent.parent.name for path in repository.glob(f"*/1/{PROVENANCE}"))


def card_of(name: str, repository: Path) -> Card | None:
    """The card with which a model was installed; None where there is no provenance of it."""
    try:
        card = _provenance(version_folder(name, repository)).card
    except (OSError, ValueError):
        return None
    return card if card.name == name else None


def condition(card: Card, repository: Path) -> Condition:
    """Compares what stands in a repository with its provenance and with its card, byte for byte."""
    folder = version_folder(card.name, repository)
    graph = folder / GRAPH
    if not graph.is_file():
        return Condition(State.MISSING, f"{graph} is not there. {remedy(card)}")
    provenance = None
    try:
        provenance = _provenance(folder)
        problem = _difference(provenance, card, graph)
    except OSError as error:
        problem = f"{error.filename} cannot be read: {error.strerror}."
    except ValueError:
        problem = f"{folder / PROVENANCE} is no provenance of an installed model."
    if problem:
        return Condition(State.DAMAGED, f"{problem} {remedy(card)}", provenance)
    return Condition(State.INSTALLED, "", provenance)


def remedy(card: Card) -> str:
    """Says how a model is installed."""
    command = f"mattebox models install {card.name}"
    if card.source:
        return f"Run '{command}'."
    return f"Run '{command} --from-file FILE', with --card too if the card is your own."


def _provenance(folder: Path) -> Provenance:
    return TypeAdapter(Provenance).validate_json((folder / PROVENANCE).read_bytes())


def _difference(provenance: Provenance, card: Card, graph: Path) -> str:
    found = sha256_of(graph)
    if found != provenance.sha256:
        return _other_file(graph, provenance.sha256, found)
    form = graph.with_name(MNN_FORM)
    if provenance.mnn_sha256 or form.is_file():
        # Also one of which the provenance knows nothing: it would be served.
        found = sha256_of(form)
        if found != provenance.mnn_sha256:
            return _other_file(form, provenance.mnn_sha256 or "of no such file", found)
    source_sha256 = card.file.sha256 if card.file else provenance.origin.sha256
    if (provenance.card.name, provenance.origin.sha256) != (card.name, source_sha256):
        return (
            f"{graph} was built for the card {provenance.card.name} from a file with sha256 "
            f"{provenance.origin.sha256}, expected {card.name} and {source_sha256}."
        )
    if (provenance.wrapping, _recipe(provenance.card)) != (_WRAPPING, _recipe(card)):
        return f"{graph} was built by another version of its card or of Mattebox."
    return ""


def _other_file(path: Path, expected: str, found: str) -> str:
    return f"{path} is not the file that was installed: expected sha256 {expected}, found {found}."


def _recipe(card: Card) -> tuple[object, ...]:
    """All of a card that shapes the graph and how it is run."""
    return card.graph, card.preprocessing, card.postprocessing, card.serving
