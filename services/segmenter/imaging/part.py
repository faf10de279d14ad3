"""A part of a picture, told so that it holds for every size of that picture."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A box, as shares of the picture's width and height, 0..1."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        """The share of the picture that it covers."""
        return (self.right - self.left) * (self.bottom - self.top)

    def on(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Tells its edges on a grid of that size: left, top, right, bottom; never empty."""
        left, right = _span(self.left, self.right, width)
        top, bottom = _span(self.top, self.bottom, height)
        return left, top, right, bottom


WHOLE = Part(0.0, 0.0, 1.0, 1.0)


def _span(begin: float, end: float, length: int) -> tuple[int, int]:
    first = min(round(begin * length), length - 1)
    return first, max(round(end * length), first + 1)
