"""How often a key may ask: told on every answer, shared between gateways, and never lost."""

import asyncio

import grpc
import pytest

from gateway.accounts.keys import KeyTerms
from gateway.settings import AdmissionSettings, LimiterSettings, UploadSettings
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.database import EMAIL, Database, administration
from tests.integration.gateway.fake_segmenter import Answer, Failure, FakeSegmenter
from tests.integration.gateway.served_gateway import Reply, ServedGateway, image_form
from tests.redis_server import running_redis


async def test_every_keyed_answer_tells_the_rate(gateway: ServedGateway) -> None:
    served = await gateway.post(image_form())
    refused = await gateway.post(b"")
    account = await gateway.ask("GET", "/v2/account", headers={"x-api-key": gateway.key})
    stranger = await gateway.ask("GET", "/v2/account")

    assert [reply.status for reply in (served, refused, account, stranger)] == [200, 400, 200, 401]
    assert [_remaining(reply) for reply in (served, refused, account)] == [599, 598, 597]
    assert "X-RateLimit-Limit" not in stranger.headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "application/json"}, 400),
        ({"Content-Length": 10}, 408),
        ({"Content-Length": 50_000_000}, 413),
        ({"Content-Length": 9, "Content-Encoding": "gzip"}, 415),
        ({"Content-Length": 1000, "Content-Type": "application/json"}, 503),
    ],
)
async def test_a_body_that_is_refused_tells_the_rate(
    serve_gateway: ServeGateway, headers: dict[str, str | int], status: int
) -> None:
    gateway = await serve_gateway(
        upload=UploadSettings(image_bytes=1000, text_bytes=1000, slack_bytes=1, read_timeout_s=0.2),
        admission=AdmissionSettings(budget_bytes=8004, strangers_bytes=4004),
    )
    async with gateway.connection() as (_, first), gateway.connection() as (_, second):
        if status == 503:
            # Take all of its share of the budget, but for 3 bytes.
            first.write(gateway.head(headers))
            second.write(gateway.head(headers))
            await gateway.until(lambda: "in_flight_bytes 6000.0" in gateway.metrics())
            headers = headers | {"Content-Type": "image/png"}
        reply = await gateway.exchange(gateway.head(headers))

    assert reply.status == status
    assert _remaining(reply) in {597, 599}


@pytest.mark.parametrize(
    ("failure", "status"),
    [(grpc.StatusCode.INTERNAL, 500), (grpc.StatusCode.DEADLINE_EXCEEDED, 504)],
)
async def test_a_failure_tells_the_rate(
    gateway: ServedGateway, segmenter: FakeSegmenter, failure: grpc.StatusCode, status: int
) -> None:
    segmenter.behaviour = Failure(failure)

    reply = await gateway.post(image_form())

    assert reply.status == status
    assert _remaining(reply) == 599


async def test_past_its_requests_a_key_is_429_rate_limited(
    gateway: ServedGateway, database: Database, segmenter: FakeSegmenter
) -> None:
    key = await _key(database, KeyTerms(requests_per_minute=3))

    replies = [await _post(gateway, key) for _ in range(4)]

    assert [reply.status for reply in replies] == [200, 200, 200, 429]
    assert replies[3].error()["code"] == "rate_limited"
    assert 1 <= int(replies[3].headers["Retry-After"]) <= 120
    assert [_remaining(reply) for reply in replies] == [2, 1, 0, 0]
    assert len(segmenter.calls) == 3


async def test_past_its_megapixels_a_key_is_429_rate_limited(
    gateway: ServedGateway, database: Database, segmenter: FakeSegmenter
) -> None:
    key = await _key(database, KeyTerms(megapixels_per_minute=4))
    segmenter.behaviour = Answer(width_px=1000, height_px=2000)

    replies = [await _post(gateway, key) for _ in range(3)]

    assert [reply.status for reply in replies] == [200, 200, 429]
    assert "megapixels" in replies[2].error()["message"]


async def test_two_gateways_share_a_limit_through_redis(
    serve_gateway: ServeGateway, database: Database
) -> None:
    key = await _key(database, KeyTerms(requests_per_minute=5))
    with running_redis() as redis:
        limiter = LimiterSettings.model_validate({"url": redis.url, "timeout_s": 5})
        gateways = [await serve_gateway(limiter=limiter) for _ in range(2)]

        replies = await asyncio.gather(*(_post(gateways[turn % 2], key) for turn in range(10)))

    assert sorted(reply.status for reply in replies) == [200] * 5 + [429] * 5


async def test_without_the_shared_counter_each_gateway_counts_for_itself_and_says_so(
    serve_gateway: ServeGateway, database: Database
) -> None:
    key = await _key(database, KeyTerms(requests_per_minute=4))
    with running_redis() as redis:
        limiter = LimiterSettings.model_validate({"url": redis.url, "gateways": 2})
        gateway = await serve_gateway(limiter=limiter)
        redis.stop()

        replies = [await _post(gateway, key) for _ in range(3)]

        assert [reply.status for reply in replies] == [200, 200, 429]
        assert "mattebox_gateway_limiter_degraded 1.0" in gateway.metrics()
        assert "mattebox_gateway_limiter_fallbacks_total 0.0" not in gateway.metrics()


async def _key(database: Database, terms: KeyTerms) -> str:
    async with administration(database) as operator:
        key, _ = await operator.create_key(EMAIL, terms=terms)
    return key


async def _post(gateway: ServedGateway, key: str) -> Reply:
    return await gateway.ask("POST", "/v2", data=image_form(), headers={"x-api-key": key})


def _remaining(reply: Reply) -> int:
    assert int(reply.headers["X-RateLimit-Reset"]) > 1_700_000_000
    assert int(reply.headers["X-RateLimit-Limit"]) > 0
    return int(reply.headers["X-RateLimit-Remaining"])
