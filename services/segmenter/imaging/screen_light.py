"""Makes the light of a green screen neutral, pixel by pixel."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""Rec. ITU-R BT.709."""


@dataclass(frozen=True, slots=True)
class ScreenLight:
    """What the light of a screen does to colours: tables of 256, for levels 0 to 255.

    An amount of it is told by the levels that green gains on the channel that gains least.

    Source: S. Wright, Digital Compositing for Film and Video, chapter "Despill": green limited by
    the larger of the other channels (the rule goes back to P. Vlahos), with the loss of brightness
    made good. Before a screen whose red and blue are equal it is this; before any other the light
    is taken in the screen's own colour, lest one of a bluish green leave its blue.
    """

    over_red: list[int]
    """How much light explains that green exceeds red by so much."""

    over_blue: list[int]
    """Likewise, blue."""

    red: list[int]
    """What red gains when so much light becomes neutral."""

    green: list[int]
    """What green loses."""

    blue: list[int]
    """What blue gains."""

    @classmethod
    def of(cls, screen_f32: NDArray[np.float32]) -> "ScreenLight":
        """Makes the tables for a screen, RGB in 0..255, whose green exceeds its red and blue."""
        above_f32 = screen_f32[1] - screen_f32
        unit_f32 = above_f32 / above_f32.max()
        # Of a light's luma, what its red, green and blue differ by.
        gained_f32 = unit_f32 - unit_f32 @ _LUMA
        return cls(
            over_red=_multiples(1 / unit_f32[0], math.floor),
            over_blue=_multiples(1 / unit_f32[2], math.floor),
            red=_multiples(gained_f32[0], round),
            green=_multiples(-gained_f32[1], round),
            blue=_multiples(gained_f32[2], round),
        )

    def made_neutral(self, rgb: Image.Image, weight: Image.Image | None) -> Image.Image:
        """Gives colours with this light made neutral, until green does not exceed both others.

        Green may still be one level above. Luma (on the values as they are encoded) stays within
        one half; no channel comes to lie above the old green, so that nothing is ever clipped.
        Pixels whose green does not exceed both red and blue keep their very values.

        Args:
            rgb: the colours, mode RGB.
            weight: mode L and of their size: what part of the light is taken, where 255 is all;
                None takes all.
        """
        red, green, blue = rgb.split()
        taken = ImageChops.darker(
            _excess(green, red).point(self.over_red), _excess(green, blue).point(self.over_blue)
        )
        if weight:
            taken = ImageChops.multiply(taken, weight)
        if taken.getbbox() is None:
            return rgb
        # Light is rounded down and levels to the nearest, which leaves all of them between 0 and
        # the old green, so the modulo is never taken.
        bands = (
            ImageChops.add_modulo(red, taken.point(self.red)),
            ImageChops.subtract_modulo(green, taken.point(self.green)),
            ImageChops.add_modulo(blue, taken.point(self.blue)),
        )
        return Image.merge("RGB", bands)


def _multiples(step: float, rounded: Callable[[float], int]) -> list[int]:
    return [min(255, rounded(step * level)) for level in range(256)]


def _excess(band: Image.Image, other: Image.Image) -> Image.Image:
    """Subtracts, down to zero; Pillow's own way divides by a scale, and takes ten times as long."""
    return ImageChops.subtract_modulo(band, ImageChops.darker(band, other))
