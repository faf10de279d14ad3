"""From networks' answers to a picture's matte."""

import itertools
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from segmenter.imaging.matte import Answer, Matte, begun, matte
from segmenter.imaging.model_input import view
from segmenter.imaging.part import WHOLE, Part
from segmenter.imaging.picture import Picture

GREY = (128, 128, 128)


def picture(width: int, height: int, alpha: Image.Image | None = None) -> Picture:
    return Picture(rgb=Image.new("RGB", (width, height), GREY), alpha=alpha, icc_profile=None)


def answer(alpha_f32: NDArray[np.float32], of: Picture, part: Part = WHOLE) -> Answer:
    height, width = alpha_f32.shape
    return Answer(part, alpha_f32, view(of, height, width, part).guide_u8)


def matte_of(alpha_f32: NDArray[np.float32], of: Picture) -> Matte:
    return matte([answer(alpha_f32, of)], of)


def disc_f32(side: int, radius: float, softness: float = 1.5) -> NDArray[np.float32]:
    """A soft disc in the middle of a square."""
    y, x = np.mgrid[0:side, 0:side] + 0.5 - side / 2
    disc: NDArray[np.float32] = np.clip((radius - np.hypot(x, y)) / softness + 0.5, 0, 1)
    return disc.astype(np.float32)


def disc_picture(side: int, radius: float) -> Picture:
    """A sharp red disc on blue."""
    alpha = Image.fromarray((disc_f32(side, radius, softness=1e-3) * 255).astype(np.uint8))
    red, blue = (
        Image.new("RGB", (side, side), (200, 40, 40)),
        Image.new("RGB", (side, side), "blue"),
    )
    return Picture(Image.composite(red, blue, alpha), None, None)


def all_computed(lowest_f32: NDArray[np.float32], *_: object) -> NDArray[np.uint8]:
    return np.full(lowest_f32.shape, 4, np.uint8)


def test_ends_are_snapped() -> None:
    ends_f32 = np.full((40, 60), 0.04, np.float32)
    ends_f32[:, 30:] = 0.96
    alpha_u8 = matte_of(ends_f32, picture(60, 40)).alpha_u8
    assert (alpha_u8[:, :20] == 0).all()
    assert (alpha_u8[:, 40:] == 255).all()


def test_the_middle_stays_in_the_middle() -> None:
    alpha_u8 = matte_of(np.full((20, 20), 0.5, np.float32), picture(50, 50)).alpha_u8
    assert np.abs(alpha_u8.astype(int) - 128).max() <= 1


def test_a_weak_answer_is_no_subject_and_is_not_stretched_into_one() -> None:
    weak_f32 = np.full((8, 8), 0.02, np.float32)
    weak_f32[3:5, 3:5] = 0.45
    result = matte_of(weak_f32, picture(64, 64))
    assert not result.foreground_found
    assert not result.alpha_u8.any()


@pytest.mark.parametrize(("level", "found"), [(0.4989, False), (0.5, True)])
def test_a_subject_is_found_from_one_half_on(level: float, found: bool) -> None:
    result = matte_of(np.full((4, 4), level, np.float32), picture(4, 4))
    assert result.foreground_found is found


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (20, 20), (200, 300)])
def test_a_subject_is_found_in_every_size_of_its_picture(size: tuple[int, int]) -> None:
    small_f32 = np.zeros((20, 20), np.float32)
    small_f32[9:11, 9:11] = 0.9
    assert matte_of(small_f32, picture(*size)).foreground_found


def test_values_beyond_the_range_are_clipped() -> None:
    wild_f32 = np.full((30, 40), -0.5, np.float32)
    wild_f32[:, 20:] = 1.5
    alpha_u8 = matte_of(wild_f32, picture(80, 60)).alpha_u8
    assert (alpha_u8[:, :20] == 0).all()
    assert (alpha_u8[:, 60:] == 255).all()


def test_an_edge_lies_where_the_picture_has_it() -> None:
    """The answer's edge is soft and a cell off, four pixels; the picture's is sharp."""
    side, radius = 320, 100
    blurred_f32 = disc_f32(80, radius / 4 + 1, softness=4)
    alpha = matte_of(blurred_f32, disc_picture(side, radius)).alpha_u8 / 255
    right = disc_f32(side, radius, softness=1e-3)
    wide = Image.fromarray(blurred_f32).resize((side, side), Image.Resampling.BICUBIC)
    before = np.abs(np.asarray(wide) - right).mean()
    assert np.abs(alpha - right).mean() < 0.35 * before
    assert np.array_equal(alpha[150:170, 150:170], np.ones((20, 20)))
    assert not alpha[:40].any()


def test_what_has_the_subjects_colour_beside_it_by_chance_stays_background() -> None:
    side = 320
    of, grain = disc_picture(side, 100), Image.new("L", (side, side))
    for row in range(0, side, 4):
        grain.paste(255, (0, row, side, row + 2))
    grained = Image.composite(Image.new("RGB", (side, side), (200, 40, 40)), of.rgb, grain)
    cells_f32 = disc_f32(80, 25, softness=2)
    alpha_u8 = matte_of(cells_f32, Picture(grained, None, None)).alpha_u8
    # The network saw the edge at 100 pixels, soft over 4; it may be moved by a cell of 4 more.
    distance = np.hypot(*(np.mgrid[0:side, 0:side] + 0.5 - side / 2))
    assert not alpha_u8[distance > 100 + 4 + 8].any()
    assert (alpha_u8[distance < 100 - 4 - 8] == 255).all()


