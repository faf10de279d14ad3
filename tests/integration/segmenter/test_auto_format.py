"""A format that is left open, and the matte alone in the formats that suit it."""

import io
from typing import Any

import grpc
import numpy as np
import pytest
from PIL import Image

from mattebox.segmenter import v1
from tests.integration.segmenter.calls import cut, details, opened
from tests.integration.segmenter.conftest import Segmenter, red_ball
from tests.integration.segmenter.test_backgrounds import SEA
from tests.unit.segmenter.imaging import samples

AUTO = v1.OutputFormat.OUTPUT_FORMAT_AUTO
PNG = v1.OutputFormat.OUTPUT_FORMAT_PNG
JPEG = v1.OutputFormat.OUTPUT_FORMAT_JPEG
WEBP = v1.OutputFormat.OUTPUT_FORMAT_WEBP
ZIP = v1.OutputFormat.OUTPUT_FORMAT_ZIP
ALPHA = v1.OutputChannels.OUTPUT_CHANNELS_ALPHA
GREEN = v1.Color(green=255, alpha=255)

BALL = red_ball(400, 200)
RED = samples.encoded(Image.new("RGB", (400, 200), (255, 0, 0)), "PNG")


def framed_red() -> bytes:
    """A picture of a red rectangle on black."""
    picture = Image.new("RGB", (400, 200))
    picture.paste((255, 0, 0), (100, 50, 300, 150))
    return samples.encoded(picture, "PNG")


@pytest.mark.parametrize(
    ("image", "options", "file_format", "size"),
    [
        (BALL, {}, PNG, (200, 100)),
        (BALL, {"background": v1.Color(green=255, alpha=254)}, PNG, (200, 100)),
        (BALL, {"background": GREEN}, JPEG, (400, 200)),
        (BALL, {"behind": SEA}, JPEG, (400, 200)),
        (BALL, {"channels": ALPHA}, PNG, (200, 100)),
        (BALL, {"channels": ALPHA, "behind": SEA}, PNG, (200, 100)),
        (BALL, {"max_pixels": 5000}, PNG, (100, 50)),
        (RED, {}, JPEG, (400, 200)),
        (RED, {"max_pixels": 5000}, JPEG, (100, 50)),
        (RED, {"region": v1.Region(right=v1.Length(share=1), bottom=v1.Length(share=0.5))}, PNG,
         (200, 100)),
        (RED, {"region": v1.Region(right=v1.Length(share=1), bottom=v1.Length(share=1))}, JPEG,
         (400, 200)),
        (RED, {"placement": v1.Placement(scale=0.5)}, PNG, (200, 100)),
        (RED, {"crop": True}, JPEG, (400, 200)),
        (RED, {"crop": True, "crop_margin": v1.Margins(top=v1.Length(px=1))}, PNG, (200, 101)),
    ],
)  # fmt: skip
async def test_what_is_opaque_is_a_jpeg_and_all_else_a_png_of_its_own_size(
    segmenter: Segmenter,
    image: bytes,
    options: dict[str, Any],
    file_format: v1.OutputFormat,
    size: tuple[int, int],
) -> None:
    answer = await cut(segmenter, image, format=AUTO, max_png_pixels=20_000, **options)
    assert answer.format == file_format
    assert opened(answer).size == (answer.width_px, answer.height_px) == size
    if file_format == PNG:
        assert np.asarray(opened(answer))[..., -1].min() < 255


@pytest.mark.parametrize("options", [{}, {"crop": True}])
async def test_it_is_the_file_that_a_request_for_its_format_gets(
    segmenter: Segmenter, options: dict[str, Any]
) -> None:
    auto = await cut(segmenter, BALL, format=AUTO, max_png_pixels=20_000, **options)
    told = await cut(segmenter, BALL, format=PNG, max_pixels=20_000, **options)
    assert auto.image == told.image
    auto = await cut(segmenter, RED, format=AUTO, **options)
    told = await cut(segmenter, RED, format=JPEG, **options)
    assert auto.image == told.image


