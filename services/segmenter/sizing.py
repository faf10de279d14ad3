"""How large the pictures of one request become, and what they take, before any pixel is decoded."""

from contextlib import suppress
from dataclasses import dataclass

from bounds import fitted_size
from segmenter.auto_format import settled
from segmenter.errors import InvalidOptionError
from segmenter.imaging.backdrop import canvas_size
from segmenter.imaging.encode import check_sides, extra_cost_px
from segmenter.imaging.header import Header
from segmenter.imaging.limits import ImageLimits
from segmenter.imaging.scene import most_margin_px, scene_cost_px
from segmenter.options import CutOutOptions, InputAlpha, OutputFormat


@dataclass(frozen=True, slots=True)
class Sizes:
    """What follows from the headers of a request's pictures and from its wishes."""

    asked: CutOutOptions
    limits: ImageLimits
    header: Header
    behind: Header | None
    """Of the picture behind the subject, where there is one."""

    @property
    def options(self) -> CutOutOptions:
        """The wishes, with the format of the answer wherever it is known already."""
        return settled(self.asked, has_picture_behind=self.behind is not None)

    @property
    def format_of_itself(self) -> OutputFormat:
        """The format of an image that is its own answer, and so is not opaque."""
        asked = self.asked.format
        return OutputFormat.PNG if asked is OutputFormat.AUTO else asked

    @property
    def max_pixels(self) -> int:
        """The most pixels that the image keeps."""
        limit = self.limits.max_output_pixels
        return min(self.options.max_pixels or limit, limit)

    @property
    def max_png_pixels(self) -> int:
        """The same, where the format is left open and becomes PNG."""
        return min(self.options.max_png_pixels or self.max_pixels, self.max_pixels)

    def check(self) -> None:
        """Refuses an answer as early as it is known that its format cannot hold it.

        Raises:
            InvalidOptionError: a side is too long, or the canvas has too many pixels.
        """
        check_sides(self.options.answer_format, *min(self._answer_sizes(), key=max))

    def canvas(self, width_px: int, height_px: int) -> tuple[int, int] | None:
        """Tells the size of the answer, where an upright background of that size decides on it.

        Raises:
            InvalidOptionError: it has too many pixels.
        """
        return canvas_size(self.options, width_px, height_px, self.limits.max_output_pixels)

    def enough_px(self, network_px: int) -> tuple[int, int] | None:
        """Tells at which width and height nothing of the image would be lost; None is at its own.

        Twice the answer's sides leave the filter something to choose from. A network needs as many
        pixels a side as it takes.
        """
        size = self._fitted_size()
        if size == (self.header.width_px, self.header.height_px):
            return None
        width_px, height_px = (max(2 * side_px, network_px) for side_px in size)
        return width_px, height_px

    def enough_px_behind(self) -> tuple[int, int]:
        """Tells the same of the background, which may lie on its side yet."""
        side_px = 2 * max(max(size) for size in self._answer_sizes())
        return side_px, side_px

    def cost_px(self) -> int:
        """Tells how much memory a request will take, in pixels of pictures in work."""
        options = self.options
        picture_px = min(self.header.pixels, self.max_pixels)
        answer_px, backdrop_px = picture_px, 0
        sent_px = self.header.pixels
        if self.behind is not None:
            answer_px = max(width_px * height_px for width_px, height_px in self._answer_sizes())
            sent_px, backdrop_px = sent_px + self.behind.pixels, answer_px
        scene_px = scene_cost_px(options, picture_px, backdrop_px)
        answer_px += most_margin_px(options, answer_px)
        written_px = extra_cost_px(options.answer_format, answer_px)
        return sent_px + max(scene_px + written_px, self._cost_of_itself_px())

    def _cost_of_itself_px(self) -> int:
        """Tells what it takes to write the image as its own answer, which other wishes leave so."""
        if self.asked.input_alpha is not InputAlpha.RETURN:
            return 0
        answer_px = min(self.header.pixels, self.limits.max_output_pixels)
        return extra_cost_px(self.format_of_itself, answer_px)

    def _fitted_size(self) -> tuple[int, int]:
        return fitted_size(self.header.width_px, self.header.height_px, self.max_pixels)

    def _answer_sizes(self) -> list[tuple[int, int]]:
        """Tells width and height of the answer, for either way up that a background may lie.

        Raises:
            InvalidOptionError: the canvas is too large either way.
        """
        if self.behind is None:
            return [self._fitted_size()]
        width_px, height_px = self.behind.width_px, self.behind.height_px
        sizes = []
        for size in ((width_px, height_px), (height_px, width_px)):
            with suppress(InvalidOptionError):
                sizes.append(self.canvas(*size) or self._fitted_size())
        return sizes or [self.canvas(width_px, height_px) or self._fitted_size()]
