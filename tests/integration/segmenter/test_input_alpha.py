"""Images that are transparent already, limits of one's own, and what is told of the subject."""

import io
from typing import Any

import grpc
import pytest
from PIL import Image

from mattebox.segmenter import v1
from segmenter.settings import ImageSettings
from tests.integration.segmenter.calls import cut, details, opened
from tests.integration.segmenter.conftest import Segmenter, StartSegmenter, red_ball
from tests.unit.segmenter.imaging import samples

RETURN = v1.InputAlpha.INPUT_ALPHA_RETURN
DISCARD = v1.InputAlpha.INPUT_ALPHA_DISCARD
BALL = red_ball()
FORMATS = {name: f"OUTPUT_FORMAT_{name}" for name in ("PNG", "WEBP", "TIFF", "GIF", "JPEG", "ZIP")}


def cut_out_already(kind: str = "PNG", alpha: int = 0, **save: Any) -> bytes:
    """A blue picture with a red half, of which a corner is transparent."""
    picture = Image.new("RGBA", (60, 40), (0, 0, 200, 255))
    picture.paste((255, 0, 0, 255), (30, 0, 60, 40))
    picture.paste((255, 0, 0, alpha), (50, 0, 60, 10))
    buffer = io.BytesIO()
    picture.save(buffer, kind, **save)
    return buffer.getvalue()


def runs(segmenter: Segmenter) -> float:
    return segmenter.sample("batch_size_count", model="red")


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "GIF"])
async def test_a_transparent_image_of_the_format_asked_for_comes_back_byte_for_byte(
    segmenter: Segmenter, kind: str
) -> None:
    image, before = cut_out_already(kind), runs(segmenter)
    others: dict[str, Any] = {
        "crop": True,
        "background": v1.Color(green=255, alpha=255),
        "max_pixels": 100,
        "channels": v1.OutputChannels.OUTPUT_CHANNELS_ALPHA,
    }
    nothing: dict[str, Any] = {}
    for options in (nothing, others):
        answer = await cut(segmenter, image, format=FORMATS[kind], input_alpha=RETURN, **options)
        assert answer.image == image
        assert answer.is_input
        assert (answer.width_px, answer.height_px) == (60, 40)
        assert v1.OutputFormat.Name(answer.format) == FORMATS[kind]
    assert runs(segmenter) == before


@pytest.mark.parametrize("kind", ["WEBP", "TIFF"])
async def test_one_of_another_format_comes_back_with_the_same_pixels(
    segmenter: Segmenter, kind: str
) -> None:
    image = cut_out_already(kind, **({"lossless": True} if kind == "WEBP" else {}))
    for asked in ("OUTPUT_FORMAT_PNG", "OUTPUT_FORMAT_AUTO"):
        answer = await cut(segmenter, image, format=asked, input_alpha=RETURN, max_png_pixels=9)
        assert answer.format == v1.OutputFormat.OUTPUT_FORMAT_PNG
        assert answer.is_input
        expected = Image.open(io.BytesIO(image)).convert("RGBA")
        assert opened(answer).crop((0, 10, 60, 40)).tobytes() == (
            expected.crop((0, 10, 60, 40)).tobytes()
        )
        assert opened(answer).getpixel((55, 5)) == (0, 0, 0, 0)


async def test_one_in_a_format_without_alpha_lies_on_white(segmenter: Segmenter) -> None:
    answer = await cut(segmenter, cut_out_already(), format=FORMATS["JPEG"], input_alpha=RETURN)
    assert answer.is_input
    assert opened(answer).getpixel((56, 4)) == pytest.approx((255, 255, 255), abs=9)


