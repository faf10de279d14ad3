"""Subjects that are moved and scaled."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageOps

from segmenter.imaging.crop import Box
from segmenter.imaging.matte import Matte
from segmenter.imaging.picture import Picture
from segmenter.imaging.relocation import Move, moved, moved_matte
from segmenter.imaging.subject import Subject

RNG = np.random.default_rng(11)
RGB_U8 = RNG.integers(0, 256, (60, 80, 3), dtype=np.uint8)
BOX = Box(10, 8, 40, 50)
ALPHA_U8 = np.zeros((60, 80), np.uint8)
ALPHA_U8[8:50, 10:40] = RNG.choice(np.array([1, 90, 255], np.uint8), (42, 30))


def subject(rgb_u8: NDArray[np.uint8], alpha_u8: NDArray[np.uint8]) -> Subject:
    matte = Matte(alpha_u8, foreground_found=True)
    return Subject(Picture(Image.fromarray(rgb_u8), None, b"profile"), matte, Box.whole(matte))


def pixels(shown: Subject) -> NDArray[np.uint8]:
    return np.asarray(shown.rgb(0, shown.height_px))


@pytest.mark.parametrize(
    "target",
    [BOX, Box(0, 0, 30, 42), Box(70, 30, 100, 72), Box(-7, -9, 23, 33), Box(95, 60, 125, 102)],
    ids=["stays", "corner", "far corner", "cut off before", "cut off behind"],
)
def test_what_is_only_moved_keeps_its_very_pixels(target: Box) -> None:
    canvas = (100, 72)
    shown = moved(subject(RGB_U8, ALPHA_U8), Move(BOX, target, canvas))
    room = 60
    rgb_u8 = np.zeros((72 + 2 * room, 100 + 2 * room, 3), np.uint8)
    alpha_u8 = np.zeros(rgb_u8.shape[:2], np.uint8)
    rows = slice(target.top + room, target.bottom + room)
    columns = slice(target.left + room, target.right + room)
    rgb_u8[rows, columns] = RGB_U8[8:50, 10:40]
    alpha_u8[rows, columns] = ALPHA_U8[8:50, 10:40]
    assert shown.box == Box(0, 0, *canvas)
    assert np.array_equal(pixels(shown), rgb_u8[room:-room, room:-room])
    assert np.array_equal(shown.matte.alpha_u8, alpha_u8[room:-room, room:-room])


@pytest.mark.parametrize(
    "target", [Box(200, 0, 230, 42), Box(0, -50, 30, -8), Box(99, 72, 140, 99)]
)
def test_what_leaves_its_canvas_is_gone(target: Box) -> None:
    shown = moved(subject(RGB_U8, ALPHA_U8), Move(BOX, target, (100, 72)))
    assert shown.visible_box() is None


@pytest.mark.parametrize("target", [Box(0, 0, 60, 84), Box(5, 5, 20, 26), Box(3, 4, 14, 61)])
def test_a_box_is_scaled_to_just_its_target(target: Box) -> None:
    alpha_u8 = np.where(ALPHA_U8 > 0, 255, 0).astype(np.uint8)
    shown = moved(subject(RGB_U8, alpha_u8), Move(BOX, target, (100, 100)))
    assert shown.visible_box() == target
    inside = shown.matte.alpha_u8[target.top : target.bottom, target.left : target.right]
    assert inside.min() == 255


@pytest.mark.parametrize(
    "target", [Box(10, 10, 90, 122), Box(10, 10, 30, 38), Box(-40, 0, 200, 336)]
)
def test_one_colour_stays_so_up_to_the_edge_and_nothing_bleeds(target: Box) -> None:
    y, x = np.mgrid[:60, :80]
    disc_u8 = np.where(np.hypot(x - 40, y - 30) < 20, 255, 0).astype(np.uint8)
    rgb_u8 = np.where(disc_u8[..., None] > 0, (180, 130, 20), (0, 0, 255)).astype(np.uint8)
    box = Box(20, 2, 60, 58)
    shown = moved(subject(rgb_u8, disc_u8), Move(box, target, (140, 140)))
    seen = shown.matte.alpha_u8 > 40
    off = np.abs(pixels(shown)[seen].astype(int) - (180, 130, 20))
    # At an alpha of 40, a seventh of it, values are rounded to seven levels.
    assert off.max() <= 7
    assert off[shown.matte.alpha_u8[seen] > 200].max() <= 3


def test_an_edge_is_smooth_and_nothing_shines_around_it() -> None:
    alpha_u8 = np.zeros((60, 80), np.uint8)
    alpha_u8[:, 30:50] = 255
    box = Box(20, 0, 60, 60)
    shown = moved(subject(RGB_U8, alpha_u8), Move(box, Box(0, 0, 200, 300), (200, 300)))
    row = shown.matte.alpha_u8[150].astype(int)
    rise = row[:100]
    assert (np.diff(rise) >= 0).all()
    assert ((rise > 0) & (rise < 255)).sum() <= 12
    assert row.sum() / 255 == pytest.approx(100, abs=1)


def test_the_matte_alone_is_moved_as_with_its_colours() -> None:
    whole = subject(RGB_U8, ALPHA_U8)
    for target in (Box(3, 2, 33, 44), Box(0, 0, 90, 126), Box(1, 1, 16, 22)):
        move = Move(BOX, target, (90, 100))
        alone = moved_matte(whole.matte, move)
        assert np.array_equal(alone.alpha_u8, moved(whole, move).matte.alpha_u8)
        assert alone.foreground_found


def test_colours_are_computed_and_their_space_is_told() -> None:
    plain = subject(RGB_U8, ALPHA_U8)
    converted = Subject(plain.picture, plain.matte, plain.box, to_srgb=ImageOps.invert)
    move = Move(BOX, BOX, (80, 60))
    assert moved(plain, move).icc_profile == b"profile"
    assert moved(converted, move).icc_profile is None
    assert moved(converted, move).to_srgb is None
    rows, columns = slice(8, 50), slice(10, 40)
    assert np.array_equal(pixels(moved(converted, move))[rows, columns], 255 - RGB_U8[8:50, 10:40])


def test_a_target_far_larger_than_its_canvas_takes_no_more_than_the_canvas() -> None:
    shown = moved(subject(RGB_U8, ALPHA_U8), Move(BOX, Box(-(10**7), -20, 10**7, 10**6), (30, 20)))
    assert shown.box.size == (30, 20)


@given(
    sides=st.tuples(*[st.integers(1, 40)] * 4),
    place=st.tuples(st.integers(-50, 50), st.integers(-50, 50)),
    canvas=st.tuples(st.integers(1, 60), st.integers(1, 60)),
)
@settings(deadline=None)
def test_nothing_is_seen_beyond_the_target(
    sides: tuple[int, int, int, int], place: tuple[int, int], canvas: tuple[int, int]
) -> None:
    source = Box(3, 5, 3 + sides[0], 5 + sides[1])
    target = Box(*place, place[0] + sides[2], place[1] + sides[3])
    full = Matte(np.full((60, 80), 255, np.uint8), foreground_found=True)
    matte = moved_matte(full, Move(source, target, canvas))
    seen = target.within(*canvas)
    expected = np.zeros((canvas[1], canvas[0]), np.uint8)
    if seen:
        expected[seen.top : seen.bottom, seen.left : seen.right] = 255
    assert np.array_equal(matte.alpha_u8, expected)
