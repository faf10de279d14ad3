"""The picture behind a subject: how large its canvas is, and what is seen of it there."""

from PIL import Image

from segmenter.errors import InvalidOptionError
from segmenter.imaging.blurring import blurred, reduction
from segmenter.imaging.colour import to_srgb
from segmenter.imaging.limits import ImageLimits
from segmenter.imaging.picture import Picture
from segmenter.options import CutOutOptions, OutputChannels
from segmenter.scene_options import Canvas

_WHITE = (255, 255, 255)

_LONGEST_SIDE_PX = ImageLimits().max_side_px


def canvas_size(
    options: CutOutOptions, width_px: int, height_px: int, max_pixels: int
) -> tuple[int, int] | None:
    """Tells width and height of the canvas where a background decides on them, else None.

    Args:
        options: of a request that brings a background.
        width_px: of the background, upright.
        height_px: likewise.
        max_pixels: the most that an answer has.

    Raises:
        InvalidOptionError: the canvas would have more pixels, or a side longer than any image's.
    """
    laid = options.background_picture
    if laid.canvas is Canvas.IMAGE or options.channels is OutputChannels.ALPHA:
        return None
    width_px, height_px = laid.width_px or width_px, laid.height_px or height_px
    if width_px * height_px > max_pixels or max(width_px, height_px) > _LONGEST_SIDE_PX:
        raise InvalidOptionError(
            f"The answer would be {width_px} x {height_px} pixels, as its background asks; at most "
            f"{max_pixels:,} are made, and {_LONGEST_SIDE_PX:,} a side.",
            field="background_picture",
            problem="too_large",
        )
    return width_px, height_px


def backdrop(background: Picture, size: tuple[int, int], blur: float) -> Image.Image:
    """Makes what is seen of a background: RGB in sRGB, opaque, centred, and of just that size.

    Args:
        background: covers the canvas; what is transparent lies on white.
        size: width and height of the canvas.
        blur: standard deviation of a Gaussian, as a share of the shorter side.
    """
    sigma_px = blur * min(size)
    factor = reduction(sigma_px)
    width, height = (max(1, round(side / factor)) for side in size)
    seen = blurred(_covering(background, size, (width, height)), sigma_px / factor)
    return seen if seen.size == size else seen.resize(size, Image.Resampling.BICUBIC)


def _covering(background: Picture, canvas: tuple[int, int], size: tuple[int, int]) -> Image.Image:
    """Scales the part of a background that a canvas shows to a size, of about the same shape."""
    width, height = background.rgb.size
    scale = max(canvas[0] / width, canvas[1] / height)
    seen_width, seen_height = min(width, canvas[0] / scale), min(height, canvas[1] / scale)
    left, top = (width - seen_width) / 2, (height - seen_height) / 2
    part = (left, top, left + seen_width, top + seen_height)
    if background.alpha is None:
        return to_srgb(_scaled(background.rgb, size, part), background.icc_profile)
    # White is white in every colour space of these.
    rgba = background.rgb.copy()
    rgba.putalpha(background.alpha)
    scaled = _scaled(rgba.convert("RGBa"), size, part).convert("RGBA")
    rgb = to_srgb(scaled.convert("RGB"), background.icc_profile)
    return Image.composite(rgb, Image.new("RGB", size, _WHITE), scaled.getchannel("A"))


def _scaled(
    image: Image.Image, size: tuple[int, int], part: tuple[float, float, float, float]
) -> Image.Image:
    return image.resize(size, Image.Resampling.LANCZOS, part, reducing_gap=3.0)
