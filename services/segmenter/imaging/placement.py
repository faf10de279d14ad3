"""Where on its canvas a subject stands, and how large."""

from dataclasses import dataclass

from segmenter.imaging.crop import Box
from segmenter.scene_options import Fit, Placement


@dataclass(frozen=True, slots=True)
class Frame:
    """How an image lies on its canvas, in pixels of the canvas."""

    width_px: int
    """Of the canvas."""
    height_px: int

    scale: float = 1.0
    """Pixels of the canvas for each of the image."""

    left: float = 0.0
    """Where the image begins; negative where it is cut off."""
    top: float = 0.0


def framed(image: tuple[int, int], canvas: tuple[int, int], fit: Fit) -> Frame:
    """Centres an image on a canvas, of any size, that it fits into or covers."""
    scales = [room / side for room, side in zip(canvas, image, strict=True)]
    scale = min(scales) if fit is Fit.CONTAIN else max(scales)
    left, top = ((room - side * scale) / 2 for room, side in zip(canvas, image, strict=True))
    return Frame(*canvas, scale, left, top)


def placed(box: Box, frame: Frame, placement: Placement | None) -> Box:
    """Tells where on the canvas a box of the image comes to lie.

    It may reach beyond the canvas only if the image does, and no scale is asked for.
    """
    if placement is None:
        left, right = _scaled(box.left, box.right, frame.scale, frame.left)
        top, bottom = _scaled(box.top, box.bottom, frame.scale, frame.top)
        return Box(left, top, right, bottom)
    scale = frame.scale
    if placement.scale is not None:
        room = placement.scale * frame.width_px, placement.scale * frame.height_px
        scale = min(room[0] / box.width_px, room[1] / box.height_px)
    width_px, height_px = (max(1, round(side * scale)) for side in box.size)
    middle_x = frame.left + (box.left + box.right) / 2 * frame.scale
    middle_y = frame.top + (box.top + box.bottom) / 2 * frame.scale
    left = _start(frame.width_px - width_px, placement.x, middle_x - width_px / 2)
    top = _start(frame.height_px - height_px, placement.y, middle_y - height_px / 2)
    return Box(left, top, left + width_px, top + height_px)


def _scaled(first: int, last: int, scale: float, offset: float) -> tuple[int, int]:
    """Scales two edges, to the nearest pixel; one pixel is left at least."""
    start = round(offset + first * scale)
    return start, max(start + 1, round(offset + last * scale))


def _start(room_px: int, share: float | None, unmoved: float) -> int:
    """Tells where a side begins, if so much room is beside it; negative where there is none."""
    if share is not None:
        return round(share * room_px)
    start = round(unmoved)
    return min(max(0, start), room_px) if room_px >= 0 else start
