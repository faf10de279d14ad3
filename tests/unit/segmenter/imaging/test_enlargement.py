"""Enlarging one answer, beside Pillow's bilinear enlargement of the same planes."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from segmenter.imaging.enlargement import Enlargement, enlargement

LEFT_PX, BESIDE = 37, 7


def answer(width: int, height: int) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """A soft round matte, and colours that have to do with it and with noise."""
    y, x = np.mgrid[0:height, 0:width]
    distance = np.hypot((x + 0.5) / width - 0.5, (y + 0.5) / height - 0.5)
    alpha_f32 = np.clip((0.35 - distance) * 8 + 0.5, 0, 1).astype(np.float32)
    noise = np.random.default_rng(5).integers(0, 40, (height, width, 3))
    guide_u8 = (alpha_f32[..., None] * 180 + noise).astype(np.uint8)
    return alpha_f32, guide_u8


def painted(layer: Enlargement, shown: Image.Image, rows_at_a_time: int) -> NDArray[np.uint8]:
    """The box of a layer, and what stands beside it, which stays as it was."""
    matte_u8 = np.full((shown.height, shown.width), BESIDE, np.uint8)
    for top in range(0, shown.height, rows_at_a_time):
        bottom = min(top + rows_at_a_time, shown.height)
        part = shown.crop((0, top, shown.width, bottom))
        layer.paint(matte_u8[top:bottom], part, top)
    return matte_u8


def by_pillow(layer: Enlargement, colours: Image.Image) -> NDArray[np.float32]:
    """Alpha in 0..255 before it is rounded."""
    *factors, alpha_f32, lowest, highest = (
        np.array(Image.fromarray(plane).resize(colours.size, Image.Resampling.BILINEAR))
        for plane in layer.planes_f32
    )
    for factor, channel in zip(factors, colours.split(), strict=True):
        alpha_f32 += factor * np.asarray(channel)
    return alpha_f32.clip(lowest, highest).clip(0, 255)


@pytest.mark.parametrize(
    ("cells", "pixels"),
    [
        ((32, 24), (320, 240)),
        ((32, 24), (77, 131)),
        ((32, 24), (2048, 50)),
        ((32, 24), (2049, 50)),
        ((40, 30), (5000, 33)),
        ((32, 24), (32, 24)),
        ((32, 24), (33, 24)),
        ((32, 24), (31, 24)),
        ((32, 24), (32, 23)),
        ((32, 24), (9, 200)),
        ((32, 24), (200, 5)),
        ((32, 24), (1, 1)),
        ((1, 1), (60, 40)),
        ((1, 24), (60, 40)),
        ((32, 1), (60, 40)),
    ],
    ids=lambda size: "{} x {}".format(*size),
)
def test_pixels_are_those_of_a_bilinear_enlargement(
    cells: tuple[int, int], pixels: tuple[int, int]
) -> None:
    width, height = pixels
    alpha_f32, guide_u8 = answer(*cells)
    colours = Image.fromarray(guide_u8).resize(pixels)
    shown = Image.new("RGB", (LEFT_PX + width + 3, height))
    shown.paste(colours, (LEFT_PX, 0))
    layer = enlargement(alpha_f32, guide_u8, (LEFT_PX, 0, LEFT_PX + width, height))

    matte_u8 = painted(layer, shown, rows_at_a_time=16)

    inside_u8 = matte_u8[:, LEFT_PX : LEFT_PX + width]
    assert np.abs(inside_u8 - by_pillow(layer, colours)).max() < 0.5 + 1e-2
    assert (matte_u8[:, :LEFT_PX] == BESIDE).all()
    assert (matte_u8[:, LEFT_PX + width :] == BESIDE).all()


@pytest.mark.parametrize("rows_at_a_time", [1, 7, 64, 1000])
def test_it_makes_no_difference_how_many_rows_are_painted_at_a_time(rows_at_a_time: int) -> None:
    alpha_f32, guide_u8 = answer(32, 24)
    shown = Image.fromarray(guide_u8).resize((411, 301))
    layer = enlargement(alpha_f32, guide_u8, (0, 0, 411, 301))

    matte_u8 = painted(layer, shown, rows_at_a_time)

    in_one_piece_u8 = painted(layer, shown, 301)
    difference = np.abs(matte_u8.astype(int) - in_one_piece_u8)
    assert difference.max() <= 1
    assert (difference > 0).mean() < 1e-3
