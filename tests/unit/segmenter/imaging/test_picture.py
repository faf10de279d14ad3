import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bounds import fitted_size
from segmenter.imaging.picture import Picture
from tests.unit.segmenter.imaging import samples


def test_tells_its_size() -> None:
    picture = Picture(samples.picture(30, 20), None, None)

    assert (picture.width_px, picture.height_px) == (30, 20)


def test_a_picture_that_fits_is_the_same_object() -> None:
    picture = Picture(samples.picture(30, 20), None, None)

    assert picture.fitted(600) is picture
    assert picture.fitted(10**9) is picture


def test_one_pixel_less_makes_it_smaller() -> None:
    fitted = Picture(samples.picture(30, 20), None, None).fitted(599)

    assert (fitted.width_px, fitted.height_px) == (29, 19)


def test_halving_keeps_what_it_shows() -> None:
    fitted = Picture(samples.picture(400, 200), None, b"profile").fitted(100 * 200)

    expected = samples.picture(200, 100)
    assert fitted.rgb.mode == "RGB"
    assert fitted.alpha is None
    assert fitted.icc_profile == b"profile"
    assert np.abs(np.asarray(fitted.rgb, int) - np.asarray(expected, int)).max() <= 2


def test_hidden_colour_does_not_bleed() -> None:
    rgb = Image.new("RGB", (64, 64), (255, 0, 0))
    rgb.paste((0, 255, 0), (32, 0, 64, 64))
    alpha = Image.new("L", (64, 64), 255)
    alpha.paste(0, (32, 0, 64, 64))

    fitted = Picture(rgb, alpha, None).fitted(31 * 31)

    assert fitted.alpha is not None
    assert fitted.alpha.mode == "L"
    assert fitted.alpha.size == fitted.rgb.size == (31, 31)
    visible = np.asarray(fitted.rgb)[np.asarray(fitted.alpha) > 20]
    assert visible[:, 1].max() <= 2


def test_the_profile_stays_out_of_the_repr() -> None:
    assert "secret" not in repr(Picture(samples.picture(), None, b"secret"))


@pytest.mark.parametrize("size", [(1, 3000), (3000, 1), (2, 1500), (2999, 2)])
def test_a_line_stays_a_line(size: tuple[int, int]) -> None:
    fitted = Picture(samples.picture(*size), None, None).fitted(1000)

    assert min(fitted.rgb.size) == 1
    assert 30 <= max(fitted.rgb.size) <= 1000


@given(width=st.integers(1, 400), height=st.integers(1, 400), limit=st.integers(1, 2000))
def test_never_more_pixels_never_larger_never_empty(width: int, height: int, limit: int) -> None:
    fitted = Picture(Image.new("RGB", (width, height)), None, None).fitted(limit)

    assert fitted.width_px * fitted.height_px <= max(limit, 1)
    assert 1 <= fitted.width_px <= width
    assert 1 <= fitted.height_px <= height


@given(width=st.integers(1, 400), height=st.integers(1, 400), limit=st.integers(1, 2000))
def test_the_size_foretold_is_the_size_made(width: int, height: int, limit: int) -> None:
    fitted = Picture(Image.new("RGB", (width, height)), None, None).fitted(limit)

    assert fitted.rgb.size == fitted_size(width, height, limit)


def test_what_is_shown_is_grey_where_the_picture_is_transparent() -> None:
    rgb = Image.new("RGB", (20, 10), (0, 200, 100))
    alpha = Image.new("L", (20, 10), 255)
    alpha.paste(0, (5, 0, 10, 10))
    alpha.paste(128, (10, 0, 15, 10))
    shown = Picture(rgb, alpha, None).shown((4, 2, 16, 8))
    assert shown.size == (12, 6)
    assert shown.getpixel((0, 0)) == (0, 200, 100)
    assert shown.getpixel((3, 3)) == (128, 128, 128)
    assert shown.getpixel((8, 5)) == (64, 164, 114)


def test_an_opaque_picture_is_shown_as_it_is() -> None:
    rgb = Image.effect_noise((20, 10), 60).convert("RGB")
    assert Picture(rgb, None, None).shown() is rgb
    assert (
        Picture(rgb, None, None).shown((2, 3, 9, 7)).tobytes() == rgb.crop((2, 3, 9, 7)).tobytes()
    )


@pytest.mark.parametrize("alpha", [None, Image.new("L", (40, 20), 99)])
def test_a_smaller_picture_knows_the_size_of_its_image(alpha: Image.Image | None) -> None:
    picture = Picture(samples.picture(40, 20), alpha, None)

    assert picture.fitted(200).full_size == (40, 20)
    assert picture.fitted(200).fitted(50).full_size == (40, 20)
    decoded_smaller = Picture(samples.picture(40, 20), alpha, None, (80, 40))
    assert decoded_smaller.fitted(200).full_size == (80, 40)
