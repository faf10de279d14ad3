"""The colour model in C, beside the same sums by NumPy; `test_guided_filter` holds its meaning."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from segmenter.imaging.kernels.guided import RADIUS_CELLS, fitted
from segmenter.imaging.neighbourhood import box_mean
from tests.unit.segmenter.imaging.kernels.variants import fixtures_stay

EPSILON = 1e-4
pytestmark = pytest.mark.usefixtures("each_variant")


def mean(planes_f32: NDArray[np.float32]) -> NDArray[np.float32]:
    return box_mean(planes_f32, RADIUS_CELLS)


def by_numpy(guide: NDArray[np.float32], matte: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cholesky's L D L^T, each sum rounded to single precision as in C."""
    red, green, blue = means = mean(guide)
    squares = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
    rr, rg, rb, gg, gb, bb = (
        mean((guide[i] * guide[j])[None])[0]
        - means[i] * means[j]
        + np.float32(EPSILON if i == j else 0)
        for i, j in squares
    )
    average = mean(matte[None])[0]
    ra, ga, ba = mean(guide * matte) - means * average
    green_by_red, blue_by_red = rg / rr, rb / rr
    gb_left, gg_left = gb - green_by_red * rb, gg - green_by_red * rg
    blue_by_green = gb_left / gg_left
    bb_left = bb - blue_by_red * rb - blue_by_green * gb_left
    ga_left = ga - green_by_red * ra
    of_blue = (ba - blue_by_red * ra - blue_by_green * ga_left) / bb_left
    of_green = ga_left / gg_left - blue_by_green * of_blue
    of_red = ra / rr - green_by_red * of_green - blue_by_red * of_blue
    constant = average - (of_red * red + of_green * green + of_blue * blue)
    return mean(np.stack([of_red, of_green, of_blue, constant]))


@given(height=st.integers(1, 40), width=st.integers(1, 40), seed=st.integers(0, 2**32 - 1))
@settings(fixtures_stay, max_examples=30)
def test_the_model_is_that_of_numpy_to_the_last_bit(height: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    guide, matte = (
        rng.random((3, height, width), np.float32),
        rng.random((height, width), np.float32),
    )

    assert (fitted(guide, matte, EPSILON) == by_numpy(guide, matte)).all()


def test_parts_of_arrays_will_do() -> None:
    rng = np.random.default_rng(1)
    guide, matte = rng.random((3, 30, 40), np.float32), rng.random((30, 40), np.float32)
    part = slice(3, 20), slice(5, 30)

    found = fitted(guide[:, *part], matte[part], EPSILON)

    assert (found == fitted(guide[:, *part].copy(), matte[part].copy(), EPSILON)).all()


@pytest.mark.parametrize(
    ("guide", "matte", "message"),
    [
        (np.zeros((4, 3, 3), np.float32), np.zeros((3, 3), np.float32), "guide_f32 is"),
        (np.zeros((3, 3, 4), np.float32), np.zeros((3, 3), np.float32), "guide_f32 is"),
        (np.zeros((3, 3, 3)), np.zeros((3, 3), np.float32), "takes float32"),
        (np.zeros((3, 3, 3), np.float32), np.zeros((3, 3)), "takes float32"),
    ],
)
def test_what_does_not_fit_is_refused(
    guide: NDArray[np.float32], matte: NDArray[np.float32], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        fitted(guide, matte, EPSILON)
