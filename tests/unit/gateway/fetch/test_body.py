import asyncio
import gzip

import pytest

from gateway.errors import ImageTooLargeError
from tests.unit.gateway.fetch.conftest import IMAGE_BYTES, Loopback
from tests.unit.gateway.fetch.upstream import http_answer
from tests.waiting import until

PICTURE = b"\x89PNG and so on"


async def test_an_image_of_the_largest_size_is_taken(loopback: Loopback) -> None:
    loopback.upstream.answers["/"] = http_answer(body=bytes(IMAGE_BYTES))

    assert await loopback.fetch(loopback.url()) == bytes(IMAGE_BYTES)


async def test_a_length_one_byte_beyond_is_refused_unread(loopback: Loopback) -> None:
    told: list[int] = []
    length = {"Content-Length": str(IMAGE_BYTES + 1)}
    loopback.upstream.answers["/"] = http_answer(headers=length)

    with pytest.raises(ImageTooLargeError):
        await loopback.fetcher().fetch(loopback.url(), "key", told.append)

    assert told == []
    assert loopback.outcomes == ["too_large"]


@pytest.mark.parametrize("spare", [0, 1])
async def test_a_body_without_a_length_is_counted(loopback: Loopback, spare: int) -> None:
    body = bytes(IMAGE_BYTES + spare)
    loopback.upstream.answers["/"] = http_answer(headers={"Content-Length": ""}) + body

    if spare:
        error = await loopback.failure(loopback.url())
        assert isinstance(error, ImageTooLargeError)
        assert error.detail == "too_large"
    else:
        assert await loopback.fetch(loopback.url()) == body


@pytest.mark.parametrize("has_length", [True, False])
@pytest.mark.parametrize(("limit", "is_taken"), [(9, True), (8, False), (IMAGE_BYTES + 1, True)])
async def test_whoever_asks_may_take_less(
    loopback: Loopback, has_length: bool, limit: int, is_taken: bool
) -> None:
    body = bytes(9)
    headers = {} if has_length else {"Content-Length": ""}
    loopback.upstream.answers["/"] = http_answer(headers=headers, body=body)
    fetched = loopback.fetcher().fetch(loopback.url(), "key", lambda _: None, image_bytes=limit)

    if is_taken:
        assert await fetched == body
    else:
        with pytest.raises(ImageTooLargeError):
            await fetched


async def test_nobody_may_take_more(loopback: Loopback) -> None:
    loopback.upstream.answers["/"] = http_answer(body=bytes(IMAGE_BYTES + 1))
    fetcher = loopback.fetcher()

    with pytest.raises(ImageTooLargeError):
        await fetcher.fetch(loopback.url(), "key", lambda _: None, image_bytes=IMAGE_BYTES + 1)


async def test_an_endless_body_is_cut(loopback: Loopback) -> None:
    async def pour(writer: asyncio.StreamWriter) -> None:
        headers = {"Content-Length": "", "Transfer-Encoding": "chunked"}
        writer.write(http_answer(headers=headers))
        while True:
            writer.write(b"1000\r\n" + bytes(0x1000) + b"\r\n")
            await writer.drain()

    loopback.upstream.answers["/"] = pour

    assert isinstance(await loopback.failure(loopback.url()), ImageTooLargeError)
    await until(lambda: loopback.upstream.open == 0)


@pytest.mark.parametrize(
    "answer",
    [
        http_answer(body=PICTURE, headers={"Content-Length": "1000"}),
        http_answer(body=PICTURE, headers={"Content-Length": "3"}),
        http_answer(body=PICTURE, headers={"Content-Length": "-1"}),
        http_answer(body=PICTURE, headers={"Content-Length": "x"}),
        http_answer(headers={"Content-Length": "", "Transfer-Encoding": "chunked"}) + b"zz\r\n",
        http_answer(headers={"X": "x" * 100_000}),
        http_answer(headers={"Transfer-Encoding": "chunked"}) + b"3\r\nabc\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nbroken",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"",
    ],
)
async def test_an_answer_that_is_no_whole_one_is_a_failed_download(
    loopback: Loopback, answer: bytes
) -> None:
    loopback.upstream.answers["/"] = answer

    assert (await loopback.failure(loopback.url())).detail == "broken_answer"


async def test_a_dripping_body_is_given_up(loopback: Loopback) -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(http_answer(headers={"Content-Length": "1000"}))
        while True:
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.01)

    loopback.upstream.answers["/"] = drip

    error = await loopback.failure(loopback.url(), read_timeout_s=1, total_timeout_s=60)

    assert error.detail == "too_slow"


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\n", http_answer(body=b"x")[:-1]])
async def test_silence_is_given_up(loopback: Loopback, answer: bytes) -> None:
    async def fall_silent(writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await asyncio.Event().wait()

    loopback.upstream.answers["/"] = fall_silent

    error = await loopback.failure(loopback.url(), read_timeout_s=0.1, total_timeout_s=60)

    assert (str(error), error.detail) == ("cannot download image_url", "timeout")
    await until(lambda: loopback.upstream.open == 0)


async def test_the_whole_time_is_bounded(loopback: Loopback) -> None:
    async def linger(writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"HTTP/1.1 102 Processing\r\n\r\n")
            await writer.drain()
            await asyncio.sleep(0.01)

    loopback.upstream.answers["/"] = linger

    error = await loopback.failure(loopback.url(), read_timeout_s=60, total_timeout_s=0.3)

    assert error.detail == "timeout"


async def test_connecting_is_bounded(loopback: Loopback) -> None:
    loopback.nameserver.be_silent("silent.test")
    url = loopback.url(host="silent.test")

    error = await loopback.failure(url, connect_timeout_s=0.1, total_timeout_s=60)

    assert error.detail == "timeout"


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Encoding": "gzip"},
        {"Content-Encoding": "br"},
        {"Content-Encoding": "identity, gzip"},
        {"Transfer-Encoding": "gzip, chunked", "Content-Length": ""},
    ],
)
async def test_an_encoded_body_is_refused(loopback: Loopback, headers: dict[str, str]) -> None:
    body = gzip.compress(bytes(1_000_000))
    if "Transfer-Encoding" in headers:
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    loopback.upstream.answers["/"] = http_answer(body=body, headers=headers)

    assert (await loopback.failure(loopback.url())).detail == "encoded_answer"


async def test_an_encoding_that_changes_nothing_is_taken(loopback: Loopback) -> None:
    headers = {"Content-Encoding": "Identity"}
    loopback.upstream.answers["/"] = http_answer(body=PICTURE, headers=headers)

    assert await loopback.fetch(loopback.url()) == PICTURE
