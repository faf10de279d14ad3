"""The part of an image that may hold subject."""

from segmenter.errors import InvalidOptionError
from segmenter.imaging.crop import Box
from segmenter.imaging.matte import Matte
from segmenter.imaging.picture import Picture
from segmenter.scene_options import Region

_HALF = 128


def region_box(region: Region, width_px: int, height_px: int) -> Box:
    """Tells a region in pixels of an upright image of that size.

    Raises:
        InvalidOptionError: the image does not have all of it, or it has no pixels.
    """
    box = Box(
        region.left.of(width_px),
        region.top.of(height_px),
        region.right.of(width_px),
        region.bottom.of(height_px),
    )
    across, down = (box.left, box.right), (box.top, box.bottom)
    if min(across + down) < 0 or max(across) > width_px or max(down) > height_px:
        raise InvalidOptionError(
            f"The region reaches beyond the image, which has {width_px} x {height_px} pixels.",
            field="region",
            problem="exceeds_bounds",
        )
    if box.width_px <= 0 or box.height_px <= 0:
        raise InvalidOptionError(
            "The region holds no pixels: its right edge must lie right of its left one, and its "
            "lower edge below its upper one.",
            field="region",
            problem="empty",
        )
    return box


def confine(matte: Matte, picture: Picture, region: Region) -> None:
    """Empties the matte of a picture outside of the region; all of it, if no subject lies within.

    Overwrites the matte; a second time changes nothing. The picture may be smaller than the image
    it shows, of which the region is.

    Raises:
        InvalidOptionError: as `region_box` does.
    """
    full_width_px, full_height_px = picture.upright_size
    box = region_box(region, full_width_px, full_height_px)
    height_px, width_px = matte.alpha_u8.shape
    left, right = _scaled(box.left, box.right, full_width_px, width_px)
    top, bottom = _scaled(box.top, box.bottom, full_height_px, height_px)
    reached = _reaches_half(matte)
    matte.alpha_u8[:top] = 0
    matte.alpha_u8[bottom:] = 0
    matte.alpha_u8[top:bottom, :left] = 0
    matte.alpha_u8[top:bottom, right:] = 0
    if reached and not _reaches_half(matte):
        # The subject lies beyond; what is left of it here is none.
        matte.alpha_u8[:] = 0


def _reaches_half(matte: Matte) -> bool:
    return bool(matte.alpha_u8.max() >= _HALF)


def _scaled(first: int, last: int, from_px: int, to_px: int) -> tuple[int, int]:
    """Scales two edges, to the nearest pixel; one pixel is left at least."""
    start = min(round(first * to_px / from_px), to_px - 1)
    return start, max(start + 1, round(last * to_px / from_px))
