import asyncio

import pytest

from gateway.errors import (
    FetchFailedError,
    InvalidImageUrlError,
    OverloadedError,
)
from gateway.fetch.client import MAX_REDIRECTS, ImageFetcher
from gateway.settings import FetchSettings
from tests.unit.gateway.fetch.conftest import IMAGE_BYTES, Loopback, any_size
from tests.unit.gateway.fetch.upstream import ALLOWED, http_answer, redirect
from tests.waiting import until

PICTURE = b"\x89PNG and so on"


class TestFetching:
    async def test_the_image_is_what_the_server_sends(self, loopback: Loopback) -> None:
        loopback.upstream.answers["/a%2Fb?x=~+%7E"] = http_answer(body=PICTURE)

        image = await loopback.fetch(loopback.url("/a%2Fb?x=~+%7E#top"))

        assert image == PICTURE
        assert loopback.outcomes == ["ok"]
        assert loopback.connected == [ALLOWED]

    async def test_the_size_is_told_before_the_body_is_sent(self, loopback: Loopback) -> None:
        told: list[int] = []

        async def answer(writer: asyncio.StreamWriter) -> None:
            writer.write(http_answer(headers={"Content-Length": str(len(PICTURE))}))
            await until(lambda: told == [len(PICTURE)])
            writer.write(PICTURE)
            await writer.drain()

        loopback.upstream.answers["/"] = answer

        assert await loopback.fetcher().fetch(loopback.url(), "key", told.append) == PICTURE

    async def test_a_body_without_a_length_counts_as_the_largest(self, loopback: Loopback) -> None:
        told: list[int] = []
        loopback.upstream.answers["/"] = http_answer(headers={"Content-Length": ""}) + PICTURE

        assert await loopback.fetcher().fetch(loopback.url(), "key", told.append) == PICTURE
        assert told == [IMAGE_BYTES]

    async def test_a_chunked_body_counts_as_the_largest(self, loopback: Loopback) -> None:
        told: list[int] = []
        headers = {"Content-Length": "", "Transfer-Encoding": "chunked"}
        loopback.upstream.answers["/"] = http_answer(headers=headers) + b"3\r\nabc\r\n0\r\n\r\n"

        assert await loopback.fetcher().fetch(loopback.url(), "key", told.append) == b"abc"
        assert told == [IMAGE_BYTES]

    async def test_what_the_size_is_refused_with_ends_the_download(
        self, loopback: Loopback
    ) -> None:
        def refuse(_size_bytes: int) -> None:
            raise OverloadedError

        loopback.upstream.answers["/"] = http_answer(body=PICTURE)

        with pytest.raises(OverloadedError):
            await loopback.fetcher().fetch(loopback.url(), "key", refuse)

        assert loopback.outcomes == ["not_admitted"]
        await until(lambda: loopback.upstream.open == 0)

    async def test_the_system_resolves_names_too(self, loopback: Loopback) -> None:
        loopback.upstream.answers["/"] = http_answer(body=PICTURE)
        loopback.canary.answers["/"] = http_answer(body=PICTURE)  # should ::1 come first
        settings = FetchSettings(ports=(loopback.port,), allow=("localhost",))
        fetcher = ImageFetcher(settings, IMAGE_BYTES, loopback.outcomes.append)

        image = await fetcher.fetch(loopback.url(host="localhost"), "key", any_size)
        await fetcher.close()

        assert image == PICTURE


