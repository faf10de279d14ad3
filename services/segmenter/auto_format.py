"""Decides on a format that is left open: JPEG where every pixel is opaque, else PNG."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from segmenter.imaging.compose import Rows
from segmenter.imaging.matte import Answer
from segmenter.imaging.picture import Picture
from segmenter.imaging.region import region_box
from segmenter.imaging.strips import block_bounds
from segmenter.options import CutOutOptions, OutputChannels, OutputFormat
from segmenter.scene_options import Region

_SUBJECT = 0.5
"""What a network says at least of each pixel of a picture that is all subject."""

_ANYTHING = 0.05
"""What it says at least of the pixels that show something."""


def settled(options: CutOutOptions, *, has_picture_behind: bool) -> CutOutOptions:
    """Puts a format in place of one that is left open, where no pixel is needed to tell."""
    if options.format is not OutputFormat.AUTO:
        return options
    if options.channels is OutputChannels.ALPHA:
        caps = [each for each in (options.max_pixels, options.max_png_pixels) if each]
        return replace(options, format=OutputFormat.PNG, max_pixels=min(caps, default=None))
    ground = options.background
    if has_picture_behind or (ground is not None and ground.alpha == 255):
        return replace(options, format=OutputFormat.JPEG)
    return options


def may_be_opaque(answers: Sequence[Answer], picture: Picture, options: CutOutOptions) -> bool:
    """Tells whether it is worth looking closer, by what the network says of the whole picture.

    Where it is not, nearly all answers have pixels that are not opaque.
    """
    confined = options.region is not None and not _is_all(options.region, picture)
    if confined or picture.alpha is not None or options.placement is not None:
        return False
    alpha_f32 = answers[0].alpha_f32
    shown_f32 = _cropped(alpha_f32) if options.crop else alpha_f32
    return bool(shown_f32.min() >= _SUBJECT)


def is_opaque(rows: Rows) -> bool:
    """Tells whether all pixels are opaque. Of most answers the first rows say that they are not."""
    if rows.channels != 4:
        return rows.channels == 3
    return all(
        bool((rows.block(top, bottom)[:, 3::4] == 255).all())
        for top, bottom in block_bounds(0, rows.height_px, rows.width_px)
    )


def _is_all(region: Region, picture: Picture) -> bool:
    """Tells whether a region is the whole image, as clients ask that name one in any case."""
    return region_box(region, *picture.upright_size).size == picture.upright_size


def _cropped(alpha_f32: NDArray[np.float32]) -> NDArray[np.float32]:
    """Leaves the smallest box around what shows anything; all of it where nothing does."""
    rows, columns = (np.flatnonzero((alpha_f32 > _ANYTHING).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return alpha_f32
    return alpha_f32[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
