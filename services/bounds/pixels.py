"""The size of a picture that keeps to a number of pixels. Pure."""

import math


def fitted_size(width_px: int, height_px: int, max_pixels: int) -> tuple[int, int]:
    """Tells the largest size of at most `max_pixels` that a picture is scaled down to."""
    if width_px * height_px <= max_pixels:
        return width_px, height_px
    # Each side is the exact one rounded down: floats would take a pixel more off some squares.
    width = max(1, math.isqrt(max_pixels * width_px // height_px))
    height = max(1, math.isqrt(max_pixels * height_px // width_px))
    if width > height:
        return min(width, max_pixels // height), height
    return width, min(height, max_pixels // width)
