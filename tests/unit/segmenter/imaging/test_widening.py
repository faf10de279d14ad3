"""Alpha that is widened by a disc."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from segmenter.imaging.widening import ROOM_PX, widened


def brute_force(alpha_u8: NDArray[np.uint8], radius: int) -> NDArray[np.uint8]:
    """The largest value in a disc around each pixel, then a mean over three by three."""
    room = np.pad(alpha_u8, radius + 1)
    height, width = alpha_u8.shape
    largest = np.zeros_like(room)
    for down in range(-radius, radius + 1):
        for across in range(-radius, radius + 1):
            if down**2 + across**2 < (radius + 0.5) ** 2:
                moved = np.roll(room, (down, across), (0, 1))
                largest = np.maximum(largest, moved)
    weights = np.outer((1, 2, 1), (1, 2, 1)) / 16
    inner = largest[radius:-radius, radius:-radius].astype(float)
    smooth = sum(
        weights[y, x] * inner[y : y + height, x : x + width] for y in range(3) for x in range(3)
    )
    return np.asarray(np.floor(np.asarray(smooth) + 0.5).astype(np.uint8))


def dot(radius: int) -> NDArray[np.uint8]:
    side = 2 * (radius + 2) + 1
    alpha_u8 = np.zeros((side, side), np.uint8)
    alpha_u8[radius + 2, radius + 2] = 255
    return alpha_u8


@given(
    size=st.tuples(st.integers(1, 24), st.integers(1, 24)),
    radius=st.integers(1, 7),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=40, deadline=None)
def test_it_is_what_brute_force_finds(size: tuple[int, int], radius: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    alpha_u8 = np.pad(
        rng.integers(0, 256, size, dtype=np.uint8) * (rng.random(size) < 0.1), radius + ROOM_PX
    ).astype(np.uint8)
    assert np.array_equal(widened(alpha_u8, radius), brute_force(alpha_u8, radius))


@pytest.mark.parametrize("radius", [1, 2, 3, 8, 33, 100])
def test_a_dot_becomes_a_disc(radius: int) -> None:
    wide = widened(dot(radius), radius).astype(float) / 255
    y, x = np.mgrid[-radius - 2 : radius + 3, -radius - 2 : radius + 3]
    away = np.hypot(x, y)
    assert (wide[away <= radius - 1.5] == 1).all()
    assert (wide[away >= radius + 2] == 0).all()
    # A dot has an extent of its own: a disc of half a pixel more, with an edge of one or two.
    assert np.abs(wide - np.clip(radius + 1 - away, 0, 1)).max() <= 0.63
    assert wide.sum() == pytest.approx(np.pi * (radius + 0.5) ** 2, rel=0.06 if radius > 2 else 0.3)


@pytest.mark.parametrize("radius", [1, 8, 100])
def test_a_straight_edge_moves_by_the_radius(radius: int) -> None:
    alpha_u8 = np.zeros((3 * radius + 3, 3 * radius + 3), np.uint8)
    alpha_u8[:, :radius] = 255
    middle = widened(alpha_u8, radius)[radius + 1].astype(float) / 255
    assert middle.sum() == pytest.approx(2 * radius, abs=0.01)
    assert list(middle[2 * radius - 2 :][:4].round(2)) == [1, 0.75, 0.25, 0]


def test_what_is_faint_stays_faint() -> None:
    alpha_u8 = (dot(4) // 255 * 60).astype(np.uint8)
    assert widened(alpha_u8, 4).max() == 60


def test_rows_far_apart_do_not_part_it() -> None:
    alpha_u8 = np.zeros((700, 9), np.uint8)
    alpha_u8[240:250, 4] = 255
    wide_u8 = widened(alpha_u8, 40)
    assert np.array_equal(wide_u8[:245], wide_u8[245:490][::-1])
    assert (wide_u8[:, 4] == 255).sum() == pytest.approx(10 + 80, abs=2)


@pytest.mark.parametrize("shape", [(1, 100_000), (100_000, 1)])
def test_a_narrow_picture_takes_no_more_memory_than_others(shape: tuple[int, int]) -> None:
    alpha_u8 = np.full(shape, 255, np.uint8)
    tracemalloc.start()
    wide_u8 = widened(alpha_u8, 100)
    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert wide_u8.shape == shape
    assert most_bytes < 12_000_000


def test_columns_far_apart_do_not_part_it() -> None:
    alpha_u8 = np.zeros((9, 9000), np.uint8)
    alpha_u8[4, 4090:4100] = 255
    expected_u8 = widened(alpha_u8[:, 4000:4200], 40)
    assert np.array_equal(widened(alpha_u8, 40)[:, 4000:4200], expected_u8)
