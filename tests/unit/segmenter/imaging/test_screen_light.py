"""Making a screen's light neutral, pixel by pixel."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from segmenter.imaging.screen_light import ScreenLight

LUMA = np.array([0.2126, 0.7152, 0.0722])
SCREENS = [(0, 177, 64), (60, 200, 60), (90, 215, 100), (15, 95, 35), (130, 170, 20)]


def light_of(screen: tuple[int, int, int]) -> ScreenLight:
    return ScreenLight.of(np.array(screen, np.float32))


def every_colour(step: int) -> NDArray[np.uint8]:
    """All colours whose values are multiples of `step`, or 255; uint8 [N, 1, 3]."""
    levels = np.unique([*range(0, 256, step), 255]).astype(np.uint8)
    colours_u8: NDArray[np.uint8] = np.stack(np.meshgrid(levels, levels, levels), axis=-1)
    return colours_u8.reshape(-1, 1, 3)


def brightest_green() -> NDArray[np.uint8]:
    """All colours whose green could be exceeded by no more than rounding; uint8 [N, 1, 3]."""
    colours_u8 = np.full((2, 256, 256, 3), 255, np.uint8)
    colours_u8[1, ..., 1] = 254
    colours_u8[..., 0] = np.arange(256)[:, None]
    colours_u8[..., 2] = np.arange(256)
    return colours_u8.reshape(-1, 1, 3)


COLOURS = np.concatenate([every_colour(5), brightest_green()])
LIT = COLOURS[..., 1] > COLOURS[..., [0, 2]].max(axis=-1)


@pytest.fixture(params=SCREENS, ids=str)
def neutral_u8(request: pytest.FixtureRequest) -> NDArray[np.uint8]:
    return np.asarray(light_of(request.param).made_neutral(Image.fromarray(COLOURS), None))


def test_pixels_without_light_keep_their_very_values(neutral_u8: NDArray[np.uint8]) -> None:
    assert np.array_equal(neutral_u8[~LIT], COLOURS[~LIT])


def test_green_no_longer_exceeds_red_and_blue(neutral_u8: NDArray[np.uint8]) -> None:
    green, others = neutral_u8[..., 1].astype(int), neutral_u8[..., [0, 2]].astype(int)
    assert (green - others.max(axis=-1)).max() <= 1
    assert (neutral_u8[..., 1] <= COLOURS[..., 1]).all()


def test_green_does_not_sink_below_both(neutral_u8: NDArray[np.uint8]) -> None:
    green, others = neutral_u8[LIT][:, 1].astype(int), neutral_u8[LIT][:, [0, 2]].astype(int)
    assert (green - others.min(axis=-1)).min() >= -2
    assert (np.abs(green[:, None] - others).min(axis=-1) <= 2).all()


def test_luma_stays_within_one_half(neutral_u8: NDArray[np.uint8]) -> None:
    assert np.abs(neutral_u8 @ LUMA - COLOURS @ LUMA).max() <= 0.5 + 1e-6


def test_nothing_comes_to_lie_above_the_old_green(neutral_u8: NDArray[np.uint8]) -> None:
    assert (neutral_u8[LIT].max(axis=-1) <= COLOURS[LIT][:, 1]).all()


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("grey", [0, 40, 120])
def test_grey_in_a_screen_s_light_is_grey_again(screen: tuple[int, int, int], grey: int) -> None:
    lit = tuple(round(grey + 0.5 * level) for level in screen)
    shown = light_of(screen).made_neutral(Image.new("RGB", (1, 1), lit), None)
    assert np.ptp(np.asarray(shown).astype(int)) <= 2


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
def test_before_an_even_screen_green_is_limited_by_the_larger(
    before: tuple[int, int, int], after: tuple[int, int, int]
) -> None:
    shown = light_of((0, 200, 0)).made_neutral(Image.new("RGB", (1, 1), before), None)
    assert shown.getpixel((0, 0)) == after


def test_a_weight_takes_a_part_of_the_light() -> None:
    lit = Image.new("RGB", (3, 1), (100, 200, 100))
    weight = Image.fromarray(np.array([[0, 128, 255]], np.uint8))
    shown = np.asarray(light_of((0, 200, 0)).made_neutral(lit, weight)).astype(int)
    excess = shown[0, :, 1] - shown[0, :, 0]
    assert excess.tolist() == pytest.approx([100, 50, 0], abs=1)
    assert shown[0, 0].tolist() == [100, 200, 100]


def test_the_picture_given_is_left_alone() -> None:
    picture = Image.new("RGB", (2, 2), (0, 255, 0))

    light_of((0, 200, 0)).made_neutral(picture, None)

    assert picture.getpixel((0, 0)) == (0, 255, 0)
