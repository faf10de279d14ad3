"""Which pixels an answer has."""

import numpy as np
import pytest
from PIL import Image

from segmenter.imaging.colour import to_srgb
from segmenter.imaging.compose import (
    CutOutRows,
    MatteRows,
    OpaqueRows,
    Rows,
    TranslucentRows,
)
from segmenter.imaging.matte import Matte
from segmenter.imaging.picture import Picture
from segmenter.imaging.rendering import rendered
from segmenter.options import Colour, CutOutOptions, OutputChannels, OutputFormat
from tests.unit.segmenter.imaging import samples

WITH_ALPHA = [OutputFormat.PNG, OutputFormat.WEBP, OutputFormat.TIFF]
WITHOUT_ALPHA = [OutputFormat.JPEG, OutputFormat.BMP, OutputFormat.GIF]
WIDE = samples.icc_profile(b"RGB ", gamma=2.2)
GREEN, VEIL = Colour(30, 200, 60), Colour(30, 200, 60, 128)

PICTURE = Picture(samples.picture(32, 24), None, None)
ALPHA_U8 = np.zeros((24, 32), np.uint8)
ALPHA_U8[5:20, 8:30] = 255
ALPHA_U8[4, 8:30] = 1
MATTE = Matte(ALPHA_U8, foreground_found=True)
NOTHING = Matte(np.zeros((24, 32), np.uint8), foreground_found=False)


def whole(rows: Rows) -> Image.Image:
    mode = {1: "L", 3: "RGB", 4: "RGBA"}[rows.channels]
    size = (rows.width_px, rows.height_px)
    return Image.frombytes(mode, size, rows.block(0, rows.height_px).tobytes())


@pytest.mark.parametrize("file_format", WITH_ALPHA)
def test_without_a_background_the_cut_out_keeps_alpha_and_profile(
    file_format: OutputFormat,
) -> None:
    picture = Picture(PICTURE.rgb, None, WIDE)
    rows = rendered(picture, MATTE, CutOutOptions(file_format))
    assert isinstance(rows, CutOutRows)
    assert rows.icc_profile == WIDE


@pytest.mark.parametrize("file_format", WITHOUT_ALPHA)
def test_formats_without_alpha_lie_on_white(file_format: OutputFormat) -> None:
    rows = rendered(PICTURE, MATTE, CutOutOptions(file_format))
    assert isinstance(rows, OpaqueRows)
    assert whole(rows).getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize("file_format", OutputFormat)
def test_an_opaque_background_gives_rgb(file_format: OutputFormat) -> None:
    rows = rendered(PICTURE, MATTE, CutOutOptions(file_format, background=GREEN))
    assert isinstance(rows, OpaqueRows)
    assert whole(rows).getpixel((0, 0)) == GREEN.rgb


@pytest.mark.parametrize("file_format", WITH_ALPHA)
def test_a_translucent_background_stays_translucent(file_format: OutputFormat) -> None:
    rows = rendered(PICTURE, MATTE, CutOutOptions(file_format, background=VEIL))
    assert isinstance(rows, TranslucentRows)
    assert whole(rows).getpixel((0, 0)) == (*VEIL.rgb, 128)


@pytest.mark.parametrize("file_format", WITHOUT_ALPHA)
def test_a_translucent_background_lies_on_white_in_the_end(file_format: OutputFormat) -> None:
    rows = rendered(PICTURE, MATTE, CutOutOptions(file_format, background=VEIL))
    assert isinstance(rows, OpaqueRows)
    assert whole(rows).getpixel((0, 0)) == (142, 227, 157)


@pytest.mark.parametrize("background", [GREEN, VEIL])
def test_over_a_background_the_picture_is_brought_to_srgb(background: Colour) -> None:
    picture = Picture(PICTURE.rgb, None, WIDE)
    rows = rendered(picture, MATTE, CutOutOptions(background=background))
    assert rows.icc_profile is None
    subject = whole(rows).convert("RGB").crop((8, 5, 30, 20))
    expected = to_srgb(PICTURE.rgb, WIDE).crop((8, 5, 30, 20))
    assert subject.tobytes() == expected.tobytes()
    assert subject.tobytes() != PICTURE.rgb.crop((8, 5, 30, 20)).tobytes()


def test_crop_takes_the_box_of_all_that_shows() -> None:
    rows = rendered(PICTURE, MATTE, CutOutOptions(crop=True))
    assert (rows.width_px, rows.height_px) == (22, 16)
    uncropped = whole(rendered(PICTURE, MATTE, CutOutOptions()))
    assert whole(rows).tobytes() == uncropped.crop((8, 4, 30, 20)).tobytes()


def test_crop_comes_before_the_background() -> None:
    rows = rendered(PICTURE, MATTE, CutOutOptions(crop=True, background=GREEN))
    assert (rows.width_px, rows.height_px) == (22, 16)


@pytest.mark.parametrize("options", [CutOutOptions(), CutOutOptions(background=GREEN)])
def test_where_there_is_no_subject_nothing_is_cropped(options: CutOutOptions) -> None:
    cropped = CutOutOptions(crop=True, background=options.background)
    rows = rendered(PICTURE, NOTHING, cropped)
    assert (rows.width_px, rows.height_px) == (32, 24)
    assert whole(rows).tobytes() == whole(rendered(PICTURE, NOTHING, options)).tobytes()


