"""One image that travels in chunks, over a real socket."""

import asyncio
import json
import math
import tracemalloc
from collections.abc import Iterable
from typing import Any

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

from mattebox.segmenter import v1
from segmenter.settings import AdmissionSettings, ImageSettings
from tests.integration.segmenter.calls import cut, details
from tests.integration.segmenter.conftest import Segmenter, StartSegmenter, red_ball
from tests.waiting import until

Request = v1.RemoveBackgroundChunkedRequest

BALL = red_ball()
LARGE = red_ball(3000, 2000)
CHUNK_BYTES = 256 * 1024


def head(image_bytes: int = len(BALL), **fields: Any) -> Request:
    return Request(head=v1.ImageHead(image_bytes=image_bytes, **fields))


def chunk(data: bytes = BALL) -> Request:
    return Request(chunk=data)


def call_of(segmenter: Segmenter, timeout_s: float | None = 20) -> Any:
    return segmenter.stub.RemoveBackgroundChunked(timeout=timeout_s)


async def asked(segmenter: Segmenter, first: Request, timeout_s: float | None = 20) -> Any:
    """Begins a call, up to its go-ahead."""
    call = call_of(segmenter, timeout_s)
    await call.write(first)
    piece = await call.read()
    assert piece.WhichOneof("piece") == "go_ahead"
    return call


async def sent(call: Any, *pieces: Request) -> None:
    for piece in pieces:
        await call.write(piece)
    await call.done_writing()


async def whole(call: Any) -> tuple[v1.CutOutHead, list[bytes]]:
    """Reads an answer: its head and its chunks."""
    about = (await call.read()).head
    chunks = []
    while (piece := await call.read()) is not grpc.aio.EOF:
        chunks.append(piece.chunk)
    return about, chunks


async def refusal_of(segmenter: Segmenter, pieces: Iterable[Request]) -> grpc.aio.AioRpcError:
    """Asks for what must be refused, and leaves nothing behind."""
    refusal = await refusal_beside_others(segmenter, pieces)
    await nothing_is_left(segmenter)
    return refusal


async def refusal_beside_others(
    segmenter: Segmenter, pieces: Iterable[Request]
) -> grpc.aio.AioRpcError:
    """Asks for what must be refused, while other calls hold something."""
    call = segmenter.stub.RemoveBackgroundChunked(iter(pieces), timeout=20)
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        async for _ in call:
            pass
    return refusal.value


async def nothing_is_left(segmenter: Segmenter) -> None:
    names = ("held_bytes", "admitted_megapixels", "waiting_pictures")
    await until(lambda: not any(segmenter.sample(name) for name in names))


async def test_an_answer_in_chunks_is_the_answer_of_a_plain_call(segmenter: Segmenter) -> None:
    options = v1.CutOutOptions(format=v1.OutputFormat.OUTPUT_FORMAT_BMP, crop=True)
    plain = await cut(segmenter, LARGE, format=v1.OutputFormat.OUTPUT_FORMAT_BMP, crop=True)

    call = await asked(segmenter, head(len(LARGE), options=options))
    await sent(call, *(chunk(LARGE[i : i + 5000]) for i in range(0, len(LARGE), 5000)))
    about, chunks = await whole(call)

    assert b"".join(chunks) == plain.image
    assert about.image_bytes == len(plain.image)
    assert {len(each) for each in chunks[:-1]} == {CHUNK_BYTES}
    assert 1 <= len(chunks[-1]) <= CHUNK_BYTES
    for message in (plain, about.cut_out):
        message.ClearField("image")
        message.ClearField("timings")
    assert about.cut_out == plain


async def test_every_stage_of_a_chunked_call_reports_its_time(segmenter: Segmenter) -> None:
    call = await asked(segmenter, head())
    await sent(call, chunk())
    about, _ = await whole(call)

    timings = about.cut_out.timings
    assert all(timings.HasField(field.name) for field in timings.DESCRIPTOR.fields)
    assert segmenter.sample("calls_total", method="RemoveBackgroundChunked", code="OK") == 1
    assert segmenter.sample("stage_seconds_count", stage="encode") == 1