class TestRedirects:
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    @pytest.mark.parametrize(
        "location", ["/image", "image", "./a/../image#x", "//good.test:{port}/image"]
    )
    async def test_they_are_followed(self, loopback: Loopback, status: int, location: str) -> None:
        target = location.format(port=loopback.port)
        loopback.upstream.answers |= {
            "/": redirect(target, status),
            "/image": http_answer(body=PICTURE),
        }
        assert await loopback.fetch(loopback.url()) == PICTURE
        assert loopback.upstream.accepted == 2

    @pytest.mark.parametrize("spare", [0, 1])
    async def test_there_are_so_many_and_no_more(self, loopback: Loopback, spare: int) -> None:
        hops = MAX_REDIRECTS + spare
        for hop in range(hops):
            loopback.upstream.answers[f"/{hop}"] = redirect(f"/{hop + 1}")
        loopback.upstream.answers[f"/{hops}"] = http_answer(body=PICTURE)

        if spare:
            error = await loopback.failure(loopback.url("/0"))
            assert error.detail == "too_many_redirects"
            assert loopback.upstream.accepted == MAX_REDIRECTS + 1
        else:
            assert await loopback.fetch(loopback.url("/0")) == PICTURE

    async def test_a_loop_ends(self, loopback: Loopback) -> None:
        loopback.upstream.answers["/"] = redirect("/")

        assert (await loopback.failure(loopback.url())).detail == "too_many_redirects"

    @pytest.mark.parametrize(
        "location",
        [
            "file:///etc/passwd",
            "gopher://good.test/",
            "ftp://good.test/",
            "data:image/png;base64,AA==",
            "javascript:0",
            "http://user:word@good.test:{port}/image",
            "http://good.test:1/image",
            "http://good.test:{port}\\@127.0.0.2/image",
            "http://127.1:{port}/image",
            "http://[::1%25lo]:{port}/image",
            "http://[::1",
            "/im\tage",
            "/im\x01age",
            "http:///image",
            "http:/image",
            "http:image",
            "///image",
            "//",
            "/" + "a" * 2048,
        ],
    )
    async def test_what_no_caller_may_name_no_server_may(
        self, loopback: Loopback, location: str
    ) -> None:
        target = location.format(port=loopback.port)
        loopback.upstream.answers |= {"/": redirect(target), "/image": http_answer(body=PICTURE)}

        error = await loopback.failure(loopback.url())

        assert isinstance(error, FetchFailedError)
        assert str(error) == "cannot download image_url"
        assert loopback.upstream.accepted == 1

    async def test_the_slot_of_a_host_is_free_for_the_next_hop(self, loopback: Loopback) -> None:
        loopback.upstream.answers |= {"/": redirect("/2"), "/2": http_answer(body=PICTURE)}

        assert await loopback.fetch(loopback.url(), per_host=1) == PICTURE


class TestRefusals:
    @pytest.mark.parametrize(
        "url",
        [
            "",
            "x",
            "file:///etc/passwd",
            "http://good.test:1/",
            "http://u@good.test/",
            "http://a\r\n/",
        ],
    )
    async def test_other_urls_are_refused_unasked(self, loopback: Loopback, url: str) -> None:
        error = await loopback.failure(url)

        assert isinstance(error, InvalidImageUrlError)
        assert error.detail == "url_refused"
        assert loopback.nameserver.queries.total() == 0
        assert loopback.connected == []

    async def test_switched_off_it_asks_nobody(self, loopback: Loopback) -> None:
        error = await loopback.failure(loopback.url(), enabled=False)

        assert isinstance(error, InvalidImageUrlError)
        assert "switched off" in str(error)
        assert error.detail == "switched_off"
        assert loopback.nameserver.queries.total() == 0
        assert loopback.connected == []

    async def test_no_log_of_any_library_names_the_url(
        self, loopback: Loopback, caplog: pytest.LogCaptureFixture
    ) -> None:
        loopback.nameserver.say("canary.test", [ALLOWED])
        loopback.nameserver.say("canary.private.test", ["127.0.0.2"])
        loopback.upstream.answers |= {"/canary": redirect("/canary?2"), "/canary?2": b"nonsense"}
        hosts = ("canary.test", "canary.private.test", "canary.nowhere.test")

        with caplog.at_level("DEBUG"):
            for host in hosts:
                await loopback.failure(loopback.url("/canary", host))

        assert "canary" not in caplog.text
        assert "127.0.0" not in caplog.text

    async def test_a_setting_that_names_nothing_is_told_at_once(self, loopback: Loopback) -> None:
        with pytest.raises(ValueError, match=r"'10\.0\.0\.1/8'"):
            loopback.fetcher(allow=("10.0.0.0/8", "10.0.0.1/8"))
