"""Finished pictures, and what answers with them hold."""

from collections.abc import AsyncGenerator

from gateway.cut_out import CutOut, SubjectBox
from gateway.delivery import PiecesResponse
from gateway.options.cut_out import OutputFormat


def finished_cut_out(
    image: bytes = b"picture",
    output_format: OutputFormat = OutputFormat.PNG,
    *,
    foreground_found: bool = True,
    subject: SubjectBox | None = None,
    uncertainty: float = 0.0,
) -> CutOut:
    """A picture of 30 x 20 pixels, out of an image of 60 x 40."""
    return CutOut(
        image_bytes=len(image),
        output_format=output_format,
        width_px=30,
        height_px=20,
        foreground_found=foreground_found,
        stages_s={},
        chunks=_chunks(image),
        close=lambda: None,
        input_width_px=60,
        input_height_px=40,
        subject=subject,
        uncertainty=uncertainty,
    )


async def content_of(response: PiecesResponse) -> bytes:
    """The body that is sent."""
    return b"".join([piece async for piece in response.pieces])


async def _chunks(image: bytes) -> AsyncGenerator[bytes, None]:
    for start in range(0, len(image), 100_000):
        yield image[start : start + 100_000]
