"""The part of an image that may hold subject."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from segmenter.errors import InvalidOptionError
from segmenter.imaging.crop import Box
from segmenter.imaging.matte import Matte
from segmenter.imaging.picture import Picture
from segmenter.imaging.region import confine, region_box
from segmenter.scene_options import Length, Region


def region(left: Length, top: Length, right: Length, bottom: Length) -> Region:
    return Region(left, top, right, bottom)


def pixels(left: int, top: int, right: int, bottom: int) -> Region:
    return region(Length(left), Length(top), Length(right), Length(bottom))


def full(width_px: int, height_px: int) -> Matte:
    return Matte(np.full((height_px, width_px), 255, np.uint8), foreground_found=True)


def picture(width_px: int, height_px: int, full_size: tuple[int, int] | None = None) -> Picture:
    return Picture(Image.new("RGB", (width_px, height_px)), None, None, full_size)


def test_shares_are_of_width_and_height() -> None:
    box = region_box(
        region(Length(share=0.25), Length(share=0.5), Length(share=1.0), Length(share=0.75)), 80, 40
    )
    assert box == Box(20, 20, 80, 30)


def test_pixels_and_shares_mix() -> None:
    box = region_box(region(Length(3), Length(), Length(share=1.0), Length(7)), 80, 40)
    assert box == Box(3, 0, 80, 7)


def test_a_region_may_be_the_whole_image() -> None:
    assert region_box(pixels(0, 0, 80, 40), 80, 40) == Box(0, 0, 80, 40)


@pytest.mark.parametrize(
    "beyond",
    [
        pixels(-1, 0, 80, 40),
        pixels(0, -1, 80, 40),
        pixels(0, 0, 81, 40),
        pixels(0, 0, 80, 41),
        region(Length(), Length(), Length(share=1.02), Length(share=1.0)),
        pixels(100, 0, 90, 40),
    ],
    ids=["left", "top", "right", "bottom", "share", "also empty"],
)
def test_one_pixel_beyond_the_image_is_refused(beyond: Region) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        region_box(beyond, 80, 40)
    assert caught.value.metadata == {"field": "region", "problem": "exceeds_bounds"}
    assert "80 x 40" in str(caught.value)


@pytest.mark.parametrize(
    "empty",
    [pixels(5, 0, 5, 40), pixels(0, 7, 80, 7), pixels(9, 0, 5, 40), pixels(0, 9, 80, 5)],
    ids=["no width", "no height", "edges swapped", "edges upside down"],
)
def test_a_region_without_pixels_is_refused(empty: Region) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        region_box(empty, 80, 40)
    assert caught.value.metadata == {"field": "region", "problem": "empty"}


def test_one_pixel_is_a_region() -> None:
    assert region_box(pixels(79, 39, 80, 40), 80, 40) == Box(79, 39, 80, 40)


def test_outside_nothing_is_left_and_inside_all() -> None:
    matte = full(32, 24)
    confine(matte, picture(32, 24), pixels(3, 5, 30, 20))
    expected = np.zeros((24, 32), np.uint8)
    expected[5:20, 3:30] = 255
    assert np.array_equal(matte.alpha_u8, expected)


def test_edges_are_of_the_image_and_not_of_the_smaller_picture() -> None:
    matte = full(32, 24)
    confine(matte, picture(32, 24, (320, 240)), pixels(40, 60, 304, 216))
    expected = np.zeros((24, 32), np.uint8)
    expected[6:22, 4:30] = 255
    assert np.array_equal(matte.alpha_u8, expected)


def test_what_is_of_an_image_may_lie_beyond_a_smaller_picture_of_it() -> None:
    with pytest.raises(InvalidOptionError):
        confine(full(32, 24), picture(32, 24), pixels(0, 0, 33, 24))
    confine(full(32, 24), picture(32, 24, (64, 48)), pixels(0, 0, 33, 24))


@given(
    size=st.tuples(st.integers(1, 50), st.integers(1, 50)),
    times=st.integers(1, 40),
    shares=st.tuples(*[st.floats(0, 1)] * 4),
)
def test_something_is_always_left_and_a_second_time_changes_nothing(
    size: tuple[int, int], times: int, shares: tuple[float, float, float, float]
) -> None:
    width, height = size[0] * times, size[1] * times
    left, right = sorted((int(shares[0] * (width - 1)), int(shares[1] * (width - 1))))
    top, bottom = sorted((int(shares[2] * (height - 1)), int(shares[3] * (height - 1))))
    matte, within = full(*size), pixels(left, top, right + 1, bottom + 1)
    confine(matte, picture(*size, (width, height)), within)
    once = matte.alpha_u8.copy()
    confine(matte, picture(*size, (width, height)), within)
    assert once.any()
    assert np.array_equal(matte.alpha_u8, once)


def test_where_no_subject_reaches_into_a_region_nothing_is_left_in_it() -> None:
    matte = full(8, 4)
    matte.alpha_u8[:, 4:] = 3
    confine(matte, picture(8, 4), pixels(4, 0, 8, 4))
    assert not matte.alpha_u8.any()


def test_a_picture_that_is_faint_by_itself_stays_so_in_a_region() -> None:
    matte = full(8, 4)
    matte.alpha_u8[:] = 60
    confine(matte, picture(8, 4), pixels(4, 0, 8, 4))
    assert matte.alpha_u8[0].tolist() == [0, 0, 0, 0, 60, 60, 60, 60]
