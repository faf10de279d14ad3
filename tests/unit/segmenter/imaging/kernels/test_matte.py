"""Painting mattes, beside the same sums by NumPy, plane by plane."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from segmenter.imaging.kernels.matte import PLANES, Places, between, on, paint
from tests.unit.segmenter.imaging.kernels.variants import fixtures_stay

pytestmark = pytest.mark.usefixtures("each_variant")
sides = st.integers(1, 40)
seeds = st.integers(0, 2**32 - 1)


def planes(seed: int, height: int, width: int) -> NDArray[np.float32]:
    """Factors around 0, constants and bounds in and beyond 0 to 255."""
    values_f32 = np.random.default_rng(seed).random((PLANES, height, width), np.float32)
    scales, starts = np.array([[2, 2, 2, 600, 300, 300], [-1, -1, -1, -172, -110, 70]], np.float32)
    planes_f32: NDArray[np.float32] = values_f32 * scales[:, None, None] + starts[:, None, None]
    return planes_f32


def colours(seed: int, height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 4), np.uint8)


def by_numpy(
    planes_f32: NDArray[np.float32], columns: Places, rows: Places, pixels_u8: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    def along(values_f32: NDArray[np.float32], places: Places, axis: int) -> NDArray[np.float32]:
        before = values_f32.take(places.before_i32, axis)
        after = values_f32.take(places.after_i32, axis)
        share = places.share_f32 if axis == -1 else places.share_f32[:, None]
        return (after - before) * share + before

    *factors, alpha, least, most = along(along(planes_f32, columns, -1), rows, -2)
    for channel, factor in enumerate(factors):
        alpha = alpha + factor * pixels_u8[..., channel]
    alpha = np.minimum(np.maximum(alpha, least), most) + np.float32(0.5)
    found: NDArray[np.uint8] = alpha.clip(0, 255).astype(np.uint8)
    return found


@given(cells=st.tuples(sides, sides), height=sides, width=sides, seed=seeds)
@fixtures_stay
def test_every_pixel_is_the_sum_of_its_planes(
    cells: tuple[int, int], height: int, width: int, seed: int
) -> None:
    planes_f32, pixels_u8 = planes(seed, *cells), colours(seed, height, width)
    columns, rows = between(width, cells[1]), between(height, cells[0])
    alpha_u8 = np.empty((height, width), np.uint8)

    paint(planes_f32, columns, rows, pixels_u8, alpha_u8)

    assert (alpha_u8 == by_numpy(planes_f32, columns, rows, pixels_u8)).all()


@given(top=st.integers(0, 30), left=st.integers(0, 30), seed=seeds)
@fixtures_stay
def test_a_part_comes_out_as_the_whole_does_and_nothing_beside_it(
    top: int, left: int, seed: int
) -> None:
    planes_f32, pixels_u8 = planes(seed, 9, 7), colours(seed, 40, 50)
    columns, rows = between(50, 7), between(40, 9)
    whole_u8, alpha_u8 = np.empty((40, 50), np.uint8), np.full((40, 50), 77, np.uint8)
    paint(planes_f32, columns, rows, pixels_u8, whole_u8)

    part = slice(top, top + 10), slice(left, left + 20)
    to_right, to_bottom = columns.part(left, left + 20), rows.part(top, top + 10)
    paint(planes_f32, to_right, to_bottom, pixels_u8[part], alpha_u8[part])

    assert (alpha_u8[part] == whole_u8[part]).all()
    alpha_u8[part] = 77
    assert (alpha_u8 == 77).all()


def test_pixels_that_are_cells_have_their_values() -> None:
    planes_f32 = planes(1, 6, 5)
    planes_f32[:3] = 0
    alpha_u8 = np.empty((6, 5), np.uint8)

    paint(planes_f32, on(5), on(6), colours(1, 6, 5), alpha_u8)

    _, _, _, constant, least, most = planes_f32
    bounded = np.minimum(np.maximum(constant, least), most)
    assert (alpha_u8 == (bounded + np.float32(0.5)).clip(0, 255).astype(np.uint8)).all()


def test_places_lie_between_the_centres_of_cells() -> None:
    found = between(8, 4)

    assert found.before_i32.tolist() == [0, 0, 0, 1, 1, 2, 2, 3]
    assert found.after_i32.tolist() == [1, 1, 1, 2, 2, 3, 3, 3]
    assert found.share_f32.tolist() == [0, 0.25, 0.75, 0.25, 0.75, 0.25, 0.75, 0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"planes_f32": np.zeros((5, 3, 3), np.float32)}, "planes_f32 is"),
        ({"planes_f32": np.zeros((6, 3, 3), np.float64)}, "takes float32"),
        ({"pixels_u8": np.zeros((4, 4, 3), np.uint8)}, "pixels_u8 is"),
        ({"columns": between(3, 3)}, "3 places for 4 pixels"),
        ({"rows": between(4, 4)}, "places where no cell is"),
        ({"alpha_u8": np.zeros((8, 4), np.uint8).T[:4, ::2]}, "rows without gaps|pixels_u8 is"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, object], message: str) -> None:
    fitting: dict[str, object] = {
        "planes_f32": np.zeros((6, 3, 3), np.float32),
        "columns": between(4, 3),
        "rows": between(4, 3),
        "pixels_u8": np.zeros((4, 4, 4), np.uint8),
        "alpha_u8": np.zeros((4, 4), np.uint8),
    }
    with pytest.raises(ValueError, match=message):
        paint(**{**fitting, **change})  # type: ignore[arg-type]  # that is what is tried
