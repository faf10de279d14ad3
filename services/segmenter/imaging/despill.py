"""Takes back the green light that a green screen has cast on a subject.

Where there is such light is judged coarsely and once, in cells: before a background that is a
saturated green, on a subject that is not so by itself. How much of it a pixel has is judged pixel
by pixel when its row is composed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from segmenter.imaging.cells import enlarged
from segmenter.imaging.foreground import Foreground
from segmenter.imaging.kernels.pull_push import pulled_and_pushed
from segmenter.imaging.matte import Matte
from segmenter.imaging.screen_light import ScreenLight

_LEAST_GREEN, _FULL_GREEN = 0.2, 0.4
"""Green over red and blue, as a share of green. What a screen lights up, with a third of the light
that falls on it otherwise, stays below the first; screens, leaves and clothes are beyond the other.
"""

_DARKEST_GREEN = 48
"""Below it, a share of green is no more than noise."""

_INSIDE_ALPHA_U8 = 230
_RIM_CELLS = 2
"""So far from its edge, about 1 % of the picture, a subject is taken to show its own colour."""


@dataclass(frozen=True, slots=True)
class Spill:
    """Where a subject may have a screen's light on it. May be used from several threads."""

    light: ScreenLight
    weight: Image.Image
    """Mode L, a pixel for each square of `cell_px`; 255 where all of the light is taken."""

    cell_px: int
    """The side of a cell, a power of two."""

    def remove(self, rgb: Image.Image, alpha_u8: NDArray[np.uint8], left: int, top: int) -> None:
        """Overwrites a part of the picture with its colours in neutral light.

        Pixels whose green does not exceed both red and blue keep their very values, and so do
        those of weight 0. Whatever part they are in, pixels come out the same.

        Args:
            rgb: the part, mode RGB.
            alpha_u8: its matte, uint8 [H, W]; where it is 0 pixels end up with any colour.
            left: where in the picture the part lies, in pixels.
            top: likewise.
        """
        seen = Image.fromarray(alpha_u8).getbbox()
        if seen is None:
            return
        place = (left + seen[0], top + seen[1], left + seen[2], top + seen[3])
        lowest, highest = self._range(place)
        if highest == 0:
            return
        even = lowest == 255
        weight = None if even else enlarged(self.weight, self.cell_px, place)
        rgb.paste(self.light.made_neutral(rgb.crop(seen), weight), seen)

    def _range(self, place: tuple[int, int, int, int]) -> tuple[int, int]:
        """Tells the bounds of the weight in a part of the picture, cheaply."""
        left, top, right, bottom = place
        # A cell more on every side: so far the enlarging looks. What is outside is cut off.
        first = (max(0, left // self.cell_px - 1), max(0, top // self.cell_px - 1))
        last = (-(-right // self.cell_px) + 1, -(-bottom // self.cell_px) + 1)
        width, height = self.weight.size
        near = self.weight.crop((*first, min(width, last[0]), min(height, last[1])))
        lowest, highest = np.asarray(near).min(), np.asarray(near).max()
        return int(lowest), int(highest)


def spill(colours: Foreground, matte: Matte) -> Spill | None:
    """Tells where a screen's light may lie on a subject; None where no background is a screen.

    The background is judged by its colour nearby. The subject is judged by its colour well inside
    of it, carried to its edge from there: at the edge itself, what is green may be the screen.

    Args:
        colours: of subject and background.
        matte: of the same picture.
    """
    background_f32 = np.asarray(colours.background, np.float32)
    screen_f32 = _green(background_f32)
    if not screen_f32.any():
        return None
    light = ScreenLight.of(
        np.average(background_f32.reshape(-1, 3), axis=0, weights=screen_f32.ravel())
    )
    weight_f32 = 255 * screen_f32 * (1 - _green(_colour_inside(colours, matte)))
    weight_u8 = (weight_f32 + np.float32(0.5)).astype(np.uint8)
    return Spill(light, Image.fromarray(weight_u8), colours.cell_px)


def _green(rgb_f32: NDArray[np.float32]) -> NDArray[np.float32]:
    """Tells how much of a saturated green colours are, 0 to 1, float32 [H, W]."""
    green_f32 = rgb_f32[..., 1]
    excess_f32 = green_f32 - np.maximum(rgb_f32[..., 0], rgb_f32[..., 2])
    share_f32 = excess_f32 / np.maximum(green_f32, np.float32(_DARKEST_GREEN))
    ramp_f32: NDArray[np.float32] = (share_f32 - np.float32(_LEAST_GREEN)) / np.float32(
        _FULL_GREEN - _LEAST_GREEN
    )
    return ramp_f32.clip(0, 1)


def _colour_inside(colours: Foreground, matte: Matte) -> NDArray[np.float32]:
    """Carries the subject's colours from well inside it to everywhere, float32 [H, W, 3].

    Where a subject is nowhere that thick its colour is not known, and black.
    """
    cover = Image.fromarray(matte.alpha_u8).reduce(colours.cell_px)
    inner_u8 = np.asarray(cover.filter(ImageFilter.MinFilter(2 * _RIM_CELLS + 1)))
    inside: NDArray[np.bool_] = inner_u8 >= _INSIDE_ALPHA_U8
    known_f32 = np.dstack([np.asarray(colours.subject), np.full(inside.shape, 255)]).astype(
        np.float32
    )
    known_f32 *= inside[..., None]
    return pulled_and_pushed(known_f32)
