import pytest

from tests.integration.gateway.fake_segmenter import FakeSegmenter
from tests.integration.gateway.served_gateway import ServedGateway

END_TO_END = ["/", "/health", "/v2/health", "/health/", "/v2/health/"]
OWN = ["/v2/health/live", "/v2/health/ready", "/v2/health/live/", "/v2/health/ready/"]


@pytest.mark.parametrize("path", END_TO_END)
async def test_end_to_end_health_follows_the_segmenters_readiness(
    gateway: ServedGateway, segmenter: FakeSegmenter, path: str
) -> None:
    assert (await gateway.reaches(path, 200)).json() == {"status": "ok"}

    await segmenter.set_ready(ready=False)
    assert (await gateway.reaches(path, 503)).json() == {"status": "unavailable"}

    await segmenter.set_ready(ready=True)
    assert (await gateway.reaches(path, 200)).json() == {"status": "ok"}


@pytest.mark.parametrize("path", OWN)
async def test_liveness_and_readiness_do_not_ask_the_segmenter(
    gateway: ServedGateway, segmenter: FakeSegmenter, path: str
) -> None:
    await segmenter.set_ready(ready=False)
    await gateway.reaches("/v2/health", 503)

    reply = await gateway.ask("GET", path)

    assert (reply.status, reply.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", END_TO_END + OWN)
async def test_head_works_where_get_does(gateway: ServedGateway, path: str) -> None:
    got = await gateway.reaches(path, 200)

    reply = await gateway.ask("HEAD", path)

    assert (reply.status, reply.body) == (200, b"")
    assert reply.headers["Content-Length"] == str(len(got.body))
    assert reply.headers["Content-Type"] == got.headers["Content-Type"]


async def test_health_needs_no_key_and_ignores_a_wrong_one(gateway: ServedGateway) -> None:
    await gateway.reaches("/v2/health", 200)

    reply = await gateway.ask("GET", "/v2/health", headers={"x-api-key": "nonsense"})

    assert reply.status == 200


async def test_a_probe_that_went_well_is_a_debug_line(gateway: ServedGateway) -> None:
    await gateway.ask("GET", "/v2/health/live")

    assert [line["level"] for line in gateway.access_lines()] == ["debug"]
