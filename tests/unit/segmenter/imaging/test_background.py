"""Compositing over a colour, to the last digit."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from segmenter.imaging.background import (
    WHITE,
    on_white,
    over_alpha,
    over_opaque,
    over_plane,
    over_translucent,
)
from segmenter.scene_options import Colour

LEVEL = st.integers(0, 255)
OPAQUE = st.builds(Colour, LEVEL, LEVEL, LEVEL)
TRANSLUCENT = st.builds(Colour, LEVEL, LEVEL, LEVEL, st.integers(1, 254))


def all_pairs() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Grey of every level with every alpha: uint8 [256, 256, 3] and uint8 [256, 256]."""
    alpha_u8, level_u8 = np.mgrid[0:256, 0:256].astype(np.uint8)
    return np.repeat(level_u8[..., None], 3, axis=2), alpha_u8


RGB_U8, ALPHA_U8 = all_pairs()


@given(ground=OPAQUE)
@settings(max_examples=25, deadline=None)
def test_over_an_opaque_colour_every_value_is_the_nearest(ground: Colour) -> None:
    rgb_u8 = over_opaque(Image.fromarray(RGB_U8), ALPHA_U8, ground).reshape(256, 256, 3)

    alpha = ALPHA_U8[..., None].astype(int)
    # 255 is odd, so no value lies in the middle of two.
    exact = (alpha * RGB_U8 + (255 - alpha) * np.array(ground.rgb) + 127) // 255
    assert np.array_equal(rgb_u8, exact)


@given(ground=TRANSLUCENT)
@settings(max_examples=25, deadline=None)
def test_over_a_translucent_colour_every_value_is_the_nearest(ground: Colour) -> None:
    rows_u8 = over_translucent(Image.fromarray(RGB_U8), ALPHA_U8, ground)
    rgba = rows_u8.reshape(256, 256, 4).astype(np.int64)

    subject = ALPHA_U8.astype(np.int64) * 255
    behind = (255 - ALPHA_U8.astype(np.int64)) * ground.alpha
    whole = subject + behind
    assert (np.abs(rgba[..., 3] * 255 - whole) * 2 <= 255).all()
    for channel, value in enumerate(ground.rgb):
        exact = subject * RGB_U8[..., channel] + behind * value
        assert (np.abs(rgba[..., channel] * whole - exact) * 2 <= whole).all()


@pytest.mark.parametrize("ground", [Colour(3, 130, 250, 1), Colour(3, 130, 250, 254)])
def test_full_and_no_alpha_keep_the_colours_of_subject_and_ground(ground: Colour) -> None:
    rgba_u8 = over_translucent(Image.fromarray(RGB_U8), ALPHA_U8, ground).reshape(256, 256, 4)

    assert np.array_equal(rgba_u8[255, :, :3], RGB_U8[255])
    assert (rgba_u8[255, :, 3] == 255).all()
    assert (rgba_u8[0] == (*ground.rgb, ground.alpha)).all()


@given(colour=TRANSLUCENT, level=LEVEL, alpha=LEVEL)
@settings(max_examples=200, deadline=None)
def test_one_pixel_agrees_with_fractions(colour: Colour, level: int, alpha: int) -> None:
    pixel = Image.new("RGB", (1, 1), (level, level, level))
    (rgba,) = over_translucent(pixel, np.array([[alpha]], np.uint8), colour)

    subject, behind = Fraction(alpha, 255), (1 - Fraction(alpha, 255)) * Fraction(colour.alpha, 255)
    red = (subject * level + behind * colour.red) / (subject + behind)
    assert abs(int(rgba[0]) - red) <= Fraction(1, 2)
    assert abs(int(rgba[3]) - 255 * (subject + behind)) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        (None, WHITE),
        (Colour(1, 2, 3), Colour(1, 2, 3)),
        (Colour(0, 0, 0, 128), Colour(127, 127, 127)),
        (Colour(0, 255, 0, 1), Colour(254, 255, 254)),
        (Colour(0, 0, 0, 254), Colour(1, 1, 1)),
    ],
)
def test_on_white_paper(colour: Colour | None, expected: Colour) -> None:
    assert on_white(colour) == expected


def test_the_alpha_of_two_planes_is_the_nearest() -> None:
    above_u8, below_u8 = np.mgrid[0:256, 0:256].astype(np.uint8)

    both = over_alpha(above_u8, below_u8).astype(int)

    above, below = above_u8.astype(int), below_u8.astype(int)
    exact = 255 * above + (255 - above) * below
    assert (np.abs(both * 255 - exact) * 2 <= 255).all()
    assert np.array_equal(both > 0, (above > 0) | (below > 0))


@given(ground=OPAQUE, level=LEVEL)
@settings(max_examples=25, deadline=None)
def test_over_a_plane_every_colour_that_is_seen_is_the_nearest(ground: Colour, level: int) -> None:
    above_u8, below_u8 = np.mgrid[0:256, 0:256].astype(np.uint8)
    rgb = Image.new("RGB", (256, 256), (level, 255 - level, 7))

    mixed = np.asarray(over_plane(rgb, above_u8, ground, below_u8)).astype(np.int64)

    subject = above_u8.astype(np.int64) * 255
    behind = (255 - above_u8.astype(np.int64)) * below_u8
    whole = subject + behind
    for channel, value in enumerate(ground.rgb):
        exact = subject * (level, 255 - level, 7)[channel] + behind * value
        assert (np.abs(mixed[..., channel] * whole - exact) * 2 <= whole)[whole > 0].all()


@given(ground=TRANSLUCENT)
@settings(max_examples=10, deadline=None)
def test_a_plane_of_one_alpha_is_a_translucent_colour(ground: Colour) -> None:
    plane_u8 = np.full_like(ALPHA_U8, ground.alpha)
    rgb = over_plane(Image.fromarray(RGB_U8), ALPHA_U8, ground, plane_u8)
    rgba_u8 = over_translucent(Image.fromarray(RGB_U8), ALPHA_U8, ground).reshape(256, 256, 4)

    assert np.array_equal(np.asarray(rgb), rgba_u8[..., :3])
    assert np.array_equal(over_alpha(ALPHA_U8, plane_u8), rgba_u8[..., 3])