MALFORMED = {
    "nothing": [],
    "a chunk first": [chunk()],
    "an empty piece first": [Request()],
    "two heads": [head(), head()],
    "a head among chunks": [head(), chunk(BALL[:9]), head(), chunk(BALL[9:])],
    "an empty chunk": [head(), chunk(b""), chunk()],
    "an empty piece": [head(), chunk(), Request()],
    "no chunk": [head()],
    "a byte less": [head(), chunk(BALL[:-1])],
    "a byte more": [head(), chunk(BALL + b"\0")],
    "a chunk more": [head(), chunk(), chunk(b"\0")],
    "bytes without any told": [head(0), chunk()],
}


@pytest.mark.parametrize("pieces", MALFORMED.values(), ids=MALFORMED.keys())
async def test_other_orders_and_sizes_are_malformed(
    segmenter: Segmenter, pieces: list[Request]
) -> None:
    refusal = await refusal_of(segmenter, pieces)

    assert refusal.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert details(refusal).reason == "MALFORMED_STREAM"


@pytest.mark.parametrize("cuts", [1, 2, len(BALL)])
async def test_chunks_may_have_any_size(segmenter: Segmenter, cuts: int) -> None:
    size_bytes = -(-len(BALL) // cuts)
    call = await asked(segmenter, head())
    await sent(call, *(chunk(BALL[i : i + size_bytes]) for i in range(0, len(BALL), size_bytes)))

    about, _ = await whole(call)

    assert about.cut_out.width_px == 120


async def test_no_bytes_are_no_image(segmenter: Segmenter) -> None:
    assert details(await refusal_of(segmenter, [head(0)])).reason == "MISSING_IMAGE"


async def test_bytes_that_are_no_image_are_told_so(segmenter: Segmenter) -> None:
    pieces = [head(12), chunk(b"hello, world")]
    assert details(await refusal_of(segmenter, pieces)).reason == "INVALID_IMAGE"


@pytest.mark.usefixtures("counted_memory")
async def test_a_refused_image_does_not_stay_in_memory(segmenter: Segmenter) -> None:
    image = b"\xff\xd8\xff" + bytes(4_000_000)
    before_bytes, _ = tracemalloc.get_traced_memory()

    for _ in range(5):
        refusal = await refusal_of(
            segmenter, (chunk(image) if sent else head(len(image)) for sent in (0, 1))
        )
        assert details(refusal).reason == "INVALID_IMAGE"
        del refusal

    await until(lambda: tracemalloc.get_traced_memory()[0] < before_bytes + len(image) // 2)


async def test_what_cannot_be_taken_is_refused_before_any_chunk(
    start_segmenter: StartSegmenter,
) -> None:
    segmenter = await start_segmenter(image=ImageSettings(max_bytes=len(BALL)))
    await segmenter.await_serving()
    options = v1.CutOutOptions(format=99)  # type: ignore[arg-type]  # a newer contract's

    refusals = []
    for first in (head(len(BALL) + 1), head(options=options)):
        call = call_of(segmenter)
        await call.write(first)
        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await call.read()
        refusals.append(details(refusal.value).reason)
    call = await asked(segmenter, head())
    await sent(call, chunk())
    await whole(call)

    assert refusals == ["IMAGE_TOO_MANY_BYTES", "INVALID_OPTION"]


async def test_bytes_count_from_their_announcement_on(start_segmenter: StartSegmenter) -> None:
    limits = AdmissionSettings(max_held_bytes=math.ceil(2 * len(BALL) * 4 / 3))
    segmenter = await start_segmenter(admission=limits, image=ImageSettings(max_bytes=len(BALL)))
    await segmenter.await_serving()
    first = await asked(segmenter, head())
    second = await asked(segmenter, head())
    assert segmenter.sample("held_bytes") == 2 * len(BALL)

    refused = call_of(segmenter)
    await refused.write(head(1))
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await refused.read()
    second.cancel()
    await until(lambda: segmenter.sample("held_bytes") == len(BALL))
    third = await asked(segmenter, head())
    for call in (first, third):
        await sent(call, chunk())
        await whole(call)

    assert refusal.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert details(refusal.value).reason == "OVERLOADED"
    await nothing_is_left(segmenter)


@pytest.mark.parametrize("timeout_s", [None, 20])
async def test_an_image_that_does_not_come_in_its_time_is_waited_for_no_longer(
    segmenter: Segmenter, timeout_s: float | None
) -> None:
    first = head(timeout=Duration(nanos=50_000_000))
    call = await asked(segmenter, first, timeout_s)
    await call.write(chunk(BALL[:9]))

    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await call.read()

    assert details(refusal.value).reason == "DEADLINE_PASSED"
    await nothing_is_left(segmenter)


async def test_a_time_that_is_over_ends_the_call(segmenter: Segmenter) -> None:
    refusal = await refusal_of(segmenter, [head(timeout=Duration(seconds=-1)), chunk()])
    assert details(refusal).reason == "DEADLINE_PASSED"


async def test_without_any_time_the_default_counts(start_segmenter: StartSegmenter) -> None:
    segmenter = await start_segmenter(grpc={"default_deadline_s": 0.05})
    await segmenter.await_serving()

    call = call_of(segmenter, timeout_s=None)
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await call.read()

    assert details(refusal.value).reason == "DEADLINE_PASSED"


async def test_a_call_cancelled_amid_its_image_leaves_nothing_behind(segmenter: Segmenter) -> None:
    call = await asked(segmenter, head())
    await call.write(chunk(BALL[:9]))
    assert segmenter.sample("held_bytes") == len(BALL)

    call.cancel()

    await nothing_is_left(segmenter)
    await until(lambda: calls_ended(segmenter) == ["CANCELLED"])
    assert_no_errors(segmenter)


async def test_a_call_cancelled_amid_its_answer_leaves_nothing_behind(
    segmenter: Segmenter,
) -> None:
    call = await asked(segmenter, bmp_head())
    await sent(call, chunk(LARGE))
    about = (await call.read()).head
    await call.read()
    assert segmenter.sample("held_bytes") == about.image_bytes

    call.cancel()

    await nothing_is_left(segmenter)
    await until(lambda: calls_ended(segmenter) == ["CANCELLED"])
    assert_no_errors(segmenter)


async def test_an_answer_waits_for_a_slow_reader_and_counts_as_held(
    start_segmenter: StartSegmenter,
) -> None:
    segmenter = await start_segmenter(
        admission=AdmissionSettings(max_held_bytes=12_000_000),
        image=ImageSettings(max_bytes=6_000_000),
    )
    await segmenter.await_serving()
    slow = await asked(segmenter, bmp_head(), timeout_s=None)
    await sent(slow, chunk(LARGE))
    about = (await slow.read()).head
    assert about.image_bytes > 12_000_000

    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await cut(segmenter, BALL)
    chunks = []
    while (piece := await slow.read()) is not grpc.aio.EOF:
        chunks.append(piece.chunk)
    await nothing_is_left(segmenter)

    assert details(refusal.value).reason == "OVERLOADED"
    assert sum(map(len, chunks)) == about.image_bytes
    assert (await cut(segmenter, BALL)).foreground_found


async def test_many_calls_at_once_get_their_own_answers(segmenter: Segmenter) -> None:
    async def width_px(width: int) -> int:
        image = red_ball(width, 90)
        call = await asked(segmenter, head(len(image)))
        await sent(call, *(chunk(image[i : i + 100]) for i in range(0, len(image), 100)))
        about, _ = await whole(call)
        return about.cut_out.width_px

    widths = range(100, 120)
    assert await asyncio.gather(*map(width_px, widths)) == list(widths)


def bmp_head() -> Request:
    """Asks for an answer of 18 MB, more than the transport holds on its own."""
    options = v1.CutOutOptions(format=v1.OutputFormat.OUTPUT_FORMAT_BMP)
    return head(len(LARGE), options=options)


def lines(segmenter: Segmenter) -> list[dict[str, Any]]:
    return [json.loads(line) for line in segmenter.log.getvalue().splitlines()]


def calls_ended(segmenter: Segmenter) -> list[str]:
    return [line["code"] for line in lines(segmenter) if line["event"] == "call"]


def assert_no_errors(segmenter: Segmenter) -> None:
    assert [line for line in lines(segmenter) if line["level"] in {"warning", "error"}] == []
