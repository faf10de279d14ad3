"""The finished picture, as every dialect gets it to answer with."""

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from gateway.options.cut_out import CutOutOptions, OutputFormat


@dataclass(frozen=True, slots=True)
class SubjectBox:
    """Where the visible subject is in the upright image that was sent, in pixels."""

    left_px: int
    top_px: int
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class CutOut:
    """A finished picture, whose bytes are on their way.

    ``stages_s`` holds the seconds of each stage, in order. ``chunks`` gives the ``image_bytes``
    bytes of the encoded picture, once, and raises ApiError where they break off. ``close`` ends
    their coming; it may be called at any time, and has to be.
    """

    image_bytes: int
    output_format: OutputFormat
    width_px: int
    height_px: int
    foreground_found: bool
    stages_s: Mapping[str, float]
    chunks: AsyncGenerator[bytes, None]
    close: Callable[[], None]
    input_width_px: int
    """Of the upright image that was sent."""
    input_height_px: int
    subject: SubjectBox | None = None
    """Where the options ask for it, and something is visible."""
    uncertainty: float = 0.0
    """Where the options ask for it: the share of half-transparent pixels among the visible."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Of what request a picture is, and whose; callers share fairly what there is."""

    request_id: str
    caller: str


class RemoveBackground(Protocol):
    """Makes cut-outs."""

    async def __call__(
        self,
        image: bytes,
        options: CutOutOptions,
        origin: Origin,
        on_sent: Callable[[], None],
        background: bytes = b"",
    ) -> CutOut:
        """Makes the cut-out of an encoded image, before another one if there is one.

        ``on_sent`` is called once the image is no longer held, if it comes to that.

        Raises:
            ApiError: whatever it failed with.
        """
