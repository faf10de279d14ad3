import asyncio

import pytest

from gateway.bodies.submission import Submission
from gateway.settings import UploadSettings
from tests.unit.gateway.bodies.served_reader import PATIENCE_S, Refusal, served_reader

TYPES = [
    "multipart/form-data; boundary=b",
    "application/x-www-form-urlencoded",
    "application/json",
    "image/png",
]


@pytest.mark.parametrize(
    "limits", [UploadSettings(read_timeout_s=0.05), UploadSettings(body_timeout_s=0.05)]
)
@pytest.mark.parametrize("content_type", TYPES)
async def test_a_body_that_does_not_come_is_too_slow(
    limits: UploadSettings, content_type: str
) -> None:
    async with served_reader(limits) as reader:
        answer = await reader.exchange({"Content-Type": content_type, "Content-Length": 9}, b"--b")

    assert isinstance(answer, Refusal)
    assert (answer.status, answer.code) == (408, "request_timeout")


async def test_a_body_that_goes_on_dripping_is_too_slow() -> None:
    async with served_reader(UploadSettings(body_timeout_s=0.2)) as reader:
        connection = await asyncio.open_connection("127.0.0.1", reader.port)
        answers, drips = connection
        drips.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
        async with asyncio.timeout(PATIENCE_S):
            answer = asyncio.create_task(answers.readline())
            while not answer.done():
                drips.write(b"x")
                await asyncio.sleep(0.01)
        drips.close()

    assert b" 408 " in answer.result()


@pytest.mark.parametrize(
    ("expected_bytes", "status"), [(1000, b"100 Continue"), (1001, b"413 Request Entity Too Large")]
)
async def test_a_caller_is_asked_for_the_body_once_nothing_can_refuse_it(
    expected_bytes: int, status: bytes
) -> None:
    head = f"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: {expected_bytes}"
    async with served_reader(UploadSettings(image_bytes=1000)) as reader:
        answers, asked = await asyncio.open_connection("127.0.0.1", reader.port)
        async with asyncio.timeout(PATIENCE_S):
            asked.write(head.encode() + b"\r\n\r\n")
            first = await answers.readline()
            asked.write(bytes(expected_bytes))
            rest = await answers.readuntil(b"}")
        asked.close()

    assert status in first
    assert (b" 200 " in rest) is (expected_bytes == 1000)


async def test_nobody_is_asked_for_a_body_that_is_coming_anyway() -> None:
    async with served_reader() as reader:
        submission = await reader.submit(b"image", "image/png")

    assert isinstance(submission, Submission)
    assert submission.source_bytes == 5