async def test_one_may_be_parted_into_colours_and_alpha(segmenter: Segmenter) -> None:
    answer = await cut(segmenter, cut_out_already(), format=FORMATS["ZIP"], input_alpha=RETURN)
    assert answer.is_input
    assert opened(answer).getchannel("A").getpixel((55, 5)) == 0


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
async def test_one_that_lies_on_its_side_comes_back_upright(
    segmenter: Segmenter, kind: str
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    image = cut_out_already(kind, exif=exif)
    answer = await cut(segmenter, image, format=FORMATS[kind], input_alpha=RETURN)
    assert answer.is_input
    assert answer.image != image
    assert opened(answer).getpixel((5, 35)) == (0, 0, 0, 0)


async def test_one_larger_than_any_answer_is_scaled_down(start_segmenter: StartSegmenter) -> None:
    segmenter = await start_segmenter(image=ImageSettings(max_output_pixels=60 * 40 - 1))
    await segmenter.await_serving()
    answer = await cut(segmenter, cut_out_already(), input_alpha=RETURN)
    assert answer.is_input
    assert answer.width_px * answer.height_px < 60 * 40
    assert (answer.input_width_px, answer.input_height_px) == (60, 40)


async def test_an_opaque_image_is_cut_out_all_the_same(segmenter: Segmenter) -> None:
    for image in (BALL, cut_out_already(alpha=255)):
        plain = await cut(segmenter, image)
        answer = await cut(segmenter, image, input_alpha=RETURN)
        assert answer.image == plain.image
        assert not answer.is_input


async def test_a_discarded_alpha_hides_nothing(segmenter: Segmenter) -> None:
    kept = opened(await cut(segmenter, cut_out_already()))
    discarded = opened(await cut(segmenter, cut_out_already(), input_alpha=DISCARD))
    assert kept.getpixel((55, 5)) == (0, 0, 0, 0)
    assert discarded.getpixel((55, 5)) == (255, 0, 0, 255)
    assert discarded.tobytes() == opened(await cut(segmenter, cut_out_already(alpha=255))).tobytes()


async def test_a_limit_of_ones_own_holds_to_the_pixel(segmenter: Segmenter) -> None:
    assert (await cut(segmenter, BALL, max_input_pixels=9600)).width_px == 120
    before = runs(segmenter)
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await cut(segmenter, BALL, max_input_pixels=9599)
    assert details(refusal.value).reason == "IMAGE_TOO_MANY_PIXELS"
    assert dict(details(refusal.value).metadata) == {
        "limit_pixels": "9599",
        "width_px": "120",
        "height_px": "80",
    }
    assert runs(segmenter) == before


async def test_a_limit_over_the_servers_own_is_the_servers_own(
    start_segmenter: StartSegmenter,
) -> None:
    segmenter = await start_segmenter(image=ImageSettings(max_pixels=9599))
    await segmenter.await_serving()
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await cut(segmenter, BALL, max_input_pixels=2**32 - 1)
    assert details(refusal.value).metadata["limit_pixels"] == "9599"


@pytest.mark.parametrize("max_pixels", [0, 5000, 300])
async def test_the_box_of_the_subject_is_told_in_the_upright_image(
    segmenter: Segmenter, max_pixels: int
) -> None:
    picture = Image.new("RGB", (400, 200))
    picture.paste((255, 0, 0), (80, 40, 240, 120))
    exif = Image.Exif()
    exif[0x0112] = 6
    image = samples.encoded(picture, "JPEG", exif=exif, quality=95)
    told = await cut(segmenter, image, max_pixels=max_pixels, describe_subject=True)
    assert (told.input_width_px, told.input_height_px) == (200, 400)
    left, top = told.subject.left_px, told.subject.top_px
    found = (left, top, left + told.subject.width_px, top + told.subject.height_px)
    tolerance = 400 * 1.5 / told.height_px + 12
    assert found == pytest.approx((80, 80, 160, 240), abs=tolerance)
    assert found[0] <= 80
    assert found[1] <= 80
    assert found[2] >= 160
    assert found[3] >= 240
    assert 0 <= told.uncertainty < 0.5


async def test_nothing_is_told_unasked_nor_of_what_is_not_there(segmenter: Segmenter) -> None:
    unasked = await cut(segmenter, BALL)
    assert not unasked.HasField("subject")
    assert unasked.uncertainty == 0
    black = samples.encoded(Image.new("RGB", (50, 40)), "PNG")
    nothing = await cut(segmenter, black, describe_subject=True)
    assert not nothing.HasField("subject")
    assert (nothing.uncertainty, nothing.foreground_found) == (0, False)


@pytest.mark.parametrize(("alpha", "found"), [(0, False), (60, True)])
async def test_what_is_found_does_not_depend_on_what_is_asked(
    segmenter: Segmenter, alpha: int, found: bool
) -> None:
    # A region that is the whole image hides nothing either.
    everything = v1.Region(right=v1.Length(share=1), bottom=v1.Length(share=1))
    faint = Image.new("RGBA", (60, 40), (255, 0, 0, alpha))
    image = samples.encoded(faint, "PNG")
    ways: list[dict[str, Any]] = [{}, {"region": everything}]
    told = [
        (await cut(segmenter, image, describe_subject=describe, **way)).foreground_found
        for describe in (False, True)
        for way in ways
    ]
    assert told == 4 * [found]


async def test_a_subject_too_small_for_the_answer_is_found_whatever_is_asked(
    segmenter: Segmenter,
) -> None:
    picture = Image.new("RGB", (400, 400))
    picture.paste((255, 0, 0), (200, 200, 214, 214))
    image = samples.encoded(picture, "PNG")
    for describe in (False, True):
        answer = await cut(segmenter, image, max_pixels=1, describe_subject=describe)
        assert opened(answer).getpixel((0, 0)) == (0, 0, 0, 0)
        assert answer.foreground_found
        assert not answer.HasField("subject")


async def test_a_subject_beyond_the_region_is_not_found(segmenter: Segmenter) -> None:
    edge = v1.Region(right=v1.Length(px=9), bottom=v1.Length(px=9))
    for describe in (False, True):
        answer = await cut(segmenter, BALL, region=edge, describe_subject=describe)
        assert not answer.foreground_found
        assert not answer.HasField("subject")
        assert opened(answer).getchannel("A").getextrema() == (0, 0)


@pytest.mark.parametrize(
    ("region", "problem"),
    [
        (v1.Region(right=v1.Length(px=121), bottom=v1.Length(px=80)), "exceeds_bounds"),
        (v1.Region(left=v1.Length(px=-1), right=v1.Length(px=9)), "exceeds_bounds"),
        (v1.Region(), "empty"),
    ],
)
async def test_a_region_that_an_image_has_not_is_refused_before_inference(
    segmenter: Segmenter, region: v1.Region, problem: str
) -> None:
    before = runs(segmenter)
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await cut(segmenter, BALL, region=region)
    assert dict(details(refusal.value).metadata) == {"field": "region", "problem": problem}
    assert runs(segmenter) == before
