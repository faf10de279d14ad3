"""What comes out of a request."""

from collections.abc import Mapping
from dataclasses import dataclass

from segmenter.imaging.crop import Box
from segmenter.options import OutputFormat
from segmenter.timings import Stage


@dataclass(frozen=True, slots=True)
class CutOut:
    """A finished picture."""

    image: bytes
    format: OutputFormat
    width_px: int
    height_px: int
    foreground_found: bool
    model: str
    timings: Mapping[Stage, float]
    """Seconds."""

    input_width_px: int
    """Of the upright image that was sent."""

    input_height_px: int

    subject: Box | None = None
    """The box of what is visible in the upright image, if that is asked for and there is any."""

    uncertainty: float = 0.0
    """The share of visible pixels that are neither here nor there, if it is asked for."""

    is_input: bool = False
    """Whether the picture is the image that was sent."""
