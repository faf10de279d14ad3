"""Pictures behind the subject: how they travel, what they may be, and what is told of bad ones."""

import asyncio
from typing import Any

import grpc
import pytest
from PIL import Image, ImageFile

from mattebox.segmenter import v1
from segmenter.settings import AdmissionSettings, ImageSettings
from tests.integration.segmenter.calls import cut, details, opened
from tests.integration.segmenter.conftest import Segmenter, StartSegmenter, red_ball
from tests.integration.segmenter.test_chunked import (
    asked,
    chunk,
    head,
    nothing_is_left,
    refusal_beside_others,
    refusal_of,
    sent,
    whole,
)
from tests.integration.segmenter.watched_work import watched
from tests.unit.segmenter.imaging import samples
from tests.waiting import until

BLUE = (10, 20, 240)
BALL = red_ball()


def plain(width: int = 60, height: int = 40, kind: str = "PNG", **save: Any) -> bytes:
    return samples.encoded(Image.new("RGB", (width, height), BLUE), kind, **save)


SEA = plain()


def laid(**fields: Any) -> v1.BackgroundPicture:
    return v1.BackgroundPicture(canvas=v1.Canvas.CANVAS_BACKGROUND, **fields)


async def in_one(segmenter: Segmenter, image: bytes, behind: bytes, **options: Any) -> v1.CutOut:
    return await cut(segmenter, image, behind=behind, **options)


async def in_stream(segmenter: Segmenter, image: bytes, behind: bytes, **options: Any) -> v1.CutOut:
    item = v1.StreamRemoveBackgroundRequest(
        item_id="1", image=image, background_image=behind, options=v1.CutOutOptions(**options)
    )
    (answer,) = [each async for each in segmenter.stub.StreamRemoveBackground(iter([item]))]
    assert answer.WhichOneof("outcome") == "cut_out"
    cut_out: v1.CutOut = answer.cut_out
    return cut_out


async def in_chunks(segmenter: Segmenter, image: bytes, behind: bytes, **options: Any) -> v1.CutOut:
    return await in_pieces(segmenter, [image, behind], behind, **options)


async def in_pieces(
    segmenter: Segmenter, pieces: list[bytes], behind: bytes, **options: Any
) -> v1.CutOut:
    told = sum(map(len, pieces)) - len(behind)
    first = head(told, background_bytes=len(behind), options=v1.CutOutOptions(**options))
    call = await asked(segmenter, first)
    await sent(call, *(chunk(piece) for piece in pieces if piece))
    about, chunks = await whole(call)
    cut_out: v1.CutOut = about.cut_out
    cut_out.image = b"".join(chunks)
    return cut_out


WAYS = [in_one, in_stream, in_chunks]


@pytest.mark.parametrize("way", WAYS)
async def test_a_background_lies_behind_the_subject(segmenter: Segmenter, way: Any) -> None:
    image = opened(await way(segmenter, BALL, SEA))
    assert image.mode == "RGB"
    assert image.size == (120, 80)
    assert image.getpixel((2, 2)) == BLUE
    assert image.getpixel((60, 40)) == (255, 60, 30)


async def test_chunks_may_be_cut_anywhere(segmenter: Segmenter) -> None:
    one, two = red_ball(6, 4, format="WEBP"), plain(2, 1, "WEBP")
    whole_bytes = one + two
    expected = (await in_one(segmenter, one, two)).image
    for first in range(1, len(whole_bytes)):
        pieces = [whole_bytes[:first], whole_bytes[first:]]
        assert (await in_pieces(segmenter, pieces, two)).image == expected
    pieces = [whole_bytes[i : i + 1] for i in range(len(whole_bytes))]
    assert (await in_pieces(segmenter, pieces, two)).image == expected
    assert (await in_pieces(segmenter, [whole_bytes], two)).image == expected


MALFORMED = {
    "a byte less": [chunk(BALL), chunk(SEA[:-1])],
    "a byte more": [chunk(BALL), chunk(SEA + b"\0")],
    "no background": [chunk(BALL)],
    "an empty chunk between": [chunk(BALL), chunk(b""), chunk(SEA)],
    "a head between": [chunk(BALL), head(len(SEA)), chunk(SEA)],
}


@pytest.mark.parametrize("pieces", MALFORMED.values(), ids=MALFORMED.keys())
async def test_bytes_are_as_many_as_the_head_tells(
    segmenter: Segmenter, pieces: list[v1.RemoveBackgroundChunkedRequest]
) -> None:
    first = head(background_bytes=len(SEA))
    refusal = await refusal_of(segmenter, [first, *pieces])
    assert details(refusal).reason == "MALFORMED_STREAM"


