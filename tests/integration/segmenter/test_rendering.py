"""What callers may wish of an answer: format, size, crop, background and despill."""

import asyncio
import io
from typing import Any

import grpc
import numpy as np
import pytest
from PIL import Image, ImageDraw

from mattebox.segmenter import v1
from segmenter.settings import ImageSettings
from tests.integration.segmenter.calls import cut, details, opened
from tests.integration.segmenter.conftest import Segmenter, StartSegmenter, red_ball
from tests.unit.segmenter.imaging import samples

FORMATS = [name for name in v1.OutputFormat.keys() if not name.endswith("UNSPECIFIED")]  # noqa: SIM118
WITHOUT_ALPHA = ["OUTPUT_FORMAT_JPEG", "OUTPUT_FORMAT_BMP", "OUTPUT_FORMAT_GIF"]
OTHER_MATTES = ["OUTPUT_FORMAT_JPEG", "OUTPUT_FORMAT_WEBP", "OUTPUT_FORMAT_ZIP"]
ALPHA = "OUTPUT_CHANNELS_ALPHA"

WHITE, CLEAR = (255, 255, 255), (0, 0, 0, 0)
GREEN = v1.Color(red=10, green=200, blue=30, alpha=255)
VEIL = v1.Color(red=10, green=200, blue=30, alpha=128)


