import asyncio
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any, NoReturn

import pytest

from gateway.errors import FetchFailedError, RateLimitedError
from gateway.fetch import resolver
from gateway.fetch.client import ImageFetcher
from gateway.fetch.look_ups import LookUpThreads
from gateway.settings import FetchSettings
from tests.unit.gateway.fetch.conftest import IMAGE_BYTES, Loopback, any_size
from tests.unit.gateway.fetch.upstream import http_answer
from tests.waiting import settle, until

PICTURE = b"\x89PNG and so on"
SOON_S = 0.5

EXIT_DURING_A_LOOK_UP = """
import asyncio, socket, threading
from gateway.fetch.resolver import SystemResolver

looking_up = threading.Event()

def never(*arguments, **options):
    looking_up.set()
    threading.Event().wait()

async def main():
    resolver = SystemResolver()
    download = asyncio.create_task(resolver.resolve("slow.test"))
    await asyncio.to_thread(looking_up.wait)
    if GIVE_UP:
        download.cancel()
        await asyncio.wait((download,))
    await resolver.close()
    print("bye")

socket.getaddrinfo = never
asyncio.run(main())
"""


class SlowNames:
    """A system that leaves names under ``slow.test`` unanswered until it is told to go on."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.looking_up = 0
        self._answer = socket.getaddrinfo

    def getaddrinfo(self, host: Any, *arguments: Any, **options: Any) -> Any:
        if not str(host).endswith("slow.test"):
            return self._answer(host, *arguments, **options)
        self.looking_up += 1
        self.go_on.wait()
        raise socket.gaierror(socket.EAI_AGAIN, "no answer")

    async def end(self) -> None:
        """Lets the names go unfound, and waits until every look-up has left its thread."""
        self.go_on.set()
        await until(lambda: not look_up_threads())
        await settle()


def look_up_threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "look-up"}


@pytest.fixture
async def slow(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SlowNames]:
    names = SlowNames()
    monkeypatch.setattr(socket, "getaddrinfo", names.getaddrinfo)
    yield names
    await names.end()


def system_fetcher(loopback: Loopback, **settings: Any) -> ImageFetcher:
    loopback.upstream.answers["/"] = http_answer(body=PICTURE)
    loopback.canary.answers["/"] = http_answer(body=PICTURE)  # should ::1 come first
    values = {"ports": (loopback.port,), "allow": ("localhost",), **settings}
    return ImageFetcher(FetchSettings(**values), IMAGE_BYTES, loopback.outcomes.append)


async def give_up(fetcher: ImageFetcher, loopback: Loopback, *keys: str) -> None:
    """Downloads from a slow name for each key, all at once and in vain."""
    url = loopback.url(host="slow.test")
    ends = await asyncio.gather(
        *(fetcher.fetch(url, key, any_size) for key in keys), return_exceptions=True
    )
    assert [type(end) for end in ends] == [FetchFailedError] * len(keys)
    assert loopback.outcomes == ["timeout"] * len(keys)


class TestGivenUpLookUps:
    async def test_they_hold_their_keys_slots_until_they_end(
        self, loopback: Loopback, slow: SlowNames
    ) -> None:
        fetcher = system_fetcher(loopback, per_key=2, connect_timeout_s=SOON_S)
        await give_up(fetcher, loopback, "key", "key")

        with pytest.raises(RateLimitedError):
            await fetcher.fetch(loopback.url(host="localhost"), "key", any_size)
        other = await fetcher.fetch(loopback.url(host="localhost"), "other key", any_size)

        assert other == PICTURE
        assert slow.looking_up == 2
        await slow.end()
        assert await _both_slots(fetcher, loopback) == [PICTURE] * 2

    async def test_those_of_cancelled_downloads_do_too(
        self, loopback: Loopback, slow: SlowNames
    ) -> None:
        fetcher = system_fetcher(loopback, per_key=2)
        downloads = [
            asyncio.create_task(fetcher.fetch(loopback.url(host="slow.test"), "key", any_size))
            for _ in range(2)
        ]
        await until(lambda: slow.looking_up == 2)
        for download in downloads:
            download.cancel()
        await asyncio.wait(downloads)
        assert loopback.outcomes == ["cancelled"] * 2

        with pytest.raises(RateLimitedError):
            await fetcher.fetch(loopback.url(host="localhost"), "key", any_size)

        await slow.end()
        assert await _both_slots(fetcher, loopback) == [PICTURE] * 2

    async def test_the_other_slots_of_the_key_are_used_again_and_again(
        self, loopback: Loopback, slow: SlowNames
    ) -> None:
        fetcher = system_fetcher(loopback, per_key=2, connect_timeout_s=SOON_S)
        await give_up(fetcher, loopback, "key")

        for _ in range(3):
            image = await fetcher.fetch(loopback.url(host="localhost"), "key", any_size)
            assert image == PICTURE
        assert slow.looking_up == 1

    async def test_without_a_free_thread_a_download_fails_in_time_and_frees_its_slot(
        self, loopback: Loopback, slow: SlowNames, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(resolver, "LOOK_UPS", 2)
        fetcher = system_fetcher(loopback, per_key=1, connect_timeout_s=SOON_S)
        await give_up(fetcher, loopback, "a", "b")

        for _ in range(2):
            with pytest.raises(FetchFailedError) as failed:
                await fetcher.fetch(loopback.url(host="localhost"), "c", any_size)
            assert failed.value.detail == "timeout"

        assert slow.looking_up == 2
        await slow.end()
        assert await fetcher.fetch(loopback.url(host="localhost"), "c", any_size) == PICTURE

    @pytest.mark.parametrize("give_up", [True, False])
    def test_they_do_not_keep_the_process_from_exiting(self, give_up: bool) -> None:
        script = EXIT_DURING_A_LOOK_UP.replace("GIVE_UP", str(give_up))

        # Its look-up never ends; the time is that of a hang.
        ended = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
        )

        assert (ended.returncode, ended.stdout, ended.stderr) == (0, "bye\n", "")

    def test_they_may_outlive_their_loop(self) -> None:
        go_on, threads = threading.Event(), list[threading.Thread]()

        def look_up() -> None:
            threads.append(threading.current_thread())
            go_on.wait()

        async def give_up() -> None:
            waiting = asyncio.create_task(LookUpThreads(1).run(look_up))
            await until(lambda: bool(threads))
            waiting.cancel()

        asyncio.run(give_up())
        (thread,) = threads
        go_on.set()
        thread.join(30)

        # An exception in the thread would be a warning, and so an error.
        assert not thread.is_alive()


class TestLookUpThreads:
    async def test_what_is_found_or_raised_is_handed_on(self) -> None:
        threads = LookUpThreads(1)

        assert await threads.run(lambda: "found") == "found"
        for error in (OSError("x"), UnicodeError("x"), SystemExit()):
            with pytest.raises(type(error)) as raised:
                await threads.run(_raising(error))
            assert raised.value is error

    async def test_so_many_run_at_a_time(self) -> None:
        go_on, running = threading.Event(), LookUpThreads(2)
        before = look_up_threads()
        look_ups = [asyncio.create_task(running.run(go_on.wait)) for _ in range(5)]
        await settle()

        assert len(look_up_threads() - before) == 2
        go_on.set()
        assert await asyncio.gather(*look_ups) == [True] * 5

    async def test_without_a_thread_to_be_had_the_next_is_not_held_up(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(_thread: threading.Thread) -> NoReturn:
            raise RuntimeError("can't start new thread")

        threads = LookUpThreads(1)
        with monkeypatch.context() as full:
            full.setattr(threading.Thread, "start", refuse)
            for _ in range(2):
                with pytest.raises(OSError, match="no thread"):
                    await threads.run(lambda: "found")

        assert await threads.run(lambda: "found") == "found"


async def _both_slots(fetcher: ImageFetcher, loopback: Loopback) -> list[bytes]:
    url = loopback.url(host="localhost")
    return await asyncio.gather(*(fetcher.fetch(url, "key", any_size) for _ in range(2)))


def _raising(error: BaseException) -> Callable[[], NoReturn]:
    def look_up() -> NoReturn:
        raise error

    return look_up
