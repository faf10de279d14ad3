"""Lines and shadows below a subject."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from segmenter.imaging import effects
from segmenter.imaging.crop import Box
from segmenter.imaging.effects import Layer, Underlaid, underlaid
from segmenter.imaging.matte import Matte
from segmenter.imaging.picture import Picture
from segmenter.imaging.subject import Shown, Subject
from segmenter.imaging.widening import widened
from segmenter.scene_options import NOTHING, Colour, Length, Shadow, Stroke

RED, BLACK = Colour(230, 20, 40), Colour(0, 0, 0, 128)
WHITE = Colour(255, 255, 255)


def subject(alpha_u8: NDArray[np.uint8], rgb: tuple[int, int, int] = (10, 200, 90)) -> Subject:
    height, width = alpha_u8.shape
    picture = Picture(Image.new("RGB", (width, height), rgb), None, None)
    return Subject(picture, Matte(alpha_u8, foreground_found=True), Box(0, 0, width, height))


def block(width: int, height: int, box: Box, value: int = 255) -> NDArray[np.uint8]:
    alpha_u8 = np.zeros((height, width), np.uint8)
    alpha_u8[box.top : box.bottom, box.left : box.right] = value
    return alpha_u8


def alpha(shown: Shown) -> NDArray[np.float64]:
    return shown.alpha_u8(0, shown.height_px).astype(float)


def layers(shown: Subject | Underlaid) -> tuple[Layer, ...]:
    assert isinstance(shown, Underlaid)
    return shown.layers


def centroid(alpha_u8: NDArray[np.uint8]) -> tuple[float, float]:
    weights = alpha_u8.astype(float)
    y, x = np.mgrid[: alpha_u8.shape[0], : alpha_u8.shape[1]]
    return (x * weights).sum() / weights.sum(), (y * weights).sum() / weights.sum()


SQUARE = Box(40, 30, 60, 50)
PLAIN = block(100, 80, SQUARE)


def test_nothing_asked_for_is_the_subject_itself() -> None:
    plain = subject(PLAIN)
    assert underlaid(plain, None, None) is plain


def test_without_a_subject_there_is_nothing_to_draw() -> None:
    nobody = subject(np.zeros((80, 100), np.uint8))
    assert underlaid(nobody, Stroke(5, RED), Shadow(BLACK)) is nobody


@pytest.mark.parametrize("width_px", [1, 5, 25])
def test_a_line_is_as_wide_as_asked(width_px: int) -> None:
    shown = underlaid(subject(PLAIN), Stroke(width_px, RED), None)
    across = alpha(shown)[40] / 255
    assert across.sum() == pytest.approx(20 + 2 * width_px, abs=0.02)
    assert shown.visible_box() == SQUARE.grown(width_px + 1)


def test_a_line_has_its_colour_and_its_opacity_and_lies_below() -> None:
    shown = underlaid(subject(PLAIN), Stroke(6, Colour(1, 2, 3, 100)), None)
    rgb = shown.rgb(0, 80)
    assert rgb.getpixel((50, 40)) == (10, 200, 90)
    assert rgb.getpixel((36, 40)) == (1, 2, 3)
    assert alpha(shown)[40, 36] == 100
    assert alpha(shown)[40, 50] == 255


def test_a_line_is_cut_at_the_canvas() -> None:
    shown = underlaid(subject(block(40, 30, Box(0, 0, 10, 30))), Stroke(4, RED), None)
    assert shown.visible_box() == Box(0, 0, 15, 30)
    # No corners where the subject goes on beyond.
    assert (alpha(shown)[1:-1, 12] == 255).all()


@given(seed=st.integers(0, 2**32 - 1), width_px=st.integers(1, 9))
@settings(max_examples=25, deadline=None)
def test_a_line_does_not_depend_on_how_large_its_canvas_is(seed: int, width_px: int) -> None:
    rng = np.random.default_rng(seed)
    alpha_u8 = rng.choice(np.array([0, 0, 0, 0, 60, 255], np.uint8), (14, 17))
    roomy = np.pad(alpha_u8, 15)
    near, far = (
        alpha(underlaid(subject(each), Stroke(width_px, RED), None)) for each in (alpha_u8, roomy)
    )
    assert np.array_equal(near, far[15:-15, 15:-15])


@pytest.mark.parametrize("size", [(1, 5000), (5000, 1)])
def test_a_line_takes_no_room_beyond_a_narrow_canvas(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    worked_px = []

    def counted(alpha_u8: NDArray[np.uint8], radius_px: int) -> NDArray[np.uint8]:
        worked_px.append(alpha_u8.size)
        return widened(alpha_u8, radius_px)

    monkeypatch.setattr(effects, "widened", counted)
    underlaid(subject(np.full(size, 255, np.uint8)), Stroke(100, RED), None)
    assert worked_px[0] <= 5 * 5004


def test_a_shadow_without_blur_is_the_alpha_moved() -> None:
    shadow = Shadow(BLACK, Length(7), Length(-9))
    (layer,) = layers(underlaid(subject(PLAIN), None, shadow))
    expected = block(100, 80, Box(47, 21, 67, 41), 128)
    assert np.array_equal(layer.alpha_u8, expected)


def test_shares_are_of_the_subject_s_box() -> None:
    wide = block(200, 100, Box(50, 40, 100, 60))
    shadow = Shadow(BLACK, Length(share=0.5), Length(share=-0.25))
    (layer,) = layers(underlaid(subject(wide), None, shadow))
    assert np.array_equal(layer.alpha_u8, block(200, 100, Box(75, 35, 125, 55), 128))


def test_the_blur_s_share_is_of_the_longer_side() -> None:
    wide = block(200, 100, Box(80, 45, 120, 55))
    by_share, by_pixels = (
        layers(underlaid(subject(wide), None, Shadow(BLACK, blur=blur)))[0].alpha_u8
        for blur in (Length(share=0.1), Length(4))
    )
    assert np.array_equal(by_share, by_pixels)


@pytest.mark.parametrize("sigma", [1, 3, 4, 10, 31])
def test_a_blurred_shadow_is_a_gaussian_around_its_place(sigma: int) -> None:
    alpha_u8 = block(300, 260, Box(130, 110, 171, 151))
    shadow = Shadow(Colour(0, 0, 0), Length(5), Length(8), Length(sigma))
    (layer,) = layers(underlaid(subject(alpha_u8), None, shadow))
    x, y = centroid(layer.alpha_u8)
    assert x == pytest.approx(150 + 5, abs=0.1)
    assert y == pytest.approx(130 + 8, abs=0.1)
    assert layer.alpha_u8.sum(dtype=float) == pytest.approx(alpha_u8.sum(dtype=float), rel=0.02)
    assert np.abs(layer.alpha_u8 - gaussian(np.roll(alpha_u8, (8, 5), (0, 1)), sigma)).max() < 6


def gaussian(alpha_u8: NDArray[np.uint8], sigma: float) -> NDArray[np.float64]:
    steps = np.arange(-4 * sigma, 4 * sigma + 1)
    bell = np.exp(-(steps**2) / (2 * sigma**2))
    bell /= bell.sum()
    blurred = alpha_u8.astype(float)
    for axis in (0, 1):
        blurred = np.apply_along_axis(np.convolve, axis, blurred, bell, "full")
        cut = [slice(None), slice(None)]
        cut[axis] = slice(4 * sigma, -4 * sigma)
        blurred = blurred[tuple(cut)]
    return blurred


@pytest.mark.parametrize("wanted", [Length(500), Length(501), Length(1_000_000)])
def test_at_most_500_pixels_of_blur_count(wanted: Length) -> None:
    (layer,) = layers(underlaid(subject(PLAIN), None, Shadow(WHITE, blur=wanted)))
    (most,) = layers(underlaid(subject(PLAIN), None, Shadow(WHITE, blur=Length(500))))
    (less,) = layers(underlaid(subject(PLAIN), None, Shadow(WHITE, blur=Length(40))))
    assert np.array_equal(layer.alpha_u8, most.alpha_u8)
    assert most.alpha_u8.max() < less.alpha_u8.max()


def test_a_negative_blur_is_none() -> None:
    sharp, negative = (
        layers(underlaid(subject(PLAIN), None, Shadow(WHITE, blur=blur)))[0].alpha_u8
        for blur in (NOTHING, Length(-5))
    )
    assert np.array_equal(sharp, negative)


@pytest.mark.parametrize("offset", [Length(2**31 - 1), Length(-(2**31)), Length(share=3e38)])
def test_a_shadow_far_beyond_the_canvas_is_not_seen(offset: Length) -> None:
    shown = underlaid(subject(PLAIN), None, Shadow(BLACK, offset, offset, Length(500)))
    assert shown.visible_box() == SQUARE


def test_a_shadow_is_cut_at_the_canvas() -> None:
    shown = underlaid(subject(PLAIN), None, Shadow(BLACK, Length(50), Length(40)))
    assert shown.visible_box() == Box(40, 30, 100, 80)


def test_the_line_casts_a_shadow_too_below_both() -> None:
    shadow = Shadow(Colour(0, 0, 9), Length(20), NOTHING)
    shown = underlaid(subject(PLAIN), Stroke(6, RED), shadow)
    rgb = shown.rgb(0, 80)
    assert rgb.getpixel((50, 40)) == (10, 200, 90)
    assert rgb.getpixel((63, 40)) == RED.rgb
    assert rgb.getpixel((75, 40)) == (0, 0, 9)
    assert rgb.getpixel((84, 40)) == (0, 0, 9)
    assert alpha(shown)[40, 84] == 255


def test_shares_do_not_count_the_line() -> None:
    shadow = Shadow(WHITE, Length(share=1.0), NOTHING)
    shown = underlaid(subject(PLAIN), Stroke(6, RED), shadow)
    assert centroid(layers(shown)[1].alpha_u8)[0] == pytest.approx(49.5 + 20)


@given(seed=st.integers(0, 2**32 - 1), opacity=st.tuples(st.integers(1, 255), st.integers(1, 255)))
@settings(max_examples=30, deadline=None)
def test_all_is_composited_as_porter_and_duff_say(seed: int, opacity: tuple[int, int]) -> None:
    rng = np.random.default_rng(seed)
    alpha_u8 = rng.choice(np.array([0, 0, 1, 90, 200, 255], np.uint8), (30, 70))
    rgb_u8 = rng.integers(0, 256, (30, 70, 3), dtype=np.uint8)
    picture = Picture(Image.fromarray(rgb_u8), None, None)
    whole = Subject(picture, Matte(alpha_u8, foreground_found=True), Box(0, 0, 70, 30))
    stroke = Stroke(2, Colour(200, 10, 60, opacity[0]))
    shadow = Shadow(Colour(5, 60, 220, opacity[1]), Length(3), Length(2), Length(2))
    shown = underlaid(whole, stroke, shadow)

    colour, cover = rgb_u8.astype(float), alpha_u8[..., None] / 255
    for layer in layers(shown):
        ground = layer.alpha_u8[..., None] / 255
        total = cover + (1 - cover) * ground
        mixed = colour * cover + np.array(layer.colour.rgb) * ground * (1 - cover)
        colour, cover = mixed / np.where(total > 0, total, 1), total

    assert np.abs(alpha(shown) - 255 * cover[..., 0]).max() <= 1
    seen = cover[..., 0] > 0.1
    off = np.abs(np.asarray(shown.rgb(0, 30)).astype(float) - colour)[seen]
    # Rounded twice, and the alpha between, which counts where it is small.
    assert (off.max(axis=-1) <= 1.01 + 0.5 / cover[seen][:, 0]).all()


def test_parts_show_what_the_whole_does() -> None:
    rng = np.random.default_rng(3)
    alpha_u8 = rng.choice(np.array([0, 0, 1, 128, 255], np.uint8), (90, 70))
    shadow = Shadow(BLACK, Length(3), Length(4), Length(3))
    shown = underlaid(subject(alpha_u8), Stroke(3, RED), shadow)
    part = shown.cut_to(Box(11, 13, 61, 83))
    assert (part.width_px, part.height_px) == (50, 70)
    whole_u8 = np.asarray(shown.rgb(0, 90))[13:83, 11:61]
    parts_u8 = np.concatenate([np.asarray(part.rgb(0, 32)), np.asarray(part.rgb(32, 70))])
    seen = part.alpha_u8(0, 70) > 0
    assert np.array_equal(whole_u8[seen], parts_u8[seen])
    assert np.array_equal(shown.alpha_u8(0, 90)[13:83, 11:61], part.alpha_u8(0, 70))


@pytest.mark.parametrize("size", [(1, 500_000), (500_000, 1)])
def test_the_widest_shadow_may_be_that_of_the_narrowest_subject(size: tuple[int, int]) -> None:
    # Pillow refuses to make pictures of very many pixels.
    shown = underlaid(subject(np.full(size, 255, np.uint8)), None, Shadow(BLACK, blur=Length(500)))
    assert shown.visible_box() == Box(0, 0, size[1], size[0])
