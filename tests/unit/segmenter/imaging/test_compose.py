"""Joining picture and matte."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segmenter.imaging.compose import CutOutRows, MatteRows
from segmenter.imaging.matte import Matte
from segmenter.imaging.picture import Picture

RNG = np.random.default_rng(7)
RGB_U8 = RNG.integers(1, 256, (90, 33, 3), dtype=np.uint8)
ALPHA_U8 = RNG.choice(np.array([0, 0, 1, 128, 255], np.uint8), (90, 33))


def cut_out() -> CutOutRows:
    picture = Picture(rgb=Image.fromarray(RGB_U8), alpha=None, icc_profile=b"profile")
    return CutOutRows(picture, Matte(ALPHA_U8, foreground_found=True))


def pixels(rows: CutOutRows, top: int, bottom: int) -> NDArray[np.uint8]:
    return rows.block(top, bottom).reshape(bottom - top, rows.width_px, 4)


def test_visible_pixels_keep_their_colour_and_are_not_premultiplied() -> None:
    rgba_u8 = pixels(cut_out(), 0, 90)
    visible = ALPHA_U8 > 0
    assert np.array_equal(rgba_u8[visible][:, :3], RGB_U8[visible])
    assert np.array_equal(rgba_u8[..., 3], ALPHA_U8)


def test_hidden_pixels_are_zero() -> None:
    assert not pixels(cut_out(), 0, 90)[ALPHA_U8 == 0].any()


def test_blocks_are_the_rows_of_the_whole() -> None:
    rows = cut_out()
    whole = pixels(rows, 0, 90)
    assert np.array_equal(np.vstack([pixels(rows, 0, 1), pixels(rows, 1, 64)]), whole[:64])
    assert np.array_equal(pixels(rows, 64, 90), whole[64:])


def test_a_cut_out_has_the_size_and_profile_of_its_picture() -> None:
    rows = cut_out()
    assert (rows.width_px, rows.height_px, rows.channels) == (33, 90, 4)
    assert rows.icc_profile == b"profile"


def test_a_matte_alone_is_grey_and_has_no_profile() -> None:
    rows = MatteRows(Matte(ALPHA_U8, foreground_found=True))
    assert (rows.width_px, rows.height_px, rows.channels) == (33, 90, 1)
    assert rows.icc_profile is None
    assert np.array_equal(rows.block(3, 70), ALPHA_U8[3:70])
