"""Requests that readers may disagree about: one documented answer each, and nothing run twice."""

import asyncio
import contextlib
import re

import pytest
from aiohttp.http_parser import HttpRequestParser, HttpRequestParserPy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.settings import UploadSettings
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.fake_segmenter import FakeSegmenter
from tests.integration.gateway.hostile_requests import (
    ALL,
    CHUNKED_FORM,
    GOOD,
    LIVE,
    MOST_BYTES,
    Hostile,
    post,
)
from tests.integration.gateway.served_gateway import ServedGateway, image_form, rest

READ_AHEAD_BYTES = 256 * 1024
SMALL = UploadSettings(image_bytes=MOST_BYTES // 2, text_bytes=MOST_BYTES // 2)
_ANSWER = re.compile(rb"HTTP/[0-9]\.[0-9] (\d{3}) ")


@pytest.mark.parametrize("hostile", ALL, ids=lambda hostile: hostile.name)
async def test_each_gets_its_answers_and_no_other(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter, hostile: Hostile
) -> None:
    gateway = await serve_gateway(upload=SMALL)

    statuses = await _statuses(gateway, hostile.sent, stays=hostile.stays)

    assert statuses == list(hostile.statuses)
    assert len(segmenter.calls) == hostile.cut_outs
    assert all(line["bytes_in"] <= MOST_BYTES + READ_AHEAD_BYTES for line in gateway.access_lines())
    await gateway.until(lambda: "gateway_connections 0.0" in gateway.metrics())
    assert "mattebox_gateway_in_flight_bytes 0.0" in gateway.metrics()
    assert (await gateway.post(image_form())).status == 200


def test_there_are_enough_of_them() -> None:
    assert len({hostile.name for hostile in ALL}) == len(ALL) >= 100


def test_they_are_read_by_the_compiled_parser() -> None:
    # The other one takes methods, versions and chunk sizes that this one refuses.
    assert HttpRequestParser is not HttpRequestParserPy


_SEEDS = (GOOD, LIVE, GOOD + LIVE, post("Transfer-Encoding: chunked", body=CHUNKED_FORM))
_PIECES = st.sampled_from(
    [
        b"\r\n",
        b"\n",
        b"\r",
        b"\x00",
        b" ",
        b"\t",
        b":",
        b",",
        b"0\r\n\r\n",
        b"Content-Length: 3\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: identity\r\n",
        b"Connection: close\r\n",
        b"Connection: upgrade\r\nUpgrade: h2c\r\n",
        b"Expect: 100-continue\r\n",
        b"Host: other\r\n",
        b"HTTP/1.0",
        b"--b--",
        b"ffffffffffffffff\r\n",
    ]
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A good request of which some places are cut out, written over or said again."""
    request = draw(st.sampled_from(_SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(request)))
        end = min(len(request), start + draw(st.integers(0, 12)))
        piece = draw(_PIECES | st.binary(max_size=6) | st.just(request[start:end] * 2))
        request = request[:start] + piece + request[end:]
    return request


@settings(
    deadline=None,  # no timing asserts
    max_examples=300,
    # One gateway for all examples is meant: none may disturb the next.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(request=mutated())
async def test_whatever_becomes_of_a_good_request_there_is_an_end_and_no_5xx(
    gateway: ServedGateway, request: bytes
) -> None:
    statuses = await _statuses(gateway, request)

    assert all(status < 500 for status in statuses)
    assert len(statuses) <= request.count(b"\n\n") + request.count(b"\r\n\r\n") + 1


async def _statuses(gateway: ServedGateway, request: bytes, *, stays: bool = False) -> list[int]:
    """Sends what a client sends, and returns the statuses of all answers, interim ones aside."""
    async with gateway.connection() as (reader, writer):

        async def send() -> None:
            with contextlib.suppress(ConnectionError):
                writer.write(request.replace(b"KEY", gateway.key.encode()))
                await writer.drain()
                if not stays:
                    writer.write_eof()

        sending = asyncio.create_task(send())
        answers = await rest(reader)
        sending.cancel()
    statuses = [int(status) for status in _ANSWER.findall(answers)]
    return [status for status in statuses if status >= 200]
