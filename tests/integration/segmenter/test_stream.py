"""Many images on one stream, over a real socket."""

from collections.abc import AsyncIterator, Iterable

import grpc
import pytest
from google.rpc import code_pb2, error_details_pb2

from mattebox.segmenter import v1
from tests.integration.segmenter.conftest import Segmenter, StartSegmenter, red_ball
from tests.waiting import until


def item(item_id: str, image: bytes | None = None) -> v1.StreamRemoveBackgroundRequest:
    return v1.StreamRemoveBackgroundRequest(
        item_id=item_id, image=red_ball() if image is None else image
    )


async def answers(
    segmenter: Segmenter, items: Iterable[v1.StreamRemoveBackgroundRequest]
) -> dict[str, v1.StreamRemoveBackgroundResponse]:
    call = segmenter.stub.StreamRemoveBackground(iter(items), timeout=30)
    return {answer.item_id: answer async for answer in call}


async def test_every_item_is_answered_under_its_own_name(segmenter: Segmenter) -> None:
    items = [item(f"item {number}", red_ball(100 + number, 90)) for number in range(30)]
    answered = await answers(segmenter, items)
    assert {name: answer.cut_out.width_px for name, answer in answered.items()} == {
        f"item {number}": 100 + number for number in range(30)
    }


async def test_a_bad_item_fails_alone_with_the_status_of_a_call(segmenter: Segmenter) -> None:
    answered = await answers(segmenter, [item("good"), item("bad", b"no image"), item("fine")])
    assert answered["good"].WhichOneof("outcome") == "cut_out"
    assert answered["fine"].cut_out.foreground_found
    error = answered["bad"].error
    info = error_details_pb2.ErrorInfo()
    error.details[0].Unpack(info)
    assert error.code == code_pb2.INVALID_ARGUMENT
    assert (info.reason, info.domain) == ("INVALID_IMAGE", "segmenter.mattebox")


async def test_small_items_need_not_wait_for_a_large_one(segmenter: Segmenter) -> None:
    items = [item("large", red_ball(4000, 3000)), *(item(f"small {n}") for n in range(5))]
    order = list(await answers(segmenter, items))
    assert order[-1] == "large"


async def test_an_empty_stream_ends_well(segmenter: Segmenter) -> None:
    assert await answers(segmenter, []) == {}


@pytest.mark.parametrize("length", [1, 128])
async def test_item_ids_may_have_1_to_128_characters(segmenter: Segmenter, length: int) -> None:
    assert list(await answers(segmenter, [item("x" * length)])) == ["x" * length]


@pytest.mark.parametrize("length", [0, 129])
async def test_other_item_ids_end_the_call(segmenter: Segmenter, length: int) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await answers(segmenter, [item("x" * length)])
    assert refusal.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "item_id" in str(refusal.value.details())


async def test_an_id_that_waits_for_its_answer_cannot_be_used_again(segmenter: Segmenter) -> None:
    large = red_ball(4000, 3000)
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await answers(segmenter, [item("same", large), item("same", large)])
    assert refusal.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_an_answered_id_can_be_used_again(segmenter: Segmenter) -> None:
    call = segmenter.stub.StreamRemoveBackground(timeout=30)
    for _ in range(3):
        await call.write(item("again"))
        assert (await call.read()).item_id == "again"
    await call.done_writing()
    assert await call.read() is grpc.aio.EOF


async def test_no_item_is_read_beyond_the_unanswered_ones(start_segmenter: StartSegmenter) -> None:
    segmenter = await start_segmenter(grpc={"max_unanswered_items": 2})
    await segmenter.await_serving()
    handed_over = 0
    image = red_ball(1000, 800, compress_level=0)

    async def items() -> AsyncIterator[v1.StreamRemoveBackgroundRequest]:
        nonlocal handed_over
        for number in range(20):
            handed_over += 1
            yield item(str(number), image)

    call = segmenter.stub.StreamRemoveBackground(items(), timeout=60)
    assert len(image) > 2_000_000, "one item is more than the transport holds on its own"
    handed_over_at_answers = [handed_over async for _ in call]
    assert handed_over_at_answers[0] < 12
    assert len(handed_over_at_answers) == 20


async def test_a_cancelled_stream_leaves_nothing_behind(segmenter: Segmenter) -> None:
    call = segmenter.stub.StreamRemoveBackground(timeout=30)
    for number in range(6):
        await call.write(item(str(number), red_ball(2000, 1500)))
    await call.read()
    call.cancel()
    await until(
        lambda: (
            segmenter.sample("calls_total", method="StreamRemoveBackground", code="CANCELLED") == 1
        )
    )
    await until(
        lambda: (
            not segmenter.sample("admitted_megapixels") and not segmenter.sample("waiting_pictures")
        )
    )
