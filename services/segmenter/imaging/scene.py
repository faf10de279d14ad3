"""Where in an answer everything lies, and what it costs to put it there. Knows no pixels."""

from dataclasses import dataclass

from segmenter.imaging.crop import Box, narrowed, with_margins
from segmenter.imaging.encode import BYTES_IN_WORK
from segmenter.imaging.placement import Frame, framed, placed
from segmenter.imaging.relocation import Move
from segmenter.options import CutOutOptions
from segmenter.scene_options import NO_MARGINS, Canvas

_ANSWER_BYTES = 5
"""A pixel of a canvas that is not the picture's: what is made of it to be encoded."""
_MOVED_BYTES, _MOVING_BYTES = 5, 4
"""A pixel of the canvas: a moved subject's colours and matte; what it takes beside them to make
them, as much again for a pixel of the picture."""
_BACKDROP_BYTES, _BLURRING_BYTES = 4, 8
_LAYER_BYTES, _LAYING_BYTES = 1, 4
"""A pixel of the canvas, for a stroke as for a shadow."""

_MARGIN_BYTES = 4
_MOST_MARGIN_PX = 20_000_000
"""So many pixels does a margin add to pictures of usual shapes; the narrowest may have more."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What an answer shows of a canvas, and where."""

    box: Box
    """The part of the canvas that is shown."""
    left_px: int
    """The border on its left."""
    top_px: int
    size: tuple[int, int]
    """Width and height of the answer."""

    @property
    def bordered(self) -> bool:
        """Whether there is any border."""
        return self.size != self.box.size


def move(
    seen: Box | None, image: tuple[int, int], canvas: tuple[int, int] | None, options: CutOutOptions
) -> Move | None:
    """Tells where a subject goes; None where everything stays.

    Args:
        seen: the box of the subject, if any is visible.
        image: width and height of the picture.
        canvas: those of the answer, where they are not the picture's.
        options: of the request.
    """
    frame = framed(image, canvas, options.background_picture.fit) if canvas else Frame(*image)
    source = seen or Box(0, 0, *image)
    placement = None if options.crop or seen is None else options.placement
    target = placed(source, frame, placement)
    stays = target == source and canvas in {None, image}
    return None if stays else Move(source, target, canvas or image)


def cut(seen: Box | None, canvas: tuple[int, int], options: CutOutOptions, max_pixels: int) -> Cut:
    """Tells what is shown of a canvas.

    Args:
        seen: the box of all that is visible; it matters to a crop only.
        canvas: width and height.
        options: of the request.
        max_pixels: the most that an answer has; margins are narrowed to that.
    """
    if seen is None or not options.crop:
        return Cut(Box(0, 0, *canvas), 0, 0, canvas)
    outer = narrowed(with_margins(seen, options.crop_margin), seen, max_pixels)
    return Cut(seen, seen.left - outer.left, seen.top - outer.top, outer.size)


def scene_cost_px(options: CutOutOptions, answer_px: int, backdrop_px: int) -> int:
    """Tells how many more pixels could be in work in the memory that a scene takes.

    What its steps keep adds up; of what they need for a while, only the largest counts.

    Args:
        options: of the request.
        answer_px: pixels of the picture, once it has the size of the answer.
        backdrop_px: pixels of the canvas with a picture behind the subject; 0 where there is none.
    """
    own_canvas = backdrop_px > 0 and options.background_picture.canvas is Canvas.BACKGROUND
    canvas_px = backdrop_px if own_canvas else answer_px
    kept_bytes = backdrop_px * _BACKDROP_BYTES + own_canvas * canvas_px * _ANSWER_BYTES
    most_bytes = 0
    if backdrop_px and options.background_picture.blur:
        most_bytes = backdrop_px * _BLURRING_BYTES
    if own_canvas or (options.placement and not options.crop):
        kept_bytes += canvas_px * _MOVED_BYTES
        most_bytes = max(most_bytes, (answer_px + canvas_px) * _MOVING_BYTES)
    layers = (options.stroke is not None) + (options.shadow is not None)
    if layers:
        kept_bytes += layers * canvas_px * _LAYER_BYTES
        most_bytes = max(most_bytes, canvas_px * _LAYING_BYTES)
    kept_bytes += most_margin_px(options, canvas_px) * _MARGIN_BYTES
    return (kept_bytes + most_bytes) // BYTES_IN_WORK


def most_margin_px(options: CutOutOptions, canvas_px: int) -> int:
    """Tells how many pixels the margins of a crop add at most to a canvas of so many."""
    if not options.crop or options.crop_margin == NO_MARGINS:
        return 0
    return min(3 * canvas_px, _MOST_MARGIN_PX)