@pytest.mark.parametrize("background", [None, GREEN, VEIL])
def test_despill_is_done_on_demand_only_and_never_to_the_background(
    background: Colour | None,
) -> None:
    spilled_u8 = np.full((24, 32, 3), (10, 200, 10), np.uint8)
    spilled_u8[ALPHA_U8 > 1] = (150, 180, 150)
    spilled = Picture(Image.fromarray(spilled_u8), None, None)
    plain, clean = (
        whole(rendered(spilled, MATTE, CutOutOptions(background=background, despill=despill)))
        for despill in (False, True)
    )
    assert plain.convert("RGB").getpixel((20, 10)) == (150, 180, 150)
    assert clean.convert("RGB").getpixel((20, 10)) == (171, 171, 171)
    assert clean.getpixel((0, 0)) == plain.getpixel((0, 0))


@pytest.mark.parametrize("hard", [False, True])
def test_despill_does_not_depend_on_soft_pixels(*, hard: bool) -> None:
    alpha_u8 = np.where(ALPHA_U8 == 1, 0, ALPHA_U8).astype(np.uint8) if hard else ALPHA_U8
    spilled_u8 = np.where(alpha_u8[..., None] == 255, (150, 180, 150), (10, 200, 10))
    picture = Picture(Image.fromarray(spilled_u8.astype(np.uint8)), None, None)
    options = CutOutOptions(despill=True)
    rgba = whole(rendered(picture, Matte(alpha_u8, foreground_found=True), options))
    assert rgba.getpixel((20, 10)) == (171, 171, 171, 255)


def test_a_crop_is_despilled_like_the_whole() -> None:
    rows = rendered(MIXED, SOFT, CutOutOptions(crop=True, despill=True))
    uncropped = whole(rendered(MIXED, SOFT, CutOutOptions(despill=True)))
    assert whole(rows).tobytes() == uncropped.crop((1, 0, 32, 24)).tobytes()


SOFT_U8 = np.repeat(np.linspace(0, 255, 32).round().astype(np.uint8)[None], 24, axis=0)
SOFT = Matte(SOFT_U8, foreground_found=True)
MIXED = Picture(
    Image.composite(
        Image.new("RGB", (32, 24), (220, 30, 40)),
        Image.new("RGB", (32, 24), (30, 220, 40)),
        Image.fromarray(SOFT_U8),
    ),
    None,
    None,
)


def test_a_cut_out_has_the_subject_s_own_colours_where_it_is_soft() -> None:
    rgba_u8 = np.asarray(whole(rendered(MIXED, SOFT, CutOutOptions()))).astype(int)
    assert np.array_equal(rgba_u8[..., 3], SOFT_U8)
    assert not rgba_u8[:, 0].any()
    # Green was the background; half of it shows through in the middle of the photo.
    assert np.asarray(MIXED.rgb)[:, 14:18, 1].min() > 100
    assert rgba_u8[:, 14:18, 1].max() < 60


@pytest.mark.parametrize("background", [Colour(255, 255, 255), Colour(0, 0, 0, 128)])
def test_over_a_background_the_old_one_is_gone(background: Colour) -> None:
    rows = rendered(MIXED, SOFT, CutOutOptions(background=background))
    red, green, blue = np.asarray(whole(rows).convert("RGB")).astype(int)[:, 16].mean(axis=0)
    assert abs(green - blue) < 30
    assert red > green + 40


def test_the_subject_s_colours_are_found_before_its_spill_is_taken_back() -> None:
    green = Picture(Image.new("RGB", (32, 24), (30, 220, 40)), None, None)
    grey = Image.composite(
        Image.new("RGB", (32, 24), (90, 90, 90)), green.rgb, Image.fromarray(SOFT_U8)
    )
    rows = rendered(Picture(grey, None, None), SOFT, CutOutOptions(despill=True))
    rgba_u8 = np.asarray(whole(rows)).astype(int)
    # Mixed with green light, the grey would be brighter.
    assert np.abs(rgba_u8[:, 20:, :3] - 90).max() < 30


def test_colours_come_out_in_the_space_of_the_picture() -> None:
    plain, wide = (
        whole(rendered(Picture(MIXED.rgb, None, profile), SOFT, CutOutOptions()))
        for profile in (None, WIDE)
    )
    assert plain.tobytes() == wide.tobytes()


def test_a_crop_shows_the_colours_of_the_whole() -> None:
    rows = rendered(MIXED, SOFT, CutOutOptions(crop=True))
    uncropped = whole(rendered(MIXED, SOFT, CutOutOptions()))
    assert whole(rows).tobytes() == uncropped.crop((1, 0, 32, 24)).tobytes()


def test_a_source_s_own_soft_edge_keeps_its_colours() -> None:
    picture = Picture(MIXED.rgb, Image.fromarray(SOFT_U8), None)
    rgba_u8 = np.asarray(whole(rendered(picture, SOFT, CutOutOptions())))
    assert np.array_equal(rgba_u8[:, 1:, :3], np.asarray(MIXED.rgb)[:, 1:])


@pytest.mark.parametrize("file_format", OutputFormat)
def test_the_matte_alone_knows_crop_but_no_background(file_format: OutputFormat) -> None:
    options = CutOutOptions(
        file_format, OutputChannels.ALPHA, crop=True, background=GREEN, despill=True
    )
    rows = rendered(PICTURE, MATTE, options)
    assert isinstance(rows, MatteRows)
    assert np.array_equal(np.asarray(whole(rows)), ALPHA_U8[4:20, 8:30])
