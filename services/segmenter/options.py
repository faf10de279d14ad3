"""How an answer is to be rendered."""

from dataclasses import dataclass
from enum import Enum, auto


class OutputFormat(Enum):
    """File formats of answers."""

    PNG = auto()


class OutputChannels(Enum):
    """Contents of an answer's pixels."""

    RGBA = auto()
    """Colour with straight alpha."""

    ALPHA = auto()
    """The matte alone, 8 bit."""


@dataclass(frozen=True, slots=True)
class CutOutOptions:
    """One request's wishes."""

    format: OutputFormat = OutputFormat.PNG
    channels: OutputChannels = OutputChannels.RGBA
    model: str | None = None
    """A model's name; None is the server's default."""
