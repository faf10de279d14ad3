"""The one line that each call leaves in the log, and each item of a stream."""

import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest

from mattebox.segmenter import v1
from tests.integration.segmenter.conftest import Segmenter, red_ball
from tests.waiting import until

BALL = red_ball(compress_level=0)
METADATA = (("x-request-id", "mine-1"),)
STAGES = {"queue", "decode", "model_input", "infer", "matte", "compose", "encode", "total"}


async def lines(segmenter: Segmenter, count: int = 1) -> list[dict[str, Any]]:
    """Waits until so many lines have the request's id, and gives them."""

    def mine() -> list[dict[str, Any]]:
        told = [json.loads(line) for line in segmenter.log.getvalue().splitlines()]
        return [line for line in told if line.get("request_id") == "mine-1"]

    await until(lambda: len(mine()) >= count)
    assert "dropped_fields" not in segmenter.log.getvalue()
    return mine()


def check_made(line: dict[str, Any], encoded: bytes = BALL) -> None:
    assert (line["code"], line["level"]) == ("OK", "info")
    assert line["bytes_in"] == len(encoded)
    assert line["bytes_out"] > 0
    assert line["sha256"] == hashlib.sha256(encoded).hexdigest()
    assert (line["input_format"], line["format"]) == ("png", "png")
    assert (line["input_width_px"], line["input_height_px"]) == (120, 80)
    assert (line["width_px"], line["height_px"]) == (120, 80)
    assert (line["model"], line["batch_size"]) == ("red", 1)
    assert set(line["stages_ms"]) == STAGES
    assert line["duration_ms"] >= line["stages_ms"]["total"] > 0


async def test_a_call_tells_of_its_picture(segmenter: Segmenter) -> None:
    request = v1.RemoveBackgroundRequest(image=BALL)
    await segmenter.stub.RemoveBackground(request, metadata=METADATA)

    (line,) = await lines(segmenter)

    assert (line["event"], line["method"]) == ("call", "RemoveBackground")
    check_made(line)


async def test_a_call_in_chunks_tells_the_same(segmenter: Segmenter) -> None:
    request = v1.RemoveBackgroundChunkedRequest
    pieces = [request(head=v1.ImageHead(image_bytes=len(BALL))), request(chunk=BALL)]
    async for _ in segmenter.stub.RemoveBackgroundChunked(
        iter(pieces), timeout=20, metadata=METADATA
    ):
        pass

    (line,) = await lines(segmenter)

    assert (line["event"], line["method"]) == ("call", "RemoveBackgroundChunked")
    check_made(line)


async def test_each_item_of_a_stream_has_a_line_beside_that_of_the_stream(
    segmenter: Segmenter,
) -> None:
    async def items() -> AsyncIterator[v1.StreamRemoveBackgroundRequest]:
        yield v1.StreamRemoveBackgroundRequest(item_id="one", image=BALL)
        yield v1.StreamRemoveBackgroundRequest(item_id="two", image=b"none")

    async for _ in segmenter.stub.StreamRemoveBackground(items(), timeout=20, metadata=METADATA):
        pass

    told = await lines(segmenter, 3)

    by_code = {line["code"]: line for line in told if line["event"] == "item"}
    assert set(by_code) == {"OK", "INVALID_ARGUMENT"}
    check_made(by_code["OK"])
    assert by_code["INVALID_ARGUMENT"]["reason"] == "INVALID_IMAGE"
    assert by_code["INVALID_ARGUMENT"]["bytes_in"] == 4
    (stream,) = [line for line in told if line["event"] == "call"]
    assert (stream["code"], stream["images"]) == ("OK", 2)
    assert "sha256" not in stream


@pytest.mark.parametrize(
    ("image", "known"),
    [(b"no image", set()), (BALL[: len(BALL) // 2], {"sha256", "input_format"})],
    ids=["no image", "broken"],
)
async def test_a_refused_picture_is_told_as_far_as_it_is_known(
    segmenter: Segmenter, image: bytes, known: set[str]
) -> None:
    request = v1.RemoveBackgroundRequest(image=image)
    with pytest.raises(grpc.aio.AioRpcError):
        await segmenter.stub.RemoveBackground(request, metadata=METADATA)

    (line,) = await lines(segmenter)

    assert (line["code"], line["reason"]) == ("INVALID_ARGUMENT", "INVALID_IMAGE")
    assert line["bytes_in"] == len(image)
    assert {"sha256", "input_format"} & set(line) == known
    assert "decode" in line["stages_ms"]
    assert not {"bytes_out", "format", "width_px"} & set(line)


async def test_a_call_without_a_picture_tells_of_none(segmenter: Segmenter) -> None:
    await segmenter.stub.ListModels(v1.ListModelsRequest(), metadata=METADATA)

    (line,) = await lines(segmenter)

    assert set(line) == {
        "event", "level", "timestamp", "request_id", "method", "code", "duration_ms"
    }  # fmt: skip


async def test_an_ill_formed_request_id_is_replaced(segmenter: Segmenter) -> None:
    request = v1.RemoveBackgroundRequest(image=BALL)
    await segmenter.stub.RemoveBackground(request, metadata=(("x-request-id", "no good!"),))

    assert "no good!" not in segmenter.log.getvalue()
    assert '"request_id": "req_' in segmenter.log.getvalue()
