"""What colour the subject has where it mixes with its background.

A pixel of a soft edge shows a x subject + (1 - a) x background. Both colours are known where the
matte is 255 or 0; from there they are spread over the edge, coarsely and once, in cells. Each
pixel is unmixed with them when its row is composed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from segmenter.imaging.kernels.cells import weighed
from segmenter.imaging.kernels.colours import unmix
from segmenter.imaging.kernels.pixels import pixels_of
from segmenter.imaging.kernels.pull_push import pulled_and_pushed
from segmenter.imaging.kernels.scaling import reduced
from segmenter.imaging.matte import Matte
from segmenter.imaging.picture import Picture
from segmenter.imaging.strips import block_bounds, rows_a_block

_MOST_CELLS = 1 << 16
_SMALLEST_CELL_PX = 2
_SAMPLES_ACROSS_A_CELL = 4

_TILE_PX = 32
"""What is soft is looked for in tiles, of as many columns and all rows of a block."""

_KNOWN_POWER = 16
"""A pixel tells a colour by its share of it to this power: 0.95 counts 0.44, and 0.8 hardly."""

_KNOWN_WEIGHT = [round(255 * (share / 255) ** _KNOWN_POWER) for share in range(256)]

_UNIT = 128


def _subject_share(alpha: float) -> float:
    """Tells how much of an unexplained difference is the subject's; exactly 0 and 1 at the ends."""
    return alpha / (alpha**2 + (1 - alpha) ** 2 + alpha * (1 - alpha))


_SUBJECT_SHARE = np.array(
    [round(_UNIT * _subject_share(alpha / 255)) for alpha in range(256)], np.uint8
)


@dataclass(frozen=True, slots=True)
class Foreground:
    """The colours of a picture's subject and of its background, spread over all of it.

    Both are RGB, in the colour space of the picture, a pixel for each square of `cell_px`, which
    is a power of two. May be used from several threads.

    Sources: the unmixing is that of M. Forte, Approximate Fast Foreground Colour Estimation, ICIP
    2021, F = F' + w (I - a F' - (1 - a) B'), clipped; there w is a. With w = a / (a² + (1 - a)²)
    it would be the smallest change of F' and B' that explains the pixel (T. Germer et al., Fast
    Multi-Level Foreground Estimation, ICPR 2020, for one pixel by itself). The term a (1 - a)
    added below allows for a matte that is not exact either. F' and B' are pulled and pushed in
    place of two blurs.
    """

    subject: Image.Image
    background: Image.Image
    cell_px: int

    def unmix(self, rgb: Image.Image, share_u8: NDArray[np.uint8], left: int, top: int) -> None:
        """Overwrites a part of the picture with the subject's own colours.

        Pixels whose share is 255 or 0 keep their values. Whatever part they are in, pixels come
        out the same.

        Args:
            rgb: the part, mode RGB, of at most 16 MB.
            share_u8: the subject's share of each pixel, uint8 [H, W].
            left: where in the picture the part lies, in pixels.
            top: likewise.
        """
        cells = pixels_of(self.subject), pixels_of(self.background), self.cell_px
        unmix(pixels_of(rgb), share_u8, cells, (left, top), _SUBJECT_SHARE)


def foreground(picture: Picture, matte: Matte) -> Foreground | None:
    """Estimates the colours of subject and background; None where the matte has no soft pixel."""
    height_px, width_px = matte.alpha_u8.shape
    blocks = block_bounds(0, height_px, width_px)
    if not any(_soft(matte.alpha_u8[top:bottom]).any() for top, bottom in blocks):
        return None
    return estimated(picture, matte)


