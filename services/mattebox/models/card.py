"""What is known of a published network before it is at hand. Knows neither ONNX nor networks."""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Self

from pydantic import TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass

from mattebox.models.card_parts import (
    STRICT,
    File,
    Graph,
    KnownFile,
    Licence,
    PlainName,
    Postprocessing,
    Preprocessing,
    Quantisation,
    Serving,
    Source,
)
from mattebox.models.card_problems import problems_of
from mattebox.models.errors import CardError
from mattebox.models.places import SHIPPED_CARDS

SHIPPED = SHIPPED_CARDS


@dataclass(frozen=True, slots=True, config=STRICT)
class Card:
    """A network Mattebox can install: how it is fed and read, and on which terms."""

    name: PlainName
    title: str
    preprocessing: Preprocessing
    postprocessing: Postprocessing
    licence: Licence
    source: Source | None = None
    """Where it is fetched from; None where the operator brings the file."""
    file: File | None = None
    known_files: tuple[KnownFile, ...] = ()
    graph: Graph = Graph()
    serving: Serving = Serving()
    quantisation: Quantisation | None = None
    """None where the network is computed in the floats of its file."""

    @model_validator(mode="after")
    def _source_and_file_come_together(self) -> Self:
        if (self.source is None) != (self.file is None):
            raise ValueError("[source] and [file] stand together, or neither does")
        return self

    @model_validator(mode="after")
    def _integers_are_for_one_library(self) -> Self:
        if self.serving.mnn and self.quantisation:
            raise ValueError("[quantisation] is for ONNX Runtime; leave mnn out of [serving]")
        return self


def names(folder: Path = SHIPPED) -> list[str]:
    """Lists the cards of a folder, sorted."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def load(name: str, folder: Path = SHIPPED) -> Card:
    """Reads a card of a folder by the name of its model.

    Raises:
        CardError: the folder has no card of this name, or it is wrong; all problems are told.
    """
    if name not in names(folder):
        known = ", ".join(names(folder)) or "none"
        raise CardError(
            f"There is no card for a model '{name}'. The known models are: {known}. "
            "For a network of your own write a card and name it with --card."
        )
    path = folder / f"{name}.toml"
    card = read(path)
    if card.name != path.stem:
        raise CardError(f"The card {path} must be named after its model: {card.name}.toml.")
    return card


def read(path: Path) -> Card:
    """Reads a card.

    Raises:
        CardError: it cannot be read, or is wrong; all problems are told, by key and line.
    """
    try:
        # Some editors put a mark before the first character.
        text = path.read_text("utf-8-sig")
        values = tomllib.loads(text)
    except OSError as error:
        raise CardError(f"The card {path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        raise CardError(f"The card {path} is no TOML file: {error}.") from error
    try:
        return _completed(TypeAdapter(Card).validate_python(values), path)
    except ValidationError as error:
        raise CardError(
            f"The card {path} is wrong: {problems_of(error, text)}. docs/models.md tells every key."
        ) from error


def _completed(card: Card, path: Path) -> Card:
    if card.licence.text_file is None:
        return card
    text_file = path.parent / card.licence.text_file.name
    if not text_file.is_file():
        raise CardError(f"The card {path} names a licence text that is not there: {text_file}.")
    return replace(card, licence=replace(card.licence, text_file=text_file))
