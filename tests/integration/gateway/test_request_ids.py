import re

import pytest

from tests.integration.gateway.fake_segmenter import FakeSegmenter
from tests.integration.gateway.served_gateway import ServedGateway, image_form


@pytest.mark.parametrize("own", ["a", "Order-17.3_b", "x" * 64])
async def test_a_well_formed_id_of_the_callers_own_is_kept_everywhere(
    gateway: ServedGateway, segmenter: FakeSegmenter, own: str
) -> None:
    reply = await gateway.post(image_form(), {"X-Request-Id": own})

    assert reply.headers["X-Request-Id"] == own
    assert segmenter.calls[0].request_id == own
    assert gateway.access_lines()[0]["request_id"] == own


@pytest.mark.parametrize("own", [None, "", "x" * 65, "two words", "semi;colon", "\u00fc"])
async def test_otherwise_the_gateway_makes_one(
    gateway: ServedGateway, segmenter: FakeSegmenter, own: str | None
) -> None:
    headers = {} if own is None else {"X-Request-Id": own}

    reply = await gateway.post(image_form(), headers)

    answered = reply.headers["X-Request-Id"]
    assert re.fullmatch(r"req_[0-9a-f]{32}", answered)
    assert segmenter.calls[0].request_id == answered


@pytest.mark.parametrize("path", ["/nothing", "/v2", "/v2/health", "/v2/health/live"])
async def test_every_answer_has_an_id(gateway: ServedGateway, path: str) -> None:
    reply = await gateway.ask("GET", path)

    assert reply.headers["X-Request-Id"] == gateway.access_lines()[0]["request_id"]
