"""The headers that every answer has: all routes are walked, and all ways to be refused."""

from collections.abc import Mapping

import grpc
import pytest

from gateway.reference.document import Document, read_packaged
from gateway.settings import UploadSettings
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.fake_segmenter import Answer, Failure, FakeSegmenter
from tests.integration.gateway.served_gateway import Reply, ServedGateway, image_form
from tests.integration.gateway.test_errors import FAILURES

STANDING = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Server": "mattebox",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
POLICY = "default-src 'none'; frame-ancestors 'none'"
METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
PATHS = [*Document.from_json(read_packaged()).content["paths"], "/nowhere", "/v2/../etc"]


def check(reply: Reply, policy: str = POLICY) -> None:
    assert {name: reply.headers[name] for name in STANDING} == STANDING
    assert reply.headers["Content-Security-Policy"] == policy
    assert reply.headers["X-Request-Id"]
    assert _is_no_page(reply.headers)


def _is_no_page(headers: Mapping[str, str]) -> bool:
    return "html" not in headers.get("Content-Type", "") and "Set-Cookie" not in headers


@pytest.mark.parametrize("path", [path for path in PATHS if path != "/docs"])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("keyed", [False, True])
async def test_every_route_and_method(
    gateway: ServedGateway, path: str, method: str, *, keyed: bool
) -> None:
    headers = {"x-api-key": gateway.key} if keyed else {}

    check(await gateway.ask(method, path, headers=headers))


@pytest.mark.parametrize("method", METHODS)
async def test_the_page_has_a_policy_of_its_own(gateway: ServedGateway, method: str) -> None:
    reply = await gateway.ask(method, "/docs")

    assert {name: reply.headers[name] for name in STANDING} == STANDING
    policy = reply.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in policy
    assert ("style-src 'sha256-" in policy) == (method in {"GET", "HEAD"})
    assert "unsafe" not in policy


@pytest.mark.parametrize("failure", [each[0] for each in FAILURES.values()])
async def test_every_failure_of_the_segmenter(
    gateway: ServedGateway, segmenter: FakeSegmenter, failure: Failure
) -> None:
    segmenter.behaviour = failure

    reply = await gateway.post(image_form())

    assert reply.status >= 400
    check(reply)


@pytest.mark.parametrize(
    "behaviour",
    [
        Answer(output_format=0),
        Answer(output_format=99),
        Failure(grpc.StatusCode.UNKNOWN, message="odd"),
        Failure(grpc.StatusCode.UNAUTHENTICATED, "ODD"),
    ],
)
async def test_what_nobody_has_foreseen(
    gateway: ServedGateway, segmenter: FakeSegmenter, behaviour: Answer | Failure
) -> None:
    segmenter.behaviour = behaviour

    reply = await gateway.post(image_form())

    assert (reply.status, reply.error()["code"]) == (500, "internal_error")
    check(reply)


@pytest.mark.parametrize(
    "headers",
    [
        {"x-api-key": "bad"},
        {"Content-Type": "multipart/form-data"},
        {"Content-Type": "application/json"},
        {"Content-Encoding": "gzip"},
        {"Expect": "something"},
    ],
)
async def test_refusals_of_the_gateway(gateway: ServedGateway, headers: dict[str, str]) -> None:
    reply = await gateway.ask(
        "POST", "/v2", headers={"x-api-key": gateway.key, **headers}, data=b"{"
    )

    assert reply.status >= 400
    check(reply)


async def test_an_image_and_one_that_is_too_large(serve_gateway: ServeGateway) -> None:
    gateway = await serve_gateway(upload=UploadSettings(image_bytes=1000))

    made, refused = [await gateway.post(image_form(bytes(size))) for size in (1000, 1001)]

    assert (made.status, refused.status) == (200, 413)
    assert made.headers["Content-Type"] == "image/png"
    check(made)
    check(refused)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\nno header\r\n\r\n",
        b"BREW / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\r\n\r\n",
        b"GET / HTTP/1.1\r\nX-A: " + b"a" * 10_000 + b"\r\n\r\n",
        b"POST /v2 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nnone\r\n",
    ],
)
async def test_what_is_not_http(gateway: ServedGateway, request_bytes: bytes) -> None:
    reply = await gateway.exchange(request_bytes)

    assert reply.status >= 400
    check(reply)
