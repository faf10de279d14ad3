"""What stands in a model repository, and whether it is what was installed. Knows no ONNX.

A build without its provenance, or another than its provenance tells of, counts as damaged.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field, JsonValue, TypeAdapter
from pydantic.dataclasses import dataclass as validated

from mattebox.models.card import Card

GRAPH = "model.onnx"
PROVENANCE = "provenance.json"

_WRAPPING = 1
"""Raised whenever `wrap` makes another graph of the same card, so that older builds are redone."""


@validated(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class Provenance:
    """From what a build was made, and what came out."""

    card: str
    source_sha256: str
    recipe: dict[str, JsonValue]
    sha256: str
    size_bytes: Annotated[int, Field(gt=0)]
    tools: dict[str, str]


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


def version_folder(card: Card, repository: Path) -> Path:
    """The folder that holds a model's build."""
    return repository / card.name / "1"


def provenance_of(card: Card, built: bytes, tools: dict[str, str]) -> Provenance:
    """Describes a build that was just made."""
    sha256 = hashlib.sha256(built).hexdigest()
    return Provenance(card.name, card.file.sha256, _recipe(card), sha256, len(built), tools)


def provenance_to_json(provenance: Provenance) -> bytes:
    """Writes a provenance as its file holds it."""
    return json.dumps(asdict(provenance), indent=2).encode() + b"\n"


def condition(card: Card, repository: Path) -> Condition:
    """Compares what stands in a repository with its provenance and with its card, byte for byte."""
    folder = version_folder(card, repository)
    graph = folder / GRAPH
    if not graph.is_file():
        return Condition(State.MISSING, f"{graph} is not there. {_remedy(card)}")
    try:
        text = (folder / PROVENANCE).read_bytes()
        provenance = TypeAdapter(Provenance).validate_json(text)
        problem = _difference(provenance, card, graph)
    except OSError as error:
        problem = f"{error.filename} cannot be read: {error.strerror}."
    except ValueError:
        problem = f"{folder / PROVENANCE} is no provenance of an installed model."
    if problem:
        return Condition(State.DAMAGED, f"{problem} {_remedy(card)}")
    return Condition(State.INSTALLED)


def _difference(provenance: Provenance, card: Card, graph: Path) -> str:
    with graph.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != provenance.sha256:
        return (
            f"{graph} is not the file that was installed: expected sha256 {provenance.sha256}, "
            f"found {found}."
        )
    if (provenance.card, provenance.source_sha256) != (card.name, card.file.sha256):
        return (
            f"{graph} was built for the card {provenance.card} from a file with sha256 "
            f"{provenance.source_sha256}, expected {card.name} and {card.file.sha256}."
        )
    if provenance.recipe != _recipe(card):
        return f"{graph} was built by another version of its card or of Mattebox."
    return ""


def _recipe(card: Card) -> dict[str, JsonValue]:
    """All that shapes the graph besides the published file, as JSON gives it back."""
    parts = {
        "wrapping": _WRAPPING,
        "graph": asdict(card.graph),
        "preprocessing": asdict(card.preprocessing),
        "postprocessing": asdict(card.postprocessing),
    }
    recipe: dict[str, JsonValue] = json.loads(json.dumps(parts))
    return recipe


def _remedy(card: Card) -> str:
    return f"Run 'mattebox models install {card.name}'."
