"""Gaussian blur whose cost does not grow with how far it reaches."""

from PIL import Image, ImageFilter

_FINEST_SIGMA_PX = 2
"""A blur of twice this, or more, is done at a fraction of the size: nothing is lost by that, since
of what pixels of that size cannot show, less than a thousandth would be left."""


def reduction(sigma_px: float) -> int:
    """Tells by which whole factor a picture may be smaller while it is blurred."""
    return max(1, int(sigma_px / _FINEST_SIGMA_PX))


def blurred(image: Image.Image, sigma_px: float) -> Image.Image:
    """Blurs an image. Beyond its edges it is taken to go on as it is there."""
    return image.filter(ImageFilter.GaussianBlur(sigma_px)) if sigma_px > 0 else image
