"""Paeth's guess, beside its definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from segmenter.imaging.kernels.png_filter import filtered
from tests.unit.segmenter.imaging.kernels.variants import fixtures_stay

pytestmark = pytest.mark.usefixtures("each_variant")


def guess(left: int, above: int, corner: int) -> int:
    """Section 9.4 of the standard, in its words."""
    initial = left + above - corner
    return min((left, above, corner), key=lambda value: abs(initial - value))


def defined(rows_u8: NDArray[np.uint8], above_u8: NDArray[np.uint8], channels: int) -> list[int]:
    found = []
    for y, row in enumerate(rows_u8):
        over = [0] * channels + [int(value) for value in (rows_u8[y - 1] if y else above_u8)]
        here = [0] * channels + [int(value) for value in row]
        found.append(4)
        for x in range(channels, len(here)):
            expected = guess(here[x - channels], over[x], over[x - channels])
            found.append((here[x] - expected) % 256)
    return found


@given(
    height=st.integers(1, 5),
    width_px=st.integers(1, 60),
    channels=st.sampled_from([1, 3, 4]),
    levels=st.sampled_from([2, 4, 256]),
    seed=st.integers(0, 2**32 - 1),
)
@fixtures_stay
def test_it_is_what_the_standard_defines(
    height: int, width_px: int, channels: int, levels: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    picture_u8 = random.integers(0, levels, (height + 1, width_px * channels), np.uint8)
    picture_u8 *= np.uint8(255 // (levels - 1))
    above_u8, rows_u8 = picture_u8[0], picture_u8[1:]

    found_u8 = filtered(rows_u8, above_u8, channels)

    assert found_u8.shape == (height, 1 + width_px * channels)
    assert found_u8.ravel().tolist() == defined(rows_u8, above_u8, channels)


def test_rows_may_lie_apart() -> None:
    whole_u8 = np.random.default_rng(0).integers(0, 256, (8, 40), np.uint8)
    apart_u8, above_u8 = whole_u8[::2, :12], whole_u8[1, :12]
    assert np.array_equal(filtered(apart_u8, above_u8, 4), filtered(apart_u8.copy(), above_u8, 4))


@pytest.mark.parametrize(
    ("width", "above", "channels", "problem"),
    [
        (12, 11, 4, "above_u8 is"),
        (12, 12, 5, "do not have pixels of 5"),
        (12, 12, 0, "do not have pixels of 0"),
    ],
)
def test_what_does_not_fit_is_refused(width: int, above: int, channels: int, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        filtered(np.zeros((2, width), np.uint8), np.zeros(above, np.uint8), channels)
