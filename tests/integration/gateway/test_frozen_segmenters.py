"""Segmenters that take calls and answer nothing, beside others that do."""

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest
from benchmarks.fleet.fault_proxy import FaultProxy, Harm

from gateway.settings import SegmenterSettings
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.fake_segmenter import (
    Answer,
    Failure,
    FakeSegmenter,
    fake_segmenter,
)
from tests.integration.gateway.served_gateway import PATIENCE_S, image_form

SHORT_S = 1.0
"""Longer than one takes that is not frozen, on whatever machine."""

NEVER_S = 3600.0
GONE = Failure(grpc.StatusCode.UNAVAILABLE, message="Socket closed", early=True)


@pytest.fixture
async def other() -> AsyncIterator[FakeSegmenter]:
    async with fake_segmenter() as fake:
        yield fake


@pytest.fixture
async def proxy(segmenter: FakeSegmenter) -> AsyncIterator[FaultProxy]:
    proxy = FaultProxy(int(segmenter.target.rpartition(":")[2]))
    await proxy.start()
    yield proxy
    await proxy.close()


def never_asks() -> Answer:
    return Answer(asking=asyncio.Event())


def before(*segmenters: FakeSegmenter, accept_timeout_s: float = SHORT_S) -> SegmenterSettings:
    addresses = ",".join(segmenter.target for segmenter in segmenters)
    return SegmenterSettings(target=f"ipv4:{addresses}", accept_timeout_s=accept_timeout_s)


@pytest.mark.parametrize("trouble", ["frozen", "gone"])
async def test_another_one_is_asked_for_whom_the_first_does_not_take_the_image(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter, other: FakeSegmenter, trouble: str
) -> None:
    gateway = await serve_gateway(segmenter=before(segmenter, other))
    await gateway.takes_turns(segmenter, other)
    segmenter.behaviour = never_asks() if trouble == "frozen" else GONE
    asked, answered = len(segmenter.announced_bytes), len(other.calls)

    statuses = []
    async with asyncio.timeout(PATIENCE_S):
        while not segmenter.has_been_asked(asked + 3):
            statuses.append((await gateway.post(image_form())).status)

    assert set(statuses) == {200}
    assert len(other.calls) - answered == len(statuses)


async def test_one_that_asks_late_but_in_time_is_the_only_one_told(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter
) -> None:
    asking = asyncio.Event()
    segmenter.behaviour = Answer(asking=asking)
    gateway = await serve_gateway(segmenter=before(segmenter, accept_timeout_s=NEVER_S))
    call = asyncio.create_task(gateway.post(image_form()))
    await gateway.until(lambda: segmenter.has_been_asked(1))

    asking.set()

    assert (await call).status == 200
    assert len(segmenter.announced_bytes) == 1


async def test_where_none_takes_images_calls_grow_by_a_tenth_at_most(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter, other: FakeSegmenter
) -> None:
    segmenter.behaviour = other.behaviour = never_asks()
    gateway = await serve_gateway(segmenter=before(segmenter, other, accept_timeout_s=0.02))

    replies = [await gateway.post(image_form()) for _ in range(40)]

    assert {reply.status for reply in replies} == {503}
    assert all(int(reply.headers["Retry-After"]) >= 1 for reply in replies)
    asked = len(segmenter.announced_bytes) + len(other.announced_bytes)
    assert asked <= 44


@pytest.mark.parametrize(
    "refusal",
    [
        Failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED", early=True),
        Failure(grpc.StatusCode.UNAVAILABLE, "ENGINE_UNAVAILABLE", early=True),
        Failure(grpc.StatusCode.UNAVAILABLE, message="Socket closed"),
    ],
    ids=["overloaded", "engine away", "broken off later"],
)
async def test_whoever_refuses_or_has_begun_is_not_asked_again(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter, refusal: Failure
) -> None:
    segmenter.behaviour = refusal
    gateway = await serve_gateway(segmenter=before(segmenter, accept_timeout_s=NEVER_S))

    reply = await gateway.post(image_form())

    assert reply.status == 503
    assert len(segmenter.announced_bytes) == 1


@pytest.mark.slow
async def test_a_call_to_one_that_froze_later_ends_long_before_its_deadline(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter, proxy: FaultProxy
) -> None:
    segmenter.behaviour = Answer(gate=asyncio.Event())
    settings = SegmenterSettings(target=f"127.0.0.1:{await proxy.port()}", timeout_s=NEVER_S)
    gateway = await serve_gateway(segmenter=settings)
    call = asyncio.create_task(gateway.post(image_form()))
    await segmenter.called.wait()

    await proxy.harm(Harm.SWALLOWED)
    reply = await call

    assert reply.status == 503
