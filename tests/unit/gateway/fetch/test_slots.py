import asyncio
from collections.abc import Callable

import pytest

from gateway.errors import RateLimitedError
from gateway.fetch.client import ImageFetcher
from tests.unit.gateway.fetch.conftest import Loopback, any_size
from tests.unit.gateway.fetch.upstream import http_answer
from tests.waiting import settle, until

PICTURE = b"\x89PNG and so on"


async def test_a_key_has_so_many_downloads_at_a_time(loopback: Loopback) -> None:
    go, fetcher = asyncio.Event(), loopback.fetcher(per_key=2)
    loopback.upstream.answers |= {"/": _once(go), "/now": http_answer(body=PICTURE)}
    running = [_start(fetcher, loopback.url(), "key") for _ in range(2)]
    await until(lambda: loopback.upstream.open == 2)

    with pytest.raises(RateLimitedError) as refused:
        await fetcher.fetch(loopback.url("/now"), "key", any_size)
    other = await fetcher.fetch(loopback.url("/now"), "other key", any_size)
    go.set()
    await asyncio.gather(*running)

    assert refused.value.headers == {"Retry-After": "1"}
    assert refused.value.detail == "too_many_downloads"
    assert other == PICTURE
    assert await fetcher.fetch(loopback.url("/now"), "key", any_size) == PICTURE


async def test_a_host_has_so_many_downloads_at_a_time(loopback: Loopback) -> None:
    go, fetcher = asyncio.Event(), loopback.fetcher(per_host=2)
    loopback.upstream.answers["/"] = _once(go)
    running = [_start(fetcher, loopback.url(), f"key {number}") for number in range(5)]
    await until(lambda: loopback.upstream.open == 2)
    await settle()
    go.set()

    assert await asyncio.gather(*running) == [PICTURE] * 5
    assert loopback.upstream.busiest == 2


async def test_waiting_for_a_turn_ends_in_time(loopback: Loopback) -> None:
    go = asyncio.Event()
    fetcher = loopback.fetcher(per_host=1, total_timeout_s=0.3, read_timeout_s=60)
    loopback.upstream.answers["/"] = _once(go)

    ends = await asyncio.gather(
        *(fetcher.fetch(loopback.url(), key, any_size) for key in ("a", "b")),
        return_exceptions=True,
    )

    assert [str(end) for end in ends] == ["cannot download image_url"] * 2
    assert loopback.outcomes == ["timeout"] * 2


async def test_a_cancelled_download_closes_its_connection(loopback: Loopback) -> None:
    fetcher = loopback.fetcher(per_key=1, per_host=1)
    loopback.upstream.answers |= {
        "/": _once(asyncio.Event()),
        "/now": http_answer(body=PICTURE),
    }
    running = _start(fetcher, loopback.url(), "key")
    await until(lambda: loopback.upstream.open == 1)

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    await until(lambda: loopback.upstream.open == 0)
    assert loopback.outcomes == ["cancelled"]
    assert await fetcher.fetch(loopback.url("/now"), "key", any_size) == PICTURE


def _once(go: asyncio.Event) -> Callable[[asyncio.StreamWriter], "asyncio.Future[None]"]:
    async def answer(writer: asyncio.StreamWriter) -> None:
        await go.wait()
        writer.write(http_answer(body=PICTURE))
        await writer.drain()

    return lambda writer: asyncio.ensure_future(answer(writer))


def _start(fetcher: ImageFetcher, url: str, key_id: str) -> "asyncio.Task[bytes]":
    return asyncio.create_task(fetcher.fetch(url, key_id, any_size))
