"""Taking green back."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from segmenter.imaging.despill import despilled

LUMA = np.array([0.2126, 0.7152, 0.0722])


def every_colour(step: int) -> NDArray[np.uint8]:
    """All colours whose values are multiples of `step`, or 255; uint8 [N, 1, 3]."""
    levels = np.unique([*range(0, 256, step), 255]).astype(np.uint8)
    colours_u8: NDArray[np.uint8] = np.stack(np.meshgrid(levels, levels, levels), axis=-1)
    return colours_u8.reshape(-1, 1, 3)


COLOURS = every_colour(5)
DESPILLED = np.asarray(despilled(Image.fromarray(COLOURS)))
SPILLED = COLOURS[..., 1] > COLOURS[..., [0, 2]].max(axis=-1)


def test_pixels_without_spill_keep_their_very_values() -> None:
    assert np.array_equal(DESPILLED[~SPILLED], COLOURS[~SPILLED])


def test_green_no_longer_exceeds_red_and_blue() -> None:
    assert (DESPILLED[..., 1] <= DESPILLED[..., [0, 2]].max(axis=-1)).all()
    assert (DESPILLED[SPILLED][:, 1] < COLOURS[SPILLED][:, 1]).all()


def test_luma_stays_within_one_level() -> None:
    assert np.abs(DESPILLED @ LUMA - COLOURS @ LUMA).max() <= 1


def test_nothing_comes_to_lie_above_the_old_green() -> None:
    assert (DESPILLED[SPILLED].max(axis=-1) <= COLOURS[SPILLED][:, 1]).all()


def test_red_and_blue_keep_their_distance() -> None:
    before, after = COLOURS.astype(int), DESPILLED.astype(int)
    assert np.array_equal(after[..., 0] - after[..., 2], before[..., 0] - before[..., 2])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((0, 255, 0), (182, 182, 182)),
        ((100, 101, 50), (101, 101, 51)),
        ((100, 100, 50), (100, 100, 50)),
        ((200, 220, 180), (214, 214, 194)),
        ((255, 255, 255), (255, 255, 255)),
    ],
)
def test_examples(before: tuple[int, int, int], after: tuple[int, int, int]) -> None:
    assert despilled(Image.new("RGB", (1, 1), before)).getpixel((0, 0)) == after


def test_the_picture_given_is_left_alone() -> None:
    picture = Image.new("RGB", (2, 2), (0, 255, 0))

    despilled(picture)

    assert picture.getpixel((0, 0)) == (0, 255, 0)
