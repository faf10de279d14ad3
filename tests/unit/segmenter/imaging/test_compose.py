"""Joining picture and matte."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from segmenter.imaging.compose import (
    CutOutRows,
    MatteRows,
    OpaqueRows,
    Rows,
    TranslucentRows,
)
from segmenter.imaging.crop import Box
from segmenter.imaging.despill import Spill
from segmenter.imaging.foreground import foreground
from segmenter.imaging.matte import Matte
from segmenter.imaging.picture import Picture
from segmenter.imaging.screen_light import ScreenLight
from segmenter.imaging.subject import Subject
from segmenter.scene_options import Colour

RNG = np.random.default_rng(7)
RGB_U8 = RNG.integers(1, 256, (90, 33, 3), dtype=np.uint8)
ALPHA_U8 = RNG.choice(np.array([0, 0, 1, 128, 255], np.uint8), (90, 33))
PICTURE = Picture(rgb=Image.fromarray(RGB_U8), alpha=None, icc_profile=b"profile")
MATTE = Matte(ALPHA_U8, foreground_found=True)
WHOLE, PART = Box(0, 0, 33, 90), Box(5, 11, 30, 88)
ROWS, COLUMNS = slice(PART.top, PART.bottom), slice(PART.left, PART.right)

BLUE = Colour(10, 20, 200)
VEIL = Colour(10, 20, 200, 90)


def subject(box: Box = WHOLE) -> Subject:
    return Subject(PICTURE, MATTE, box)


def unmixed(box: Box = WHOLE) -> Subject:
    return Subject(PICTURE, MATTE, box, foreground=foreground(PICTURE, MATTE))


def pixels(rows: Rows, top: int = 0, bottom: int | None = None) -> NDArray[np.uint8]:
    bottom = rows.height_px if bottom is None else bottom
    return rows.block(top, bottom).reshape(bottom - top, rows.width_px, rows.channels)


KINDS: dict[str, Rows] = {
    "cut-out": CutOutRows(subject(PART)),
    "cut-out, unmixed": CutOutRows(unmixed(PART)),
    "opaque": OpaqueRows(subject(PART), BLUE),
    "opaque, unmixed": OpaqueRows(unmixed(PART), BLUE),
    "translucent": TranslucentRows(subject(PART), VEIL),
    "matte": MatteRows(MATTE, PART),
}


@pytest.fixture(params=list(KINDS))
def rows(request: pytest.FixtureRequest) -> Rows:
    return KINDS[request.param]


def test_visible_pixels_keep_their_colour_and_are_not_premultiplied() -> None:
    rgba_u8 = pixels(CutOutRows(subject()))
    visible = ALPHA_U8 > 0
    assert np.array_equal(rgba_u8[visible][:, :3], RGB_U8[visible])
    assert np.array_equal(rgba_u8[..., 3], ALPHA_U8)


@pytest.mark.parametrize("kind", [subject, unmixed])
def test_hidden_pixels_are_zero(kind: Callable[[], Subject]) -> None:
    assert not pixels(CutOutRows(kind()))[ALPHA_U8 == 0].any()


def test_unmixing_changes_soft_pixels_only() -> None:
    rgba_u8 = pixels(CutOutRows(unmixed()))
    soft = (ALPHA_U8 > 0) & (ALPHA_U8 < 255)
    assert np.array_equal(rgba_u8[ALPHA_U8 == 255][:, :3], RGB_U8[ALPHA_U8 == 255])
    assert not np.array_equal(rgba_u8[soft][:, :3], RGB_U8[soft])
    assert np.array_equal(rgba_u8[..., 3], ALPHA_U8)


def test_blocks_are_the_rows_of_the_whole(rows: Rows) -> None:
    whole = pixels(rows)
    assert np.array_equal(np.vstack([pixels(rows, 0, 1), pixels(rows, 1, 64)]), whole[:64])
    assert np.array_equal(pixels(rows, 64, 77), whole[64:])


def test_blocks_are_the_same_when_read_again(rows: Rows) -> None:
    assert np.array_equal(pixels(rows), pixels(rows))


def test_rows_have_the_size_of_the_box(rows: Rows) -> None:
    assert (rows.width_px, rows.height_px) == (25, 77)


def test_a_part_is_that_part_of_the_whole() -> None:
    assert np.array_equal(
        pixels(CutOutRows(subject(PART))), pixels(CutOutRows(subject()))[ROWS, COLUMNS]
    )
    assert np.array_equal(
        pixels(CutOutRows(unmixed(PART))), pixels(CutOutRows(unmixed()))[ROWS, COLUMNS]
    )
    assert np.array_equal(
        pixels(OpaqueRows(subject(PART), BLUE)), pixels(OpaqueRows(subject(), BLUE))[ROWS, COLUMNS]
    )
    assert np.array_equal(pixels(MatteRows(MATTE, PART))[..., 0], ALPHA_U8[ROWS, COLUMNS])


def test_a_cut_out_has_the_profile_of_its_picture_and_no_ground() -> None:
    rows = CutOutRows(subject())
    assert (rows.channels, rows.icc_profile, rows.ground) == (4, b"profile", None)


def test_over_a_colour_there_is_no_profile() -> None:
    opaque, translucent = OpaqueRows(subject(), BLUE), TranslucentRows(subject(), VEIL)
    assert (opaque.channels, opaque.icc_profile, opaque.ground) == (3, None, BLUE)
    assert (translucent.channels, translucent.icc_profile, translucent.ground) == (4, None, VEIL)


def test_a_colour_shows_where_the_subject_does_not() -> None:
    opaque_u8 = pixels(OpaqueRows(subject(), BLUE))
    assert (opaque_u8[ALPHA_U8 == 0] == BLUE.rgb).all()
    assert np.array_equal(opaque_u8[ALPHA_U8 == 255], RGB_U8[ALPHA_U8 == 255])
    translucent_u8 = pixels(TranslucentRows(subject(), VEIL))
    assert (translucent_u8[ALPHA_U8 == 0] == (*VEIL.rgb, VEIL.alpha)).all()


def test_spill_is_taken_back_before_colours_are_converted() -> None:
    light = ScreenLight.of(np.array([0, 177, 64], np.float32))
    spill = Spill(light, Image.new("L", (17, 45), 255), cell_px=2)
    rows = CutOutRows(Subject(PICTURE, MATTE, WHOLE, to_srgb=ImageOps.invert, spill=spill))
    visible = ALPHA_U8 > 0
    expected_u8 = np.asarray(ImageOps.invert(light.made_neutral(PICTURE.rgb, None)))
    assert np.array_equal(pixels(rows)[visible][:, :3], expected_u8[visible])


def test_a_matte_alone_is_grey_and_has_no_profile() -> None:
    rows = MatteRows(MATTE, WHOLE)
    assert (rows.channels, rows.icc_profile, rows.ground) == (1, None, None)
    assert np.array_equal(rows.block(3, 70), ALPHA_U8[3:70])
