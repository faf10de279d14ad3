"""Callers that share a segmenter, told apart by their names."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import grpc
import numpy as np
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from numpy.typing import NDArray

from mattebox.segmenter import v1
from segmenter.inference.in_process import InProcessEngine
from segmenter.settings import AdmissionSettings
from tests.integration.segmenter.calls import details, unpacked
from tests.integration.segmenter.conftest import Segmenter, StartSegmenter, red_ball
from tests.waiting import until

IMAGE = red_ball(1000, 800)


async def cut_for(segmenter: Segmenter, caller: str) -> None:
    request = v1.RemoveBackgroundRequest(image=IMAGE)
    await segmenter.stub.RemoveBackground(
        request, timeout=60, metadata=(("x-mattebox-caller", caller),)
    )


async def check(segmenter: Segmenter, image_bytes: int = 0, **metadata: Any) -> None:
    await segmenter.stub.CheckAdmission(
        v1.CheckAdmissionRequest(image_bytes=image_bytes), timeout=20, **metadata
    )


class Narrow:
    """Takes one picture at a time and eight that wait; the network waits for a gate."""

    def __init__(self, segmenter: Segmenter, gate: asyncio.Event) -> None:
        self.segmenter = segmenter
        self.gate = gate

    def cut(self, caller: str) -> "asyncio.Task[None]":
        return asyncio.create_task(cut_for(self.segmenter, caller))

    async def waits(self, pictures: int) -> None:
        await until(lambda: self.segmenter.sample("waiting_pictures") == pictures)


@pytest.fixture
async def narrow(
    start_segmenter: StartSegmenter, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Narrow]:
    segmenter = await start_segmenter(admission=AdmissionSettings(budget_mp=1, max_waiting=8))
    await segmenter.await_serving()
    gate, infer = asyncio.Event(), InProcessEngine.infer

    async def gated(
        self: InProcessEngine,
        model: str,
        batch_u8: NDArray[np.uint8],
        timeout_s: float,
        *,
        alone: bool = True,
    ) -> NDArray[np.float32]:
        await gate.wait()
        return await infer(self, model, batch_u8, timeout_s, alone=alone)

    monkeypatch.setattr(InProcessEngine, "infer", gated)
    yield Narrow(segmenter, gate)
    gate.set()


async def test_a_long_line_of_one_caller_does_not_hold_up_another(narrow: Narrow) -> None:
    finished: list[str] = []
    greedy = [narrow.cut("greedy") for _ in range(8)]
    await narrow.waits(7)
    modest = narrow.cut("modest")
    await narrow.waits(8)
    for name, task in [("modest", modest), *(("greedy", task) for task in greedy)]:
        task.add_done_callback(partial(_note, finished, name))

    narrow.gate.set()
    await asyncio.gather(modest, *greedy)

    # The one that had started, at most one that was due, and then its turn.
    assert finished.index("modest") <= 2


def _note(finished: list[str], name: str, _: "asyncio.Task[None]") -> None:
    finished.append(name)


async def test_a_full_queue_makes_room_for_another_caller(narrow: Narrow) -> None:
    greedy = [narrow.cut("greedy") for _ in range(9)]
    await narrow.waits(8)

    modest = narrow.cut("modest")
    await until(lambda: any(task.done() for task in greedy))
    narrow.gate.set()
    outcomes = await asyncio.gather(*greedy, return_exceptions=True)
    await modest

    (refusal,) = [outcome for outcome in outcomes if isinstance(outcome, grpc.aio.AioRpcError)]
    assert details(refusal).reason == "OVERLOADED"


async def test_a_question_is_refused_while_the_queue_is_full_of_the_same_caller(
    narrow: Narrow,
) -> None:
    greedy = [narrow.cut("greedy") for _ in range(9)]
    await narrow.waits(8)

    await check(narrow.segmenter, metadata=(("x-mattebox-caller", "modest"),))
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await check(narrow.segmenter, metadata=(("x-mattebox-caller", "greedy"),))

    narrow.gate.set()
    await asyncio.gather(*greedy)
    assert details(refusal.value).reason == "OVERLOADED"
    assert unpacked(refusal.value, RetryInfo()).retry_delay.ToMilliseconds() >= 1000


async def test_a_question_is_answered_as_the_image_would_be(segmenter: Segmenter) -> None:
    await check(segmenter)
    with pytest.raises(grpc.aio.AioRpcError) as too_large:
        await check(segmenter, image_bytes=31_457_281)
    await check(segmenter, image_bytes=31_457_280)

    assert details(too_large.value).reason == "IMAGE_TOO_MANY_BYTES"


@pytest.mark.parametrize("name", ["", "x" * 65, "with space", "key=value"])
async def test_odd_names_are_as_good_as_none(segmenter: Segmenter, name: str) -> None:
    await cut_for(segmenter, name)
    await check(segmenter, metadata=(("x-mattebox-caller", name),))


async def test_without_names_callers_are_their_addresses(segmenter: Segmenter) -> None:
    await segmenter.stub.RemoveBackground(v1.RemoveBackgroundRequest(image=IMAGE), timeout=20)
    await check(segmenter)