def estimated(picture: Picture, matte: Matte) -> Foreground:
    """Estimates the colours of subject and background.

    Time and memory hardly grow with the picture: at most 65,536 cells are made, out of sixteen
    samples each. What a transparent source hides, or half hides, counts by its alpha. A colour
    that is to be seen nowhere is black.
    """
    height_px, width_px = matte.alpha_u8.shape
    cell_px = _cell_px(width_px, height_px)
    sample_px = max(1, cell_px // _SAMPLES_ACROSS_A_CELL)
    pixels_u8, source_alpha = _sampled(picture, sample_px)
    alpha = Image.fromarray(matte.alpha_u8).reduce(sample_px)
    share = Image.fromarray(subject_share(np.asarray(alpha), source_alpha))
    samples_a_cell = cell_px // sample_px
    subject, background = (
        _spread(pixels_u8, each, source_alpha, samples_a_cell)
        for each in (share, ImageChops.invert(share))
    )
    return Foreground(subject, background, cell_px)


def subject_share(
    alpha_u8: NDArray[np.uint8], source_alpha: Image.Image | None
) -> NDArray[np.uint8]:
    """Tells what part of each pixel's colour is the subject's, uint8 [H, W].

    It is the matte, less the transparency that the source brought along: what shines through
    there is no part of its colours.
    """
    if source_alpha is None:
        return alpha_u8
    source_u16 = np.asarray(source_alpha, np.uint16)
    # At most 255 x 255 and a half of 255: it fits.
    scaled_u16 = alpha_u8.astype(np.uint16) * np.uint16(255) + source_u16 // 2
    share_u16: NDArray[np.uint16] = scaled_u16 // np.maximum(source_u16, 1)
    return share_u16.clip(0, 255).astype(np.uint8)


def soft_spans(share_u8: NDArray[np.uint8]) -> Iterator[tuple[int, int]]:
    """Gives the columns, from and up to, of the runs of tiles that hold any soft pixel."""
    width_px = share_u8.shape[1]
    tiles = np.logical_or.reduceat(_soft(share_u8).any(axis=0), np.arange(0, width_px, _TILE_PX))
    # Runs begin and end where neighbours differ, and beyond the ends nothing is soft.
    edges = np.flatnonzero(np.diff(tiles, prepend=False, append=False)) * _TILE_PX
    for start, end in edges.reshape(-1, 2).tolist():
        yield start, min(end, width_px)


def _soft(share_u8: NDArray[np.uint8]) -> NDArray[np.bool_]:
    # Zero wraps around to 255.
    return (share_u8 - np.uint8(1)) < 254


def _cell_px(width_px: int, height_px: int) -> int:
    cell_px = _SMALLEST_CELL_PX
    while -(-width_px // cell_px) * -(-height_px // cell_px) > _MOST_CELLS:
        cell_px *= 2
    return cell_px


def _sampled(picture: Picture, sample_px: int) -> tuple[NDArray[np.uint8], Image.Image | None]:
    """Reduces colour, weighted by alpha, uint8 [h, w, 4], and alpha."""
    if picture.alpha is None:
        return reduced(picture.rgb, sample_px, sample_px), None
    size = (-(-picture.width_px // sample_px), -(-picture.height_px // sample_px))
    sampled = Image.new("RGBA", size)
    # Strip by strip, so that no premultiplied copy of the full size ever exists.
    rows = rows_a_block(picture.width_px) * sample_px
    for top in range(0, picture.height_px, rows):
        bottom = min(top + rows, picture.height_px)
        box = (0, top, picture.width_px, bottom)
        strip = picture.rgb.crop(box)
        strip.putalpha(picture.alpha.crop(box))
        sample = strip.convert("RGBa").reduce(sample_px).convert("RGBA")
        sampled.paste(sample, (0, top // sample_px))
    return np.asarray(sampled), sampled.getchannel("A")


def _spread(
    pixels_u8: NDArray[np.uint8],
    share: Image.Image,
    source_alpha: Image.Image | None,
    samples_a_cell: int,
) -> Image.Image:
    """Carries a colour from where it is known to everywhere, cell by cell.

    Where it is known nowhere, mixtures count by their share of it, in relation to the largest.
    """
    weight = share.point(_KNOWN_WEIGHT)
    if weight.getbbox() is None:
        largest = max(1, int(np.asarray(share).max()))
        weight = share.point([min(255, 255 * each // largest) for each in range(256)])
    if source_alpha is not None:
        weight = ImageChops.multiply(weight, source_alpha)
    cells_f32 = weighed(pixels_u8, np.asarray(weight), samples_a_cell)
    colour_f32 = pulled_and_pushed(cells_f32)
    return Image.fromarray((colour_f32 + np.float32(0.5)).astype(np.uint8))