def test_no_matte_is_more_certain_than_its_answer() -> None:
    alpha_u8 = matte_of(disc_f32(80, 20) * np.float32(0.6), disc_picture(320, 80)).alpha_u8
    # 0.6 stretched by 0.05 to 0.95 and by 0.1 to 0.9.
    assert alpha_u8.max() == pytest.approx(255 * ((0.6 - 0.05) / 0.9 - 0.1) / 0.8, abs=1)


@given(
    width=st.integers(1, 150),
    height=st.integers(1, 200),
    seed=st.integers(0, 2**32 - 1),
    soft=st.floats(0, 1),
)
@settings(max_examples=60)
def test_it_does_not_matter_how_rows_are_cut_nor_what_is_only_filled_in(
    width: int, height: int, seed: int, soft: float
) -> None:
    random = np.random.default_rng(seed)
    cells_f32 = disc_f32(40, 12)
    noisy = random.random((40, 40)) < soft * 0.1
    cells_f32[noisy] = random.random(int(noisy.sum()), np.float32)
    colours_u8 = random.integers(0, 256, (height, width, 3), np.uint8)
    of = Picture(Image.fromarray(colours_u8), None, None)
    with pytest.MonkeyPatch.context() as patch:
        # A row at a time, and every pixel computed.
        patch.setattr("segmenter.imaging.strips.MOST_ROWS_A_BLOCK", 1)
        patch.setattr("segmenter.imaging.enlargement._needs", all_computed)
        expected_u8 = matte_of(cells_f32, of).alpha_u8
    difference = matte_of(cells_f32, of).alpha_u8.astype(int) - expected_u8
    assert np.abs(difference).max() <= 1


@given(cuts=st.lists(st.integers(0, 200), max_size=4).map(sorted))
@settings(max_examples=20)
def test_rows_may_be_painted_in_any_strips(cuts: list[int]) -> None:
    of, cells_f32 = disc_picture(200, 60), disc_f32(50, 16, softness=4)
    work = begun([answer(cells_f32, of)], of)
    for top, bottom in reversed(list(itertools.pairwise([0, *cuts, 200]))):
        work.paint(top, bottom)
    assert np.array_equal(work.matte.alpha_u8, matte_of(cells_f32, of).alpha_u8)


def test_a_tiny_picture_takes_no_more_memory_than_its_answer_needs() -> None:
    """Its one pixel is a mean over all cells, so the answer is felt from end to end."""

    def peak_bytes(side: int) -> int:
        of = picture(side, side)
        asked = answer(disc_f32(256, 80), of)
        tracemalloc.start()
        matte([asked], of)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert peak_bytes(1) < 1.1 * peak_bytes(256)


def test_a_later_answer_lies_over_an_earlier_one_inside_its_part_only() -> None:
    of, part = picture(400, 200), Part(0.25, 0.3, 0.75, 0.8)
    first, second = np.ones((40, 40), np.float32), np.zeros((40, 40), np.float32)
    alpha_u8 = matte([answer(first, of), answer(second, of, part)], of).alpha_u8
    inside = np.zeros((200, 400), bool)
    inside[60:160, 100:300] = True
    assert np.array_equal(alpha_u8, np.where(inside, 0, 255))


@given(
    left=st.integers(0, 150),
    top=st.integers(0, 150),
    width=st.integers(1, 160),
    height=st.integers(1, 160),
    seed=st.integers(0, 99),
)
@settings(max_examples=40)
def test_beside_a_later_answer_the_first_is_as_it_was(
    left: int, top: int, width: int, height: int, seed: int
) -> None:
    side = 160
    colours_u8 = np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)
    of = Picture(Image.fromarray(colours_u8), None, None)
    box = (left, top, min(left + width, side), min(top + height, side))
    part = Part(*(edge / side for edge in box))
    first = answer(disc_f32(40, 14, softness=6), of)
    alone_u8 = matte([first], of).alpha_u8
    both_u8 = matte([first, answer(np.ones((40, 40), np.float32), of, part)], of).alpha_u8
    assert (both_u8[box[1] : box[3], box[0] : box[2]] == 255).all()
    both_u8[box[1] : box[3], box[0] : box[2]] = alone_u8[box[1] : box[3], box[0] : box[2]]
    assert np.array_equal(both_u8, alone_u8)


def test_the_matte_never_exceeds_the_alpha_of_the_source() -> None:
    source = np.tile(np.arange(200, dtype=np.uint8), (200, 1))
    of = picture(200, 200, Image.fromarray(source))
    assert np.array_equal(matte_of(np.ones((10, 10), np.float32), of).alpha_u8, source)


@pytest.mark.parametrize("source_alpha", [1, 100, 127, 128])
def test_a_half_transparent_subject_is_found_and_stays_as_transparent(source_alpha: int) -> None:
    of = picture(30, 20, Image.new("L", (30, 20), source_alpha))
    result = matte_of(np.ones((10, 10), np.float32), of)
    assert result.foreground_found
    assert (result.alpha_u8 == source_alpha).all()


def test_the_answer_is_not_changed() -> None:
    level_f32 = np.full((4, 4), 0.7, np.float32)
    matte_of(level_f32, picture(9, 9))
    assert (level_f32 == np.float32(0.7)).all()
