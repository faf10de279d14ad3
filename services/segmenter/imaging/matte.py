"""Enlarges networks' answers to the matte of a picture, guided by the picture itself."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from segmenter.imaging.enlargement import Enlargement, enlargement
from segmenter.imaging.part import Part
from segmenter.imaging.picture import Picture
from segmenter.imaging.strips import block_bounds

_ALPHA_OF_FOREGROUND = 0.5


@dataclass(frozen=True, slots=True)
class Answer:
    """What a network says of a part of a picture."""

    part: Part

    alpha_f32: NDArray[np.float32]
    """Its matte, [h, w] in 0..1."""

    guide_u8: NDArray[np.uint8]
    """What the picture shows there, in its own colour space, [h, w, 3]."""


@dataclass(frozen=True, slots=True)
class Matte:
    """The coverage of each pixel of a picture, uint8 [H, W]: 255 is subject, 0 is background."""

    alpha_u8: NDArray[np.uint8]
    foreground_found: bool
    """Whether the network's matte reaches one half anywhere. If not, this one is all zero."""


def shows_foreground(alpha_f32: NDArray[np.float32]) -> bool:
    """Tells whether there is a subject in a network's answer, float32 [h, w] in 0..1.

    The answer itself is judged: neither the size of the picture nor its own transparency makes a
    difference.
    """
    return bool(alpha_f32.max() >= _ALPHA_OF_FOREGROUND)


@dataclass(frozen=True, slots=True)
class MatteInWork:
    """A matte that is empty at first; several threads may paint rows of it side by side."""

    matte: Matte
    picture: Picture
    layers: Sequence[Enlargement]

    def paint(self, top: int, bottom: int) -> None:
        """Computes the rows from `top` up to `bottom`."""
        if not self.layers:
            return
        # Block by block, so that no float plane of the full size ever exists.
        for first, last in block_bounds(top, bottom, self.picture.width_px):
            rows_u8 = self.matte.alpha_u8[first:last]
            shown = self.picture.shown((0, first, self.picture.width_px, last))
            for layer in self.layers:
                layer.paint(rows_u8, shown, first)
            if self.picture.alpha is not None:
                rows_u8[:] = _within(rows_u8, self.picture.alpha, first)


def begun(answers: Sequence[Answer], picture: Picture) -> MatteInWork:
    """Begins the matte of a picture, which will never exceed the picture's own alpha.

    The first answer is of the whole picture and decides whether there is a subject; without one
    the matte stays empty. Later answers lie over those before them.
    """
    found = shows_foreground(answers[0].alpha_f32)
    empty_u8 = np.zeros((picture.height_px, picture.width_px), np.uint8)
    layers = _layers(answers, picture) if found else []
    return MatteInWork(Matte(empty_u8, foreground_found=found), picture, layers)


def matte(answers: Sequence[Answer], picture: Picture) -> Matte:
    """Makes the matte of a picture in one go. See `begun`."""
    work = begun(answers, picture)
    work.paint(0, picture.height_px)
    return work.matte


def _layers(answers: Sequence[Answer], picture: Picture) -> list[Enlargement]:
    """Prepares each answer for where no later one lies over it."""
    layers = []
    for answer, *later in (answers[index:] for index in range(len(answers))):
        box = answer.part.on(picture.width_px, picture.height_px)
        layer = enlargement(answer.alpha_f32, answer.guide_u8, box)
        for each in later:
            layer.leave_out(each.part.on(picture.width_px, picture.height_px))
        layers.append(layer)
    return layers


def _within(rows_u8: NDArray[np.uint8], source_alpha: Image.Image, top: int) -> NDArray[np.uint8]:
    """Multiplies rows of the matte by the alpha that the source had there."""
    height, width = rows_u8.shape
    source_rows = source_alpha.crop((0, top, width, top + height))
    return np.asarray(ImageChops.multiply(Image.fromarray(rows_u8), source_rows))