@pytest.mark.parametrize("way", WAYS)
async def test_a_colour_and_a_picture_are_one_background_too_many(
    segmenter: Segmenter, way: Any
) -> None:
    green = v1.Color(green=255, alpha=255)
    if way is in_stream:
        item = v1.StreamRemoveBackgroundRequest(
            item_id="1",
            image=BALL,
            background_image=SEA,
            options=v1.CutOutOptions(background=green),
        )
        (answer,) = [each async for each in segmenter.stub.StreamRemoveBackground(iter([item]))]
        assert answer.error.code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
        return
    if way is in_chunks:
        # Before any chunk.
        first = head(background_bytes=1, options=v1.CutOutOptions(background=green))
        refusal = await refusal_of(segmenter, [first])
    else:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await way(segmenter, BALL, SEA, background=green)
        refusal = caught.value
    assert details(refusal).reason == "INVALID_OPTION"
    assert dict(details(refusal).metadata) == {"field": "background"}


async def refused(segmenter: Segmenter, behind: bytes, **options: Any) -> Any:
    """Gives the details of a refusal, before which no network may have run."""
    before = segmenter.sample("batch_size_count", model="red")
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await cut(segmenter, BALL, behind=behind, **options)
    assert refusal.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert segmenter.sample("batch_size_count", model="red") == before
    return details(refusal.value)


NOISY = samples.encoded(samples.picture(120, 90), "JPEG")

