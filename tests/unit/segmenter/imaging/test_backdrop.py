"""Pictures behind subjects."""

import numpy as np
import pytest
from PIL import Image

from segmenter.errors import InvalidOptionError
from segmenter.imaging.backdrop import backdrop, canvas_size
from segmenter.imaging.colour import to_srgb
from segmenter.imaging.limits import ImageLimits
from segmenter.imaging.picture import Picture
from segmenter.options import CutOutOptions, OutputChannels
from segmenter.scene_options import BackgroundPicture, Canvas
from tests.unit.segmenter.imaging import samples

PICTURE = Picture(samples.picture(60, 40), None, None)


def asks(width_px: int | None = None, height_px: int | None = None) -> CutOutOptions:
    laid = BackgroundPicture(Canvas.BACKGROUND, width_px, height_px)
    return CutOutOptions(background_picture=laid)


@pytest.mark.parametrize(
    ("wanted", "size"),
    [
        ((None, None), (60, 40)),
        ((90, None), (90, 40)),
        ((None, 90), (60, 90)),
        ((7, 3), (7, 3)),
    ],
)
def test_a_side_that_is_not_told_is_the_background_s_own(
    wanted: tuple[int | None, int | None], size: tuple[int, int]
) -> None:
    assert canvas_size(asks(*wanted), 60, 40, 10_000) == size


def test_else_the_image_decides() -> None:
    assert canvas_size(CutOutOptions(), 60, 40, 1) is None


def test_the_matte_alone_has_the_size_of_the_image() -> None:
    options = CutOutOptions(
        channels=OutputChannels.ALPHA, background_picture=asks(9, 9).background_picture
    )
    assert canvas_size(options, 60, 40, 1) is None


def test_one_pixel_past_the_limit_is_refused() -> None:
    assert canvas_size(asks(1000, 500), 60, 40, 500_000) == (1000, 500)
    with pytest.raises(InvalidOptionError) as caught:
        canvas_size(asks(1000, 500), 60, 40, 499_999)
    assert caught.value.metadata == {"field": "background_picture", "problem": "too_large"}
    with pytest.raises(InvalidOptionError):
        canvas_size(asks(), 60, 40, 60 * 40 - 1)


@pytest.mark.parametrize("tall", [False, True])
def test_one_pixel_past_the_longest_side_is_refused(*, tall: bool) -> None:
    side_px = ImageLimits().max_side_px
    for longest_px in (side_px, side_px + 1):
        size = (1, longest_px) if tall else (longest_px, 1)
        if longest_px == side_px:
            assert canvas_size(asks(*size), 60, 40, 50_000_000) == size
        else:
            with pytest.raises(InvalidOptionError) as caught:
                canvas_size(asks(*size), 60, 40, 50_000_000)
            assert caught.value.metadata["problem"] == "too_large"


def test_a_background_of_the_right_size_is_shown_as_it_is() -> None:
    assert backdrop(PICTURE, (60, 40), 0).tobytes() == PICTURE.rgb.tobytes()


@pytest.mark.parametrize("size", [(60, 20), (20, 40), (61, 39), (300, 10), (1, 400)])
def test_it_covers_the_canvas_and_is_cut_evenly(size: tuple[int, int]) -> None:
    behind = backdrop(PICTURE, size, 0)
    assert behind.size == size
    assert behind.mode == "RGB"
    middle = np.asarray(behind).astype(float).mean(axis=(0, 1))
    # The picture is a ramp: what is cut off on one side is so on the other.
    assert np.abs(middle - np.asarray(PICTURE.rgb).astype(float).mean(axis=(0, 1))).max() < 5


def test_a_wide_canvas_shows_the_middle_rows() -> None:
    behind = backdrop(PICTURE, (60, 20), 0)
    assert behind.tobytes() == PICTURE.rgb.crop((0, 10, 60, 30)).tobytes()


def test_what_is_transparent_lies_on_white_and_its_colour_does_not_bleed() -> None:
    rgb, alpha = Image.new("RGB", (60, 40), (0, 0, 200)), Image.new("L", (60, 40), 255)
    rgb.paste((255, 0, 0), (30, 0, 60, 40))
    alpha.paste(0, (30, 0, 60, 40))
    alpha.paste(128, (0, 0, 10, 40))
    behind = backdrop(Picture(rgb, alpha, None), (30, 20), 0)
    assert behind.getpixel((2, 10)) == (127, 127, 227)
    assert behind.getpixel((9, 10)) == (0, 0, 200)
    assert behind.getpixel((25, 10)) == (255, 255, 255)
    red, green, _ = np.asarray(behind).astype(int).transpose(2, 0, 1)
    assert (red - green).max() <= 2


@pytest.mark.parametrize("alpha", [None, Image.new("L", (60, 40), 255)])
def test_it_is_brought_to_srgb(alpha: Image.Image | None) -> None:
    profile = samples.icc_profile(b"RGB ", gamma=1.0)
    behind = backdrop(Picture(PICTURE.rgb, alpha, profile), (60, 40), 0)
    assert behind.tobytes() == to_srgb(PICTURE.rgb, profile).tobytes()
    assert behind.tobytes() != PICTURE.rgb.tobytes()


@pytest.mark.parametrize("sigma", [1, 3, 5, 9, 30])
def test_its_blur_is_a_gaussian_of_a_share_of_the_shorter_side(sigma: int) -> None:
    edge = Image.new("RGB", (400, 100), (0, 0, 0))
    edge.paste((255, 255, 255), (200, 0, 400, 100))
    behind = np.asarray(backdrop(Picture(edge, None, None), (400, 100), sigma / 100))
    ramp = behind[50, :, 0].astype(float)
    steps = np.diff(ramp)
    places = np.arange(1, 400)
    mean = (steps * places).sum() / steps.sum()
    assert mean == pytest.approx(200, abs=0.6)
    spread = np.sqrt((steps * (places - mean) ** 2).sum() / steps.sum())
    assert spread == pytest.approx(sigma, rel=0.12)
    assert (steps >= -1).all()


@pytest.mark.parametrize("size", [(60, 40), (7, 5), (1, 1), (900, 2)])
@pytest.mark.parametrize("blur", [0.01, 0.3, 1.0])
def test_any_blur_leaves_a_picture_of_that_size_and_no_dark_borders(
    size: tuple[int, int], blur: float
) -> None:
    white = Picture(Image.new("RGB", (60, 40), (255, 255, 255)), None, None)
    behind = backdrop(white, size, blur)
    assert behind.size == size
    assert behind.getextrema() == ((255, 255),) * 3
