"""What is being worked on, and what more fits in."""

from segmenter.admission.pace import work_px

_MANY_AT_A_TIME = 8


class InWork:
    """Pictures in work, within a budget of pixels; one larger than all of it is in work alone.

    Pixels are counted as whole numbers: what is taken comes back exactly.
    """

    def __init__(self, budget_px: int) -> None:
        self._budget_px = budget_px
        self.count = 0
        self.pixels = 0
        self.work_px = 0

    @property
    def is_busy(self) -> bool:
        """Whether so much is in work that more at a time would not be done faster."""
        return 2 * self.pixels >= self._budget_px or self.count >= _MANY_AT_A_TIME

    def fits(self, pixels: int) -> bool:
        """Tells whether a picture can be begun beside the others."""
        return self.pixels == 0 or self.pixels + pixels <= self._budget_px

    def begin(self, pixels: int) -> None:
        """Counts one that is begun."""
        self.count += 1
        self.pixels += pixels
        self.work_px += work_px(pixels)

    def end(self, pixels: int) -> None:
        """Counts one off."""
        self.count -= 1
        self.pixels -= pixels
        self.work_px -= work_px(pixels)
