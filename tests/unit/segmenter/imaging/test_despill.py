"""Finding where a screen's light lies on a subject."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from segmenter.imaging.cells import enlarged
from segmenter.imaging.despill import Spill, spill
from segmenter.imaging.foreground import estimated
from segmenter.imaging.matte import Matte
from segmenter.imaging.picture import Picture
from segmenter.imaging.screen_light import ScreenLight

SCREEN = (0, 177, 64)
Colour = tuple[int, int, int]
LIT = np.array([150, 180, 155])

SKIN_AND_GREYS: list[Colour] = [
    *((level, level, level) for level in range(0, 256, 15)),
    # Patches of the ColorChecker, and of the Monk skin tone scale.
    (115, 82, 68),
    (194, 150, 130),
    (246, 237, 228),
    (234, 218, 186),
    (160, 126, 86),
    (96, 65, 52),
    (41, 36, 32),
]
GREENS: list[Colour] = [(70, 148, 73), (25, 105, 55), (62, 120, 40), (10, 60, 20)]


def disc(side_px: int = 160, edge_px: float = 4, radius: float = 0.35) -> NDArray[np.uint8]:
    y, x = np.mgrid[0:side_px, 0:side_px] - side_px / 2
    inside = (side_px * radius - np.hypot(y, x)) / edge_px + 0.5
    alpha_u8: NDArray[np.uint8] = (inside.clip(0, 1) * 255).round().astype(np.uint8)
    return alpha_u8


def before(subject: object, ground: object, alpha_u8: NDArray[np.uint8]) -> Picture:
    """Composites a subject, a colour or one a pixel, over a ground."""
    share = alpha_u8[..., None] / 255
    mixed = np.asarray(subject) * share + np.asarray(ground) * (1 - share)
    return Picture(Image.fromarray(np.rint(mixed).astype(np.uint8)), None, None)


def found(picture: Picture, alpha_u8: NDArray[np.uint8]) -> Spill | None:
    matte = Matte(alpha_u8, foreground_found=True)
    return spill(estimated(picture, matte), matte)


def despilled(picture: Picture, alpha_u8: NDArray[np.uint8]) -> NDArray[np.int64]:
    rgb = picture.rgb.copy()
    light = found(picture, alpha_u8)
    if light:
        light.remove(rgb, alpha_u8, 0, 0)
    return np.asarray(rgb).astype(np.int64)


def green_excess(rgb: NDArray[np.int64]) -> NDArray[np.int64]:
    excess: NDArray[np.int64] = rgb[..., 1] - rgb[..., ::2].max(axis=-1)
    return excess


@pytest.mark.parametrize("edge_px", [0.01, 4, 20])
def test_a_screen_s_light_goes_from_a_grey_subject(edge_px: float) -> None:
    alpha_u8 = disc(edge_px=edge_px)
    lit = before((160, 200, 170), SCREEN, alpha_u8)
    assert green_excess(despilled(lit, alpha_u8))[alpha_u8 > 0].max() <= 1


@pytest.mark.parametrize("screen", [SCREEN, (90, 215, 100), (15, 95, 35)])
def test_a_rim_of_screen_that_the_matte_took_along_is_made_neutral(screen: Colour) -> None:
    true_u8, grown_u8 = disc(edge_px=0.01), disc(edge_px=0.01, radius=0.37)
    lit = before((120, 90, 80), screen, true_u8)
    rim = (grown_u8 == 255) & (true_u8 == 0)
    assert rim.sum() > 50
    after = despilled(lit, grown_u8)
    assert np.ptp(after[rim], axis=-1).max() <= 20
    assert np.array_equal(after[true_u8 == 255], np.asarray(lit.rgb)[true_u8 == 255])


@pytest.mark.parametrize("ground", [SCREEN, (255, 255, 255), (128, 128, 128), (0, 0, 0)])
@pytest.mark.parametrize("colour", SKIN_AND_GREYS)
def test_greys_and_skin_keep_their_very_values(colour: Colour, ground: Colour) -> None:
    alpha_u8 = disc()
    after = despilled(before(colour, ground, alpha_u8), alpha_u8)
    assert (after[alpha_u8 == 255] == colour).all()


@pytest.mark.parametrize("ground", [SCREEN, (255, 255, 255), (128, 128, 128), (30, 60, 200)])
@pytest.mark.parametrize("colour", GREENS)
def test_a_green_subject_keeps_its_very_values(colour: Colour, ground: Colour) -> None:
    alpha_u8 = disc()
    after = despilled(before(colour, ground, alpha_u8), alpha_u8)
    assert (after[alpha_u8 == 255] == colour).all()


@pytest.mark.parametrize("ground", [(255, 255, 255), (128, 128, 128), (170, 190, 165)])
def test_without_a_screen_there_is_no_spill(ground: Colour) -> None:
    alpha_u8 = disc()
    assert found(before((160, 200, 170), ground, alpha_u8), alpha_u8) is None


def test_a_subject_that_fills_the_picture_has_no_screen() -> None:
    alpha_u8 = np.full((40, 60), 255, np.uint8)
    assert found(before((160, 200, 170), SCREEN, alpha_u8), alpha_u8) is None


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (3, 2)])
def test_nothing_but_background_is_fine(size: tuple[int, int]) -> None:
    alpha_u8 = np.zeros(size, np.uint8)
    after = despilled(before((0, 0, 0), SCREEN, alpha_u8), alpha_u8)
    assert (after == SCREEN).all()


def test_a_screen_that_the_source_hides_tells_nothing() -> None:
    alpha_u8 = disc()
    source = before((160, 200, 170), SCREEN, alpha_u8)
    hidden = Picture(source.rgb, Image.fromarray(alpha_u8), None)
    assert found(hidden, alpha_u8) is None


def test_each_side_is_judged_by_the_ground_it_stands_before() -> None:
    alpha_u8 = disc(320)
    ground = np.full((320, 320, 3), (235, 235, 235))
    ground[:, :160] = SCREEN
    after = despilled(before((160, 185, 165), ground, alpha_u8), alpha_u8)
    solid = alpha_u8 == 255
    left, right = after[:, :100][solid[:, :100]], after[:, 220:][solid[:, 220:]]
    assert len(left) > 1000
    assert green_excess(left).mean() < 5
    assert green_excess(right).mean() > 15


def test_only_the_green_part_of_a_subject_counts_as_green() -> None:
    alpha_u8 = disc(320)
    subject = np.full((320, 320, 3), (25, 105, 55))
    subject[:160] = (160, 190, 165)
    after = despilled(before(subject, SCREEN, alpha_u8), alpha_u8)
    solid = alpha_u8 == 255
    jacket, face = after[190:][solid[190:]], after[:130][solid[:130]]
    assert green_excess(face).mean() < 5
    assert np.abs(jacket - (25, 105, 55)).mean() < 3


def test_parts_are_the_same_as_the_whole() -> None:
    alpha_u8 = disc(161)
    noise = np.random.default_rng(5).integers(0, 60, (161, 161, 3))
    subject = np.where(np.arange(161)[:, None, None] < 80, noise + LIT, noise)
    picture = before(subject, SCREEN, alpha_u8)
    light = found(picture, alpha_u8)
    assert light
    whole = despilled(picture, alpha_u8)
    for left, top, right, bottom in [(0, 0, 161, 7), (33, 40, 101, 97), (90, 160, 161, 161)]:
        part = picture.rgb.crop((left, top, right, bottom))
        part_alpha_u8 = alpha_u8[top:bottom, left:right]
        light.remove(part, part_alpha_u8, left, top)
        seen = part_alpha_u8 > 0
        assert np.array_equal(np.asarray(part)[seen], whole[top:bottom, left:right][seen])


@pytest.mark.parametrize("level", [0, 1, 60, 128, 254, 255])
def test_an_even_weight_is_a_weight_like_any_other(level: int) -> None:
    light = ScreenLight.of(np.array(SCREEN, np.float32))
    rgb = Image.new("RGB", (31, 9), (60, 250, 90))
    expected = light.made_neutral(rgb, Image.new("L", rgb.size, level))
    weight = Image.new("L", (8, 3), level)
    Spill(light, weight, cell_px=4).remove(rgb, np.full((9, 31), 255, np.uint8), 0, 0)
    assert rgb.tobytes() == expected.tobytes()


def test_a_weight_reaches_as_far_as_it_is_enlarged() -> None:
    light = ScreenLight.of(np.array(SCREEN, np.float32))
    levels = np.random.default_rng(6).choice(np.array([0, 0, 0, 255, 255], np.uint8), (10, 12))
    weight = Image.fromarray(levels)
    rgb = Image.new("RGB", (48, 40), (60, 250, 90))
    expected = light.made_neutral(rgb, enlarged(weight, 4, (0, 0, 48, 40)))
    assert np.ptp(np.asarray(expected).astype(int), axis=(0, 1)).max() > 50
    for top in range(40):
        for left in range(0, 48, 3):
            part = rgb.crop((left, top, left + 3, top + 1))
            Spill(light, weight, cell_px=4).remove(part, np.full((1, 3), 9, np.uint8), left, top)
            assert part.tobytes() == expected.crop((left, top, left + 3, top + 1)).tobytes()