def line(width: int, height: int, **save: Any) -> bytes:
    """An encoded red picture of any shape."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (255, 60, 30)).save(buffer, **{"format": "PNG", **save})
    return buffer.getvalue()


def about(pixel: Any, expected: tuple[int, ...], within: int = 6) -> bool:
    return len(pixel) == len(expected) and all(
        abs(value - wanted) <= within for value, wanted in zip(pixel, expected, strict=True)
    )


@pytest.mark.parametrize("name", FORMATS)
async def test_every_format_is_written(segmenter: Segmenter, name: str) -> None:
    cut_out = await cut(segmenter, red_ball(), format=name)
    image = opened(cut_out)
    auto = "OUTPUT_FORMAT_AUTO"
    written = "OUTPUT_FORMAT_PNG" if name == auto else name
    assert v1.OutputFormat.Name(cut_out.format) == written
    assert image.size == (cut_out.width_px, cut_out.height_px) == (120, 80)
    if name in WITHOUT_ALPHA:
        assert image.convert("RGB").getpixel((0, 0)) == WHITE
        assert about(image.convert("RGB").getpixel((60, 40)), (255, 60, 30))
    else:
        assert image.getpixel((0, 0)) == CLEAR
        assert about(image.getpixel((60, 40)), (255, 60, 30, 255))


@pytest.mark.parametrize("name", FORMATS)
async def test_every_format_takes_a_background(segmenter: Segmenter, name: str) -> None:
    image = opened(await cut(segmenter, red_ball(), format=name, background=GREEN))
    assert "A" not in image.getbands()
    assert about(image.convert("RGB").getpixel((0, 0)), (10, 200, 30))
    assert about(image.convert("RGB").getpixel((60, 40)), (255, 60, 30))


@pytest.mark.parametrize("name", FORMATS)
async def test_a_translucent_background_lies_on_white_where_there_is_no_alpha(
    segmenter: Segmenter, name: str
) -> None:
    image = opened(await cut(segmenter, red_ball(), format=name, background=VEIL))
    if name in WITHOUT_ALPHA:
        assert about(image.convert("RGB").getpixel((0, 0)), (132, 227, 142))
    else:
        assert about(image.getpixel((0, 0)), (10, 200, 30, 128))


@pytest.mark.parametrize("name", FORMATS)
async def test_every_stage_of_every_format_reports_its_time(
    segmenter: Segmenter, name: str
) -> None:
    timings = (await cut(segmenter, red_ball(), format=name)).timings
    assert timings.compose.ToMicroseconds() > 0
    assert timings.encode.ToMicroseconds() > 0


@pytest.mark.parametrize("name", set(FORMATS) - set(OTHER_MATTES))
async def test_the_matte_alone_is_a_grey_png_in_most_formats(
    segmenter: Segmenter, name: str
) -> None:
    plain = await cut(segmenter, red_ball(), channels=ALPHA)
    cut_out = await cut(
        segmenter, red_ball(), channels=ALPHA, format=name, background=GREEN, despill=True
    )
    assert cut_out.format == v1.OutputFormat.OUTPUT_FORMAT_PNG
    assert opened(cut_out).mode == "L"
    assert opened(cut_out).tobytes() == opened(plain).tobytes()


async def test_a_size_is_a_cap_that_keeps_the_aspect(segmenter: Segmenter) -> None:
    cut_out = await cut(segmenter, red_ball(400, 200), max_pixels=20_000)
    assert (cut_out.width_px, cut_out.height_px) == opened(cut_out).size == (200, 100)
    assert opened(cut_out).getpixel((100, 50)) == (255, 60, 30, 255)


@pytest.mark.parametrize(
    ("max_pixels", "size"), [(0, (120, 80)), (9600, (120, 80)), (9599, (119, 79)), (1, (1, 1))]
)
async def test_a_cap_holds_to_the_pixel_and_enlarges_nothing(
    segmenter: Segmenter, max_pixels: int, size: tuple[int, int]
) -> None:
    cut_out = await cut(segmenter, red_ball(), max_pixels=max_pixels)
    assert (cut_out.width_px, cut_out.height_px) == size


async def test_the_matte_alone_has_the_size_of_the_answer(segmenter: Segmenter) -> None:
    matte = opened(await cut(segmenter, red_ball(400, 200), max_pixels=20_000, channels=ALPHA))
    rgba = opened(await cut(segmenter, red_ball(400, 200), max_pixels=20_000))
    assert matte.tobytes() == rgba.getchannel("A").tobytes()


async def test_a_subject_is_found_whatever_the_size(segmenter: Segmenter) -> None:
    source = red_ball(800, 800)
    for max_pixels in (0, 10_000, 100, 1):
        assert (await cut(segmenter, source, max_pixels=max_pixels)).foreground_found


async def test_a_cap_over_the_servers_own_is_the_servers_own(
    start_segmenter: StartSegmenter,
) -> None:
    segmenter = await start_segmenter(image=ImageSettings(max_output_pixels=9600))
    await segmenter.await_serving()
    cut_out = await cut(segmenter, red_ball(240, 160), max_pixels=2**32 - 1)
    assert (cut_out.width_px, cut_out.height_px) == (120, 80)


@pytest.mark.parametrize("channels", ["OUTPUT_CHANNELS_RGBA", ALPHA])
async def test_crop_leaves_all_that_shows_and_no_more(segmenter: Segmenter, channels: str) -> None:
    whole = opened(await cut(segmenter, red_ball(400, 200), channels=channels, max_pixels=20_000))
    cropped = await cut(
        segmenter, red_ball(400, 200), channels=channels, max_pixels=20_000, crop=True
    )
    box = (whole if channels == ALPHA else whole.getchannel("A")).getbbox()
    assert box is not None
    assert box != (0, 0, 200, 100)
    assert opened(cropped).size == (cropped.width_px, cropped.height_px)
    assert opened(cropped).tobytes() == whole.crop(box).tobytes()


async def test_without_a_subject_nothing_is_cropped(segmenter: Segmenter) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (50, 40), (100, 200, 50)).save(buffer, "PNG")
    cut_out = await cut(segmenter, buffer.getvalue(), crop=True, background=GREEN)
    assert not cut_out.foreground_found
    assert opened(cut_out).size == (50, 40)
    assert opened(cut_out).getcolors() == [(2000, (10, 200, 30))]


async def test_a_background_is_in_srgb_and_leaves_no_profile(segmenter: Segmenter) -> None:
    source = red_ball(icc_profile=samples.icc_profile(b"RGB ", gamma=2.2))
    plain, over = (
        opened(await cut(segmenter, source)),
        opened(await cut(segmenter, source, background=GREEN)),
    )
    assert "icc_profile" in plain.info
    assert "icc_profile" not in over.info
    assert over.getpixel((0, 0)) == (10, 200, 30)
    assert over.getpixel((60, 40)) != plain.convert("RGB").getpixel((60, 40))


@pytest.mark.parametrize("name", ["OUTPUT_FORMAT_WEBP", "OUTPUT_FORMAT_TIFF"])
async def test_a_profile_travels_in_other_formats_too(segmenter: Segmenter, name: str) -> None:
    profile = samples.icc_profile(b"RGB ", gamma=2.2)
    image = opened(await cut(segmenter, red_ball(icc_profile=profile), format=name))
    assert image.info["icc_profile"] == profile


async def test_despill_takes_green_back_and_leaves_the_rest(segmenter: Segmenter) -> None:
    picture = Image.new("RGB", (120, 80), (20, 200, 40))
    ImageDraw.Draw(picture).rectangle((30, 20, 90, 60), fill=(245, 250, 60))
    ImageDraw.Draw(picture).rectangle((50, 30, 70, 50), fill=(250, 200, 60))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    image = opened(await cut(segmenter, buffer.getvalue(), despill=True))
    assert image.getpixel((40, 40)) == (249, 249, 63, 255)
    assert image.getpixel((60, 40)) == (250, 200, 60, 255)


@pytest.mark.parametrize(
    ("name", "longest_px"),
    [
        ("OUTPUT_FORMAT_WEBP", 16_383),
        ("OUTPUT_FORMAT_JPEG", 65_500),
        ("OUTPUT_FORMAT_GIF", 65_535),
        ("OUTPUT_FORMAT_ZIP", 65_500),
    ],
)
async def test_a_side_too_long_for_the_format_is_refused_before_inference(
    segmenter: Segmenter, name: str, longest_px: int
) -> None:
    at_limit = await cut(segmenter, line(longest_px, 1), format=name)
    assert at_limit.width_px == opened(at_limit).width == longest_px
    before = segmenter.sample("batch_size_count", model="red")

    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await cut(segmenter, line(longest_px + 1, 1), format=name)

    assert refusal.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert details(refusal.value).reason == "INVALID_OPTION"
    assert dict(details(refusal.value).metadata) == {"field": "format"}
    assert str(longest_px) in str(refusal.value.details())
    assert segmenter.sample("batch_size_count", model="red") == before


async def test_the_side_is_judged_before_any_pixel_is_decoded(segmenter: Segmenter) -> None:
    whole = line(16_384, 9)
    cut_off = whole[: len(whole) // 2]
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await cut(segmenter, cut_off)
    assert details(refusal.value).reason == "INVALID_IMAGE"
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await cut(segmenter, cut_off, format="OUTPUT_FORMAT_WEBP")
    assert details(refusal.value).reason == "INVALID_OPTION"


async def test_the_side_is_judged_after_the_cap_and_before_the_crop(segmenter: Segmenter) -> None:
    webp = "OUTPUT_FORMAT_WEBP"
    capped = await cut(segmenter, line(17_000, 4), format=webp, max_pixels=50_000)
    assert capped.width_px <= 16_383
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await cut(segmenter, line(17_000, 4), format=webp, crop=True)
    assert dict(details(refusal.value).metadata) == {"field": "format"}
    gif = "OUTPUT_FORMAT_GIF"
    matte = await cut(segmenter, line(65_536, 1), format=gif, channels=ALPHA)
    assert matte.width_px == 65_536


async def test_a_turned_picture_is_judged_upright(segmenter: Segmenter) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    source = line(16_384, 1, format="JPEG", exif=exif)
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await cut(segmenter, source, format="OUTPUT_FORMAT_WEBP")
    assert details(refusal.value).reason == "INVALID_OPTION"
    png = await cut(segmenter, source)
    assert (png.width_px, png.height_px) == (1, 16_384)


async def test_a_colour_out_of_range_is_refused_by_name(segmenter: Segmenter) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await cut(segmenter, red_ball(), background=v1.Color(red=256, alpha=255))
    assert details(refusal.value).reason == "INVALID_OPTION"
    assert dict(details(refusal.value).metadata) == {"field": "background"}


async def test_all_wishes_at_once(segmenter: Segmenter) -> None:
    cut_out = await cut(
        segmenter,
        red_ball(400, 200),
        format="OUTPUT_FORMAT_WEBP",
        max_pixels=20_000,
        crop=True,
        background=VEIL,
        despill=True,
    )
    image = opened(cut_out)
    assert image.size == (cut_out.width_px, cut_out.height_px)
    assert 90 <= cut_out.width_px <= 120
    assert about(image.getpixel((0, 0)), (10, 200, 30, 128), within=12)
    assert np.asarray(image)[image.height // 2, image.width // 2, 3] == 255


@pytest.mark.parametrize(
    ("options", "megapixels"),
    [
        ({}, 2.0),
        ({"format": v1.OutputFormat.OUTPUT_FORMAT_JPEG}, 2.0),
        ({"format": v1.OutputFormat.OUTPUT_FORMAT_BMP}, 3.0),
        ({"format": v1.OutputFormat.OUTPUT_FORMAT_ZIP}, 2.4),
        ({"format": v1.OutputFormat.OUTPUT_FORMAT_WEBP}, 6.0),
        ({"format": v1.OutputFormat.OUTPUT_FORMAT_WEBP, "max_pixels": 1_000_000}, 4.0),
        (
            {
                "format": v1.OutputFormat.OUTPUT_FORMAT_WEBP,
                "channels": v1.OutputChannels.OUTPUT_CHANNELS_ALPHA,
            },
            6.0,
        ),
    ],
)
async def test_admission_counts_the_memory_that_the_writing_takes(
    segmenter: Segmenter, options: dict[str, Any], megapixels: float
) -> None:
    asked = asyncio.create_task(cut(segmenter, red_ball(2000, 1000), **options))
    seen = {0.0}
    while not asked.done():
        seen.add(segmenter.sample("admitted_megapixels"))
        await asyncio.sleep(0.001)

    assert (await asked).foreground_found
    assert seen == {0.0, megapixels}
