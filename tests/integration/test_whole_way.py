"""Gateway and segmenter together, over their real wires, with a network that waits for a gate."""

import asyncio
import io
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from gateway.settings import SegmenterSettings
from segmenter.inference.in_process import InProcessEngine
from segmenter.settings import AdmissionSettings
from tests.integration.gateway.conftest import database, database_template  # noqa: F401
from tests.integration.gateway.database import EMAIL, Database, administration
from tests.integration.gateway.served_gateway import (
    Reply,
    ServedGateway,
    multipart,
    served_gateway,
)
from tests.integration.segmenter.conftest import (
    Segmenter,
    StartSegmenter,
    red_repository,  # noqa: F401
    start_segmenter,  # noqa: F401
)
from tests.waiting import until

FORM: dict[str, str | int] = {"Content-Type": "multipart/form-data; boundary=b"}
CLIENTS = 120
BUDGET_MP, MOST_WAITING = 36, 100
SEED = 20_240_501


class GatedNetwork:
    """Notes which pictures it is asked about, by their red, and answers once the gate is open."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.seen: list[int] = []
        self.given_up = 0

    async def infer(
        self,
        _model: str,
        batch_u8: NDArray[np.uint8],
        _timeout_s: float,
        *,
        alone: bool = True,  # noqa: ARG002 - nothing is computed
    ) -> NDArray[np.float32]:
        self.seen += [int(picture_u8[0, 0, 0]) for picture_u8 in batch_u8]
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.given_up += len(batch_u8)
            raise
        return np.ones(batch_u8.shape[:3], np.float32)


@pytest.fixture
async def segmenter(
    start_segmenter: StartSegmenter,  # noqa: F811
) -> Segmenter:
    admission = AdmissionSettings(budget_mp=BUDGET_MP, max_waiting=MOST_WAITING)
    started = await start_segmenter(admission=admission)
    await started.await_serving()
    return started


@pytest.fixture
def network(segmenter: Segmenter, monkeypatch: pytest.MonkeyPatch) -> GatedNetwork:
    assert segmenter.server.ready
    gated = GatedNetwork()
    monkeypatch.setattr(InProcessEngine, "infer", gated.infer)
    return gated


@pytest.fixture
async def gateway(
    segmenter: Segmenter,
    database: Database,  # noqa: F811
) -> AsyncIterator[ServedGateway]:
    target = f"127.0.0.1:{segmenter.port}"
    async with served_gateway(database, target) as served:
        await served.reaches("/v2/health", 200)
        yield served


def picture(number: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (32, 32), (number, 9, 9)).save(buffer, "PNG")
    return buffer.getvalue()


def post(gateway: ServedGateway, number: int, key: str) -> "asyncio.Task[Reply]":
    body = multipart(("image_file", picture(number)))
    headers = {"Content-Type": "multipart/form-data; boundary=b", "x-api-key": key}
    return asyncio.create_task(gateway.post(io.BytesIO(body), headers))


def in_queues(segmenter: Segmenter) -> float:
    return segmenter.sample("waiting_pictures") + segmenter.sample("batch_queue_pictures")


def outcomes(gateway: ServedGateway) -> list[str]:
    return [line["code"] for line in gateway.access_lines()]


async def test_nobody_works_for_clients_that_have_left(
    gateway: ServedGateway, segmenter: Segmenter, network: GatedNetwork
) -> None:
    numbers = list(range(1, CLIENTS + 1))
    leaving = set(random.Random(SEED).sample(numbers, CLIENTS // 2))
    async with AsyncExitStack() as stayers:
        replies = {}
        async with AsyncExitStack() as leavers:
            for number in numbers:
                body = multipart(("image_file", picture(number)))
                stack = leavers if number in leaving else stayers
                reader, writer = await stack.enter_async_context(gateway.connection())
                writer.write(gateway.head(FORM | {"Content-Length": len(body)}) + body)
                replies[number] = reader
            await until(lambda: in_queues(segmenter) + len(network.seen) == CLIENTS)
            started = list(network.seen)
        await until(lambda: outcomes(gateway).count("client_closed") == len(leaving))
        staying = [number for number in numbers if number not in leaving | set(started)]
        await until(lambda: in_queues(segmenter) <= len(staying))

        network.gate.set()
        statuses = {
            number: await replies[number].readline() for number in numbers if number not in leaving
        }

    assert {line.split()[1] for line in statuses.values()} == {b"200"}
    assert not leaving & set(network.seen[len(started) :])
    await until(lambda: segmenter.sample("held_bytes") == 0)
    assert segmenter.sample("admitted_megapixels") == 0


async def test_too_many_requests_are_refused_at_once_and_nothing_else_suffers(
    gateway: ServedGateway,
    segmenter: Segmenter,
    network: GatedNetwork,
    database: Database,  # noqa: F811
) -> None:
    async with administration(database) as operator:
        modest_key, _ = await operator.create_key(EMAIL)
    places, surplus = BUDGET_MP + MOST_WAITING, 60
    greedy = [post(gateway, n % 250 + 1, gateway.key) for n in range(places + surplus)]
    await until(lambda: outcomes(gateway).count("overloaded") == surplus)
    assert segmenter.sample("waiting_pictures") == MOST_WAITING

    modest = [post(gateway, n, modest_key) for n in range(1, 6)]
    await until(lambda: outcomes(gateway).count("overloaded") == surplus + len(modest))
    for path in ("/v2/health", "/v2/health/live", "/v2/health/ready"):
        assert (await gateway.ask("GET", path)).status == 200
    network.gate.set()

    served = await asyncio.gather(*modest)
    answers = await asyncio.gather(*greedy)
    refusals = [answer for answer in answers if answer.status != 200]
    assert [answer.status for answer in served] == [200] * len(modest)
    assert len(answers) - len(refusals) == places - len(modest)
    assert {(each.status, each.error()["code"]) for each in refusals} == {(503, "overloaded")}
    assert all(int(each.headers["Retry-After"]) >= 1 for each in refusals)
    await until(lambda: segmenter.sample("held_bytes") == 0)


async def test_the_network_is_told_when_everybody_has_left(
    gateway: ServedGateway, segmenter: Segmenter, network: GatedNetwork
) -> None:
    async with AsyncExitStack() as leavers:
        for number in range(1, 13):
            body = multipart(("image_file", picture(number)))
            _, writer = await leavers.enter_async_context(gateway.connection())
            writer.write(gateway.head(FORM | {"Content-Length": len(body)}) + body)
        await until(lambda: in_queues(segmenter) + len(network.seen) == 12)

    await until(lambda: segmenter.sample("held_bytes") == 0)

    assert network.given_up == len(network.seen)
    assert in_queues(segmenter) == 0


async def test_the_deadline_of_a_request_reaches_the_network(
    segmenter: Segmenter,
    database: Database,  # noqa: F811
    network: GatedNetwork,
) -> None:
    settings = SegmenterSettings(target=f"127.0.0.1:{segmenter.port}", timeout_s=0.3)
    async with served_gateway(database, settings.target, segmenter=settings) as gateway:
        await gateway.reaches("/v2/health", 200)
        replies = await asyncio.gather(
            *(gateway.post_body(multipart(("image_file", picture(n)))) for n in range(1, 13))
        )

    assert {(reply.status, reply.error()["code"]) for reply in replies} == {(504, "timeout")}
    await until(lambda: segmenter.sample("held_bytes") == 0)
    assert in_queues(segmenter) == 0
    assert network.given_up == len(network.seen)
