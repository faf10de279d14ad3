"""Unmixing and covering, beside the same in Pillow's and NumPy's whole numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from segmenter.imaging.cells import enlarged
from segmenter.imaging.kernels.colours import cover, unmix
from tests.unit.segmenter.imaging.kernels.variants import fixtures_stay

pytestmark = pytest.mark.usefixtures("each_variant")
sides = st.integers(1, 80)
seeds = st.integers(0, 2**32 - 1)
WEIGHTS = np.array([round(128 * (share / 255) ** 0.5) for share in range(256)], np.uint8)


def noise(seed: int, *shape: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def shares(seed: int, height: int, width: int) -> NDArray[np.uint8]:
    """Half of them soft, in runs as edges are."""
    rng = np.random.default_rng(seed)
    coarse = rng.choice(np.array([0, 255, 1, 128, 254], np.uint8), (height, -(-width // 9)))
    return coarse.repeat(9, axis=1)[:, :width].copy()


def by_pillow(
    pixels_u8: NDArray[np.uint8],
    share_u8: NDArray[np.uint8],
    cells: tuple[NDArray[np.uint8], NDArray[np.uint8], int],
    origin: tuple[int, int],
) -> NDArray[np.uint8]:
    (height, width), (left, top) = share_u8.shape, origin
    place = left, top, left + width, top + height
    subject, background = (
        enlarged(Image.fromarray(each[..., :3].copy()), cells[2], place) for each in cells[:2]
    )
    explained = Image.composite(subject, background, Image.fromarray(share_u8))
    change = np.asarray(pixels_u8[..., :3], int) - np.asarray(explained)
    own = np.asarray(subject) + ((change * WEIGHTS[share_u8][..., None] + 64) >> 7)
    soft = (share_u8 != 0) & (share_u8 != 255)
    found: NDArray[np.uint8] = np.where(soft[..., None], own.clip(0, 255), pixels_u8[..., :3])
    return found.astype(np.uint8)


@given(
    height=sides,
    width=sides,
    cell_px=st.sampled_from([2, 4, 16, 128]),
    origin=st.tuples(st.integers(0, 300), st.integers(0, 300)),
    seed=seeds,
)
@fixtures_stay
def test_soft_pixels_get_the_subjects_colours_and_others_keep_theirs(
    height: int, width: int, cell_px: int, origin: tuple[int, int], seed: int
) -> None:
    across, down = -(-(origin[0] + width) // cell_px), -(-(origin[1] + height) // cell_px)
    cells = noise(seed, down, across, 4), noise(seed + 1, down, across, 4), cell_px
    pixels_u8, share_u8 = noise(seed + 2, height, width, 4), shares(seed, height, width)
    expected_u8 = by_pillow(pixels_u8, share_u8, cells, origin)

    unmix(pixels_u8, share_u8, cells, origin, WEIGHTS)

    assert (pixels_u8[..., :3] == expected_u8).all()


@given(height=sides, width=sides, seed=seeds)
@fixtures_stay
def test_alpha_covers_and_what_it_hides_is_zero(height: int, width: int, seed: int) -> None:
    pixels_u8, alpha_u8 = noise(seed, height, width, 4), shares(seed, height, width)
    expected_u8 = np.dstack([pixels_u8[..., :3], alpha_u8]) * (alpha_u8 != 0)[..., None]

    cover(pixels_u8, alpha_u8)

    assert (pixels_u8 == expected_u8).all()


def test_alpha_and_shares_may_lie_in_any_order() -> None:
    alpha_u8 = np.asfortranarray(shares(1, 20, 30))
    pixels_u8, others_u8 = noise(2, 20, 30, 4), noise(2, 20, 30, 4)
    cells = noise(3, 10, 15, 4), noise(4, 10, 15, 4), 2
    for pixels, share in ((pixels_u8, alpha_u8), (others_u8, alpha_u8.copy(order="C"))):
        unmix(pixels, share, cells, (0, 0), WEIGHTS)
        cover(pixels, share)

    assert (pixels_u8 == others_u8).all()


def test_parts_of_arrays_are_covered_and_nothing_beside_them() -> None:
    pixels_u8, alpha_u8 = np.full((6, 8, 4), 9, np.uint8), np.full((6, 8), 5, np.uint8)

    cover(pixels_u8[1:3, 2:5], alpha_u8[1:3, 2:5])

    assert (pixels_u8[1:3, 2:5] == [9, 9, 9, 5]).all()
    pixels_u8[1:3, 2:5] = 9
    assert (pixels_u8 == 9).all()


def read_only() -> NDArray[np.uint8]:
    pixels_u8 = np.zeros((4, 4, 4), np.uint8)
    pixels_u8.flags.writeable = False
    return pixels_u8


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pixels_u8": np.zeros((4, 4, 3), np.uint8)}, "pixels_u8 is"),
        ({"pixels_u8": read_only()}, "cannot be written to"),
        ({"share_u8": np.zeros((4, 4), np.int8)}, "takes uint8"),
        ({"cells": (np.zeros((2, 2, 4), np.uint8), np.zeros((2, 3, 4), np.uint8), 2)}, "backgr"),
        ({"cells": (np.zeros((2, 2, 4), np.uint8),) * 2 + (3,)}, "power of two"),
        ({"cells": (np.zeros((2, 2, 4), np.uint8),) * 2 + (1,)}, "power of two"),
        ({"cells": (np.zeros((2, 2, 4), np.uint8),) * 2 + (256,)}, "power of two"),
        ({"cells": (np.zeros((2, 2, 3), np.uint8),) * 2 + (2,)}, "do not cover"),
        ({"origin": (1, 0)}, "do not cover"),
        ({"origin": (0, 1)}, "do not cover"),
        ({"origin": (-1, 0)}, "outside of the picture"),
        ({"weights_u8": WEIGHTS[:255]}, "weights_u8 is"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, object], message: str) -> None:
    fitting: dict[str, object] = {
        "pixels_u8": np.zeros((4, 4, 4), np.uint8),
        "share_u8": np.zeros((4, 4), np.uint8),
        "cells": (np.zeros((2, 2, 4), np.uint8), np.zeros((2, 2, 4), np.uint8), 2),
        "origin": (0, 0),
        "weights_u8": WEIGHTS,
    }
    unmix(**fitting)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=message):
        unmix(**{**fitting, **change})  # type: ignore[arg-type]
