"""How many pixels results have: by the name of the size, and fewer in a PNG. Pure."""

from bounds import fitted_size
from gateway.options.cut_out import OutputFormat

SIZES = {
    "preview": 250_000,
    "small": 250_000,
    "regular": 250_000,
    "medium": 1_500_000,
    "hd": 4_000_000,
    "full": 25_000_000,
    "4k": 25_000_000,
    "auto": 25_000_000,
    "50mp": 50_000_000,
}
"""The most pixels of each size."""

DEFAULT = SIZES["preview"]

_PNG_PIXELS = 10_000_000


def in_format(max_pixels: int, output_format: OutputFormat) -> int:
    """The most pixels of a result in that format."""
    if output_format is OutputFormat.PNG:
        return min(max_pixels, _PNG_PIXELS)
    return max_pixels


def full_size(width_px: int, height_px: int, output_format: OutputFormat) -> tuple[int, int]:
    """The size that the result for an image of that size has at ``size=full``, uncropped.

    A crop may well make the result smaller: this is its whole frame.
    """
    return fitted_size(width_px, height_px, in_format(SIZES["full"], output_format))