async def test_a_network_runs_once_whatever_becomes_of_the_format(segmenter: Segmenter) -> None:
    before = segmenter.sample("batch_size_count", model="red")
    for runs, image in enumerate((BALL, RED, framed_red()), start=1):
        await cut(segmenter, image, format=AUTO, max_png_pixels=20_000, crop=True)
        assert segmenter.sample("batch_size_count", model="red") == before + runs


async def test_other_formats_know_no_cap_of_a_png(segmenter: Segmenter) -> None:
    for each in (PNG, JPEG, WEBP, ZIP):
        assert (await cut(segmenter, BALL, format=each, max_png_pixels=1)).width_px == 400


async def test_without_a_subject_the_answer_is_a_png(segmenter: Segmenter) -> None:
    black = samples.encoded(Image.new("RGB", (40, 20)), "PNG")
    answer = await cut(segmenter, black, format=AUTO, crop=True)
    assert (answer.format, answer.foreground_found) == (PNG, False)


@pytest.mark.parametrize(("width_px", "file_format"), [(65_500, JPEG), (65_501, PNG)])
async def test_what_turns_out_opaque_is_a_png_where_a_jpeg_could_not_hold_it(
    segmenter: Segmenter, width_px: int, file_format: v1.OutputFormat
) -> None:
    long = samples.encoded(Image.new("RGB", (width_px, 1), (255, 0, 0)), "PNG")
    answer = await cut(segmenter, long, format=AUTO)
    assert (answer.format, answer.width_px) == (file_format, width_px)
    assert np.asarray(opened(answer).convert("RGBA"))[..., 3].min() == 255


async def test_such_a_png_has_the_cap_of_one(segmenter: Segmenter) -> None:
    long = samples.encoded(Image.new("RGB", (65_501, 2), (255, 0, 0)), "PNG")
    answer = await cut(segmenter, long, format=AUTO, max_png_pixels=70_000)
    assert answer.format == PNG
    assert answer.width_px * answer.height_px <= 70_000


async def test_one_too_long_for_a_jpeg_is_refused_before_an_opaque_background(
    segmenter: Segmenter,
) -> None:
    long = samples.encoded(Image.new("RGB", (65_501, 1), (255, 0, 0)), "PNG")
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await cut(segmenter, long, format=AUTO, background=GREEN)
    assert dict(details(refusal.value).metadata) == {"field": "format"}


@pytest.mark.parametrize("file_format", [JPEG, WEBP])
async def test_a_matte_alone_may_be_a_grey_jpeg_or_a_webp_without_loss(
    segmenter: Segmenter, file_format: v1.OutputFormat
) -> None:
    options: dict[str, Any] = {"channels": ALPHA, "crop": True}
    expected = opened(await cut(segmenter, BALL, **options))
    answer = await cut(segmenter, BALL, format=file_format, background=GREEN, **options)
    assert answer.format == file_format
    image = opened(answer)
    if file_format == WEBP:
        assert [each.tobytes() for each in image.split()] == 3 * [expected.tobytes()]
    else:
        assert image.mode == "L"
        assert samples.difference(image, expected) < 3


async def test_a_zip_is_the_same_whatever_the_channels(segmenter: Segmenter) -> None:
    plain = await cut(segmenter, BALL, format=ZIP)
    assert plain.format == ZIP
    assert (await cut(segmenter, BALL, format=ZIP, channels=ALPHA)).image == plain.image
    rgba = opened(await cut(segmenter, BALL))
    assert opened(plain).getchannel("A").tobytes() == rgba.getchannel("A").tobytes()


async def test_a_zip_shows_what_a_cut_out_hides(segmenter: Segmenter) -> None:
    picture = Image.new("RGB", (80, 40), (0, 90, 200))
    picture.paste((255, 0, 0), (40, 10, 60, 30))
    answer = await cut(segmenter, samples.encoded(picture, "PNG"), format=ZIP)
    image = opened(answer)
    assert image.getpixel((3, 3)) == pytest.approx((0, 90, 200, 0), abs=4)
    assert Image.open(io.BytesIO(samples.encoded(picture, "PNG"))).size == image.size
