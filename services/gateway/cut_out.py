"""The finished picture, as every dialect gets it to answer with."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from gateway.options.cut_out import CutOutOptions, OutputFormat


@dataclass(frozen=True, slots=True)
class CutOut:
    """A finished picture. ``stages_s`` holds the seconds of each stage, in order."""

    image: bytes
    output_format: OutputFormat
    width_px: int
    height_px: int
    foreground_found: bool
    stages_s: Mapping[str, float]


RemoveBackground = Callable[[bytes, CutOutOptions, str], Awaitable[CutOut]]
"""Makes the cut-out of an encoded image, under a request id. Raises ApiError."""
