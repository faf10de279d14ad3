"""Which pixels an answer has."""

import dataclasses

import numpy as np
import pytest
from PIL import Image

from segmenter.errors import InvalidOptionError
from segmenter.imaging import rendering, subject
from segmenter.imaging.colour import to_srgb
from segmenter.imaging.compose import (
    CutOutRows,
    MatteRows,
    OpaqueRows,
    Rows,
    TranslucentRows,
)
from segmenter.imaging.framing import BackdropRows, FramedRows
from segmenter.imaging.matte import Matte
from segmenter.imaging.picture import Picture
from segmenter.imaging.rendering import rendered
from segmenter.options import CutOutOptions, OutputChannels, OutputFormat
from segmenter.scene_options import (
    BackgroundPicture,
    Canvas,
    Colour,
    Length,
    Margins,
    Placement,
    Region,
    Shadow,
    Stroke,
)
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


def pixel(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    return tuple(np.asarray(image)[y, x].tolist())


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


BACKGROUND = Picture(Image.new("RGB", (60, 60), (1, 150, 220)), None, None)
CENTRED = Placement(x=0.5, y=0.5)
STROKE, SHADOW = Stroke(2, GREEN), Shadow(Colour(0, 0, 0, 99), Length(3), Length(2), Length(2))
LEFT_HALF = Region(Length(), Length(), Length(share=0.5), Length(share=1.0))


def fresh() -> Matte:
    return Matte(ALPHA_U8.copy(), foreground_found=True)


@pytest.mark.parametrize("channels", OutputChannels)
@pytest.mark.parametrize("background", [None, GREEN, VEIL])
def test_neutral_wishes_change_nothing(background: Colour | None, channels: OutputChannels) -> None:
    plain = CutOutOptions(channels=channels, background=background)
    whole_image = Region(Length(), Length(), Length(share=1.0), Length(24))
    neutral = dataclasses.replace(
        plain,
        region=whole_image,
        crop_margin=Margins(top=Length(5)),
        placement=Placement(),
        background_picture=BackgroundPicture(Canvas.BACKGROUND, 9, 9, blur=0.5),
    )
    rows, same = rendered(PICTURE, MATTE, plain), rendered(PICTURE, fresh(), neutral)
    assert type(rows) is type(same)
    assert whole(rows).tobytes() == whole(same).tobytes()


@pytest.mark.parametrize("channels", OutputChannels)
def test_outside_of_a_region_nothing_is_seen(channels: OutputChannels) -> None:
    options = CutOutOptions(channels=channels, region=LEFT_HALF)
    alpha_u8 = np.asarray(whole(rendered(PICTURE, fresh(), options)).split()[-1])
    assert np.array_equal(alpha_u8[:, :16], ALPHA_U8[:, :16])
    assert not alpha_u8[:, 16:].any()


def test_a_region_comes_before_the_crop() -> None:
    rows = rendered(PICTURE, fresh(), CutOutOptions(region=LEFT_HALF, crop=True))
    assert isinstance(rows, CutOutRows)
    assert (rows.width_px, rows.height_px) == (8, 16)


def test_a_region_beyond_the_image_is_refused() -> None:
    beyond = Region(Length(), Length(), Length(33), Length(24))
    with pytest.raises(InvalidOptionError):
        rendered(PICTURE, fresh(), CutOutOptions(region=beyond))


@pytest.mark.parametrize("channels", OutputChannels)
@pytest.mark.parametrize("background", [None, GREEN, VEIL])
def test_a_margin_is_what_lies_behind(background: Colour | None, channels: OutputChannels) -> None:
    options = CutOutOptions(channels=channels, crop=True, background=background)
    margins = Margins(Length(1), Length(2), Length(3), Length(share=0.5))
    plain = whole(rendered(PICTURE, MATTE, options))
    rows = rendered(PICTURE, MATTE, dataclasses.replace(options, crop_margin=margins))
    assert isinstance(rows, FramedRows)
    assert (rows.width_px, rows.height_px) == (11 + 22 + 2, 1 + 16 + 3)
    framed = whole(rows)
    assert framed.crop((11, 1, 33, 17)).tobytes() == plain.tobytes()
    behind = whole(rendered(PICTURE, MATTE, dataclasses.replace(options, crop=False)))
    assert framed.getpixel((0, 0)) == framed.getpixel((34, 19)) == behind.getpixel((0, 0))


@pytest.mark.parametrize("channels", OutputChannels)
def test_margins_past_the_limit_of_pixels_are_narrower(channels: OutputChannels) -> None:
    options = CutOutOptions(channels=channels, crop=True, crop_margin=Margins(top=Length(2)))
    assert rendered(PICTURE, MATTE, options, max_pixels=22 * 18).height_px == 18
    assert rendered(PICTURE, MATTE, options, max_pixels=22 * 18 - 1).height_px == 17
    assert rendered(PICTURE, MATTE, options, max_pixels=22 * 17 - 1).height_px == 16


@pytest.mark.parametrize("channels", OutputChannels)
def test_a_placed_subject_has_its_own_pixels(channels: OutputChannels) -> None:
    options = CutOutOptions(channels=channels)
    plain = whole(rendered(PICTURE, MATTE, options)).crop((8, 4, 30, 20))
    rows = rendered(PICTURE, MATTE, dataclasses.replace(options, placement=CENTRED))
    assert (rows.width_px, rows.height_px) == (32, 24)
    assert whole(rows).crop((5, 4, 27, 20)).tobytes() == plain.tobytes()
    assert whole(rows).getbbox() == (5, 4, 27, 20)


def test_a_subject_may_be_enlarged() -> None:
    hard = Matte(np.where(ALPHA_U8 == 255, 255, 0).astype(np.uint8), foreground_found=True)
    rows = rendered(PICTURE, hard, CutOutOptions(placement=Placement(1.0, 0.5, 0.5)))
    assert whole(rows).getbbox() == (0, 1, 32, 23)


def test_with_a_crop_a_placement_has_no_effect() -> None:
    options = CutOutOptions(crop=True)
    placed = dataclasses.replace(options, placement=Placement(1.0, 0.0, 0.0))
    plain, same = (whole(rendered(PICTURE, MATTE, each)) for each in (options, placed))
    assert plain.tobytes() == same.tobytes()


@pytest.mark.parametrize("file_format", OutputFormat)
def test_before_a_picture_the_answer_is_opaque_and_in_srgb(file_format: OutputFormat) -> None:
    picture = Picture(PICTURE.rgb, None, WIDE)
    rows = rendered(picture, MATTE, CutOutOptions(file_format), BACKGROUND)
    assert isinstance(rows, BackdropRows)
    assert (rows.width_px, rows.height_px, rows.channels) == (32, 24, 3)
    assert rows.icc_profile is None
    assert whole(rows).getpixel((0, 0)) == (1, 150, 220)
    assert whole(rows).getpixel((20, 10)) == to_srgb(PICTURE.rgb, WIDE).getpixel((20, 10))


def test_a_picture_lies_behind_the_final_canvas() -> None:
    ramp = Picture(samples.picture(64, 48), None, None)
    options = CutOutOptions(crop=True, crop_margin=Margins(left=Length(10)))
    rows = rendered(PICTURE, MATTE, options, ramp)
    assert (rows.width_px, rows.height_px) == (32, 16)
    corner, expected = pixel(whole(rows), 0, 0), pixel(ramp.rgb, 1, 9)
    assert np.abs(np.subtract(corner, expected)).max() <= 3


def test_a_background_s_canvas_decides_on_the_size() -> None:
    laid = BackgroundPicture(Canvas.BACKGROUND, width_px=64)
    options = CutOutOptions(background_picture=laid)
    rows = rendered(PICTURE, MATTE, options, BACKGROUND)
    assert (rows.width_px, rows.height_px) == (64, 60)
    # Twice as large, and six rows above it.
    answer = whole(rows)
    assert answer.getpixel((15, 30)) == (1, 150, 220)
    assert np.abs(np.subtract(pixel(answer, 40, 30), pixel(PICTURE.rgb, 20, 12))).max() < 9
    centred = rendered(PICTURE, MATTE, dataclasses.replace(options, placement=CENTRED), BACKGROUND)
    assert whole(centred).getpixel((9, 30)) == (1, 150, 220)
    assert whole(centred).getpixel((11, 30)) != (1, 150, 220)
    assert whole(centred).getpixel((52, 30)) != (1, 150, 220)
    assert whole(centred).getpixel((54, 30)) == (1, 150, 220)


def test_a_background_that_was_decoded_smaller_counts_as_large_as_it_is() -> None:
    smaller = Picture(BACKGROUND.rgb, None, None, (120, 90))
    options = CutOutOptions(background_picture=BackgroundPicture(Canvas.BACKGROUND))
    rows = rendered(PICTURE, MATTE, options, smaller)
    assert (rows.width_px, rows.height_px) == (120, 90)
    with pytest.raises(InvalidOptionError) as caught:
        rendered(PICTURE, MATTE, options, smaller, 120 * 90 - 1)
    assert caught.value.metadata["field"] == "background_picture"


def test_without_a_subject_there_is_the_background_alone() -> None:
    options = CutOutOptions(
        crop=True,
        placement=CENTRED,
        stroke=STROKE,
        shadow=SHADOW,
        background_picture=BackgroundPicture(Canvas.BACKGROUND),
    )
    rows = rendered(PICTURE, NOTHING, options, BACKGROUND)
    assert whole(rows).tobytes() == BACKGROUND.rgb.tobytes()


@pytest.mark.parametrize("profile", [None, WIDE])
def test_a_line_and_a_shadow_make_it_srgb_and_hidden_pixels_stay_zero(
    profile: bytes | None,
) -> None:
    picture = Picture(PICTURE.rgb, None, profile)
    rows = rendered(picture, MATTE, CutOutOptions(stroke=STROKE, shadow=SHADOW))
    assert isinstance(rows, CutOutRows)
    assert rows.icc_profile is None
    rgba = whole(rows)
    assert pixel(rgba, 20, 10) == (*pixel(to_srgb(PICTURE.rgb, profile), 20, 10), 255)
    assert rgba.getpixel((7, 10)) == (*GREEN.rgb, 255)
    rgba_u8 = np.asarray(rgba)
    assert not rgba_u8[rgba_u8[..., 3] == 0].any()
    assert (rgba_u8[..., 3] == 0).any()


def test_a_crop_holds_line_and_shadow() -> None:
    rows = rendered(PICTURE, MATTE, CutOutOptions(crop=True, stroke=STROKE))
    # It reaches the edge of the picture on the right, and is cut there.
    assert (rows.width_px, rows.height_px) == (32 - 5, 16 + 6 - 1)
    uncropped = whole(rendered(PICTURE, MATTE, CutOutOptions(stroke=STROKE)))
    assert whole(rows).tobytes() == uncropped.crop(uncropped.getbbox()).tobytes()


@pytest.mark.parametrize("file_format", WITHOUT_ALPHA)
def test_a_shadow_falls_on_white_where_the_format_has_no_alpha(file_format: OutputFormat) -> None:
    rows = rendered(PICTURE, MATTE, CutOutOptions(file_format, shadow=SHADOW))
    assert isinstance(rows, OpaqueRows)
    red, green, blue = np.asarray(whole(rows))[21, 20].tolist()
    assert red == green == blue
    assert 100 < red < 255


def test_all_lie_in_their_order_one_upon_the_other() -> None:
    options = CutOutOptions(
        stroke=Stroke(2, Colour(250, 0, 0)),
        shadow=Shadow(Colour(0, 0, 0), Length(-4)),
        placement=Placement(0.5, 0.5, 0.5),
    )
    answer = whole(rendered(PICTURE, MATTE, options, BACKGROUND))
    colours = [answer.getpixel((x, 12)) for x in (0, 4, 7)]
    assert colours == [(1, 150, 220), (0, 0, 0), (250, 0, 0)]


def test_the_matte_alone_knows_no_line_no_shadow_and_no_picture() -> None:
    options = CutOutOptions(channels=OutputChannels.ALPHA, stroke=STROKE, shadow=SHADOW)
    on_canvas = dataclasses.replace(
        options, background_picture=BackgroundPicture(Canvas.BACKGROUND, 90, 90)
    )
    rows = rendered(PICTURE, MATTE, on_canvas, BACKGROUND)
    assert isinstance(rows, MatteRows)
    assert np.array_equal(np.asarray(whole(rows)), ALPHA_U8)


@pytest.mark.parametrize("background", [None, GREEN, VEIL])
def test_without_such_wishes_the_matte_is_not_searched(
    background: Colour | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def searched(_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(rendering, "visible_box", searched)
    monkeypatch.setattr(subject, "visible_box", searched)
    rows = rendered(PICTURE, MATTE, CutOutOptions(background=background))
    assert not isinstance(rows, FramedRows)


def test_colours_that_were_brought_to_srgb_say_so_even_without_a_subject() -> None:
    nobody = Matte(np.zeros((8, 8), np.uint8), foreground_found=False)
    source = Picture(Image.new("RGB", (8, 8), (200, 30, 30)), None, WIDE)
    wishes = CutOutOptions(stroke=Stroke(2, Colour(0, 0, 0)))
    assert rendered(source, nobody, wishes).icc_profile is None