HOSTILE: dict[str, tuple[bytes, str]] = {
    "no picture": (b"hello, world", "INVALID_IMAGE"),
    "of a foreign format": (b"8BPS" + bytes(90), "UNSUPPORTED_IMAGE_FORMAT"),
    "cut off": (NOISY[: len(NOISY) // 2], "INVALID_IMAGE"),
    "cut off in its header": (SEA[:20], "INVALID_IMAGE"),
    "a PNG that tells too many pixels": (
        samples.png(100_000, 1_001, depth=8, colour_type=2, rows=b""),
        "IMAGE_TOO_MANY_PIXELS",
    ),
    "a broken TIFF": (b"II*\0" + bytes(50), "INVALID_IMAGE"),
}


@pytest.mark.parametrize(("behind", "reason"), HOSTILE.values(), ids=HOSTILE.keys())
async def test_what_is_wrong_with_a_background_is_told_of_it(
    segmenter: Segmenter, behind: bytes, reason: str
) -> None:
    found = await refused(segmenter, behind)
    assert found.reason == reason
    assert found.metadata["image"] == "background"


@pytest.mark.parametrize(("image", "reason"), HOSTILE.values(), ids=HOSTILE.keys())
async def test_what_is_wrong_with_the_image_is_not_told_of_the_background(
    segmenter: Segmenter, image: bytes, reason: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await cut(segmenter, image, behind=SEA)
    assert details(refusal.value).reason == reason
    assert "image" not in details(refusal.value).metadata


async def test_a_background_of_too_many_pixels_is_refused_before_anything_is_decoded(
    start_segmenter: StartSegmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    segmenter = await start_segmenter(image=ImageSettings(max_pixels=120 * 80))
    await segmenter.await_serving()
    at_limit = await cut(segmenter, BALL, behind=plain(80, 120))
    assert at_limit.width_px == 120
    decodes = watched(monkeypatch, (ImageFile.ImageFile, "load_prepare"))
    found = await refused(segmenter, plain(9601, 1))
    assert (found.reason, found.metadata["limit_pixels"]) == ("IMAGE_TOO_MANY_PIXELS", "9600")
    assert found.metadata["image"] == "background"
    assert decodes == []


async def test_a_background_has_as_many_bytes_as_an_image_at_most(
    start_segmenter: StartSegmenter,
) -> None:
    segmenter = await start_segmenter(image=ImageSettings(max_bytes=len(BALL)))
    await segmenter.await_serving()
    full = SEA + bytes(len(BALL) - len(SEA))
    assert (await cut(segmenter, BALL, behind=full)).width_px == 120
    found = await refused(segmenter, full + b"\0")
    assert found.reason == "IMAGE_TOO_MANY_BYTES"
    assert dict(found.metadata) == {"limit_bytes": str(len(BALL)), "image": "background"}
    told = await refusal_of(segmenter, [head(background_bytes=len(BALL) + 1)])
    assert dict(details(told).metadata) == dict(found.metadata)


async def test_the_bytes_of_a_background_are_held_too(start_segmenter: StartSegmenter) -> None:
    # A single caller may hold three quarters, once it holds any.
    segmenter = await start_segmenter(
        admission=AdmissionSettings(max_held_bytes=4 * len(BALL)),
        image=ImageSettings(max_bytes=len(BALL)),
    )
    await segmenter.await_serving()
    first = await asked(segmenter, head(background_bytes=len(SEA)))
    assert segmenter.sample("held_bytes") == len(BALL) + len(SEA)
    await sent(first, chunk(BALL + SEA))
    await whole(first)

    before = await asked(segmenter, head())
    at_limit = await asked(segmenter, head(background_bytes=len(BALL)))
    assert segmenter.sample("held_bytes") == 3 * len(BALL)
    before.cancel()
    at_limit.cancel()
    await until(lambda: segmenter.sample("held_bytes") == 0)
    one_more = await asked(segmenter, head(background_bytes=1))
    refusal = await refusal_beside_others(segmenter, [head(background_bytes=len(BALL))])
    assert details(refusal).reason == "OVERLOADED"
    one_more.cancel()
    await nothing_is_left(segmenter)


@pytest.mark.parametrize("channels", ["OUTPUT_CHANNELS_ALPHA"])
async def test_the_matte_alone_has_no_background(segmenter: Segmenter, channels: str) -> None:
    without = await cut(segmenter, BALL, channels=channels)
    for behind in (SEA, b"no picture"):
        beside = await cut(
            segmenter, BALL, behind=behind, channels=channels, background_picture=laid()
        )
        assert beside.image == without.image


async def test_the_pixels_of_a_background_are_counted(segmenter: Segmenter) -> None:
    big, ball = plain(2000, 1500), red_ball(2000, 1000)
    asking = asyncio.create_task(cut(segmenter, ball, behind=big))
    seen = {0.0}
    while not asking.done():
        seen.add(segmenter.sample("admitted_megapixels"))
        await asyncio.sleep(0.001)
    await asking
    assert max(seen) >= 5.0


async def test_no_more_of_a_jpeg_is_decoded_than_the_answer_shows(
    segmenter: Segmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = plain(1600, 1200, "JPEG")
    decodes = watched(monkeypatch, (ImageFile.ImageFile, "load_prepare"))
    cut_out = await cut(segmenter, BALL, behind=large)
    assert [call.arguments[0].size for call in decodes] == [(120, 80), (400, 300)]
    assert opened(cut_out).convert("RGB").getpixel((2, 2)) == pytest.approx(BLUE, abs=3)


async def test_a_background_may_decide_on_the_size(segmenter: Segmenter) -> None:
    own = await cut(segmenter, BALL, behind=plain(300, 100), background_picture=laid())
    assert opened(own).size == (own.width_px, own.height_px) == (300, 100)
    assert (own.input_width_px, own.input_height_px) == (120, 80)
    given = laid(width_px=90, height_px=70)
    told = await cut(segmenter, BALL, behind=SEA, background_picture=given)
    assert opened(told).size == (90, 70)


async def test_a_turned_background_decides_upright(segmenter: Segmenter) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = plain(300, 100, "JPEG", exif=exif)
    for fields, size in (({}, (100, 300)), ({"width_px": 50}, (50, 300))):
        answer = await cut(segmenter, BALL, behind=turned, background_picture=laid(**fields))
        assert opened(answer).size == size


async def test_a_canvas_has_no_more_pixels_than_an_answer(
    start_segmenter: StartSegmenter,
) -> None:
    segmenter = await start_segmenter(image=ImageSettings(max_output_pixels=120 * 80))
    await segmenter.await_serving()
    at_limit = laid(width_px=9600, height_px=1)
    assert (await cut(segmenter, BALL, behind=SEA, background_picture=at_limit)).height_px == 1
    for fields in ({"width_px": 9601, "height_px": 1}, {"width_px": 241}):
        found = await refused(segmenter, SEA, background_picture=laid(**fields))
        assert found.reason == "INVALID_OPTION"
        assert found.metadata["field"] == "background_picture"


async def test_a_canvas_is_not_too_large_because_its_background_lies_on_its_side(
    start_segmenter: StartSegmenter,
) -> None:
    segmenter = await start_segmenter(image=ImageSettings(max_output_pixels=120 * 80))
    await segmenter.await_serving()
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = plain(100, 300, "JPEG", exif=exif)
    answer = await cut(segmenter, BALL, behind=turned, background_picture=laid(width_px=90))
    assert opened(answer).size == (90, 100)


async def test_a_canvas_too_long_for_the_format_is_refused_before_inference(
    segmenter: Segmenter,
) -> None:
    webp = v1.OutputFormat.OUTPUT_FORMAT_WEBP
    canvas = laid(width_px=16_384, height_px=1)
    found = await refused(segmenter, SEA, background_picture=canvas, format=webp)
    assert dict(found.metadata) == {"field": "format"}


async def test_the_log_tells_all_bytes_that_came(segmenter: Segmenter) -> None:
    await cut(segmenter, BALL, behind=SEA)
    assert f'"bytes_in": {len(BALL) + len(SEA)}' in segmenter.log.getvalue()
