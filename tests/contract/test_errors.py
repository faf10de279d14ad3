"""Every error in one shape, with the codes and messages of the contract."""

import re
from contextlib import ExitStack
from typing import Any

import pytest

from tests.contract.client import Client, Reply, base64_of, poll, reply_on
from tests.contract.pictures import padded_jpeg

pytestmark = pytest.mark.e2e

LARGEST_BYTES = 30 * 2**20


def of_every_kind(service: Client, cup: bytes, **request: Any) -> list[Reply]:
    """Answers with errors of many places in the service, and one without."""
    return [
        service.get("/nothing", **request),
        service.get("/v2", **request),
        service.account(key=None, **request),
        service.account(key="nonsense", **request),
        service.post_form({}, **request),
        service.post_json({"image_base64": "!"}, **request),
        service.post_file(b"no image", **request),
        service.post_file(cup, {"format": "no"}, **request),
        service.post_raw(b"text", "text/plain", **request),
        service.account(**request),
    ]


# The envelope: Reply.error checks its shape wherever it is read.


def test_every_error_is_in_the_envelope(service: Client, cup: bytes) -> None:
    replies = of_every_kind(service, cup)
    assert [reply.refusal for reply in replies[:-1]] == [
        (404, "not_found"),
        (405, "method_not_allowed"),
        (401, "missing_api_key"),
        (401, "invalid_api_key"),
        (400, "missing_image"),
        (400, "invalid_base64"),
        (400, "invalid_image"),
        (400, "bad_request"),
        (415, "unsupported_media_type"),
    ]
    assert replies[-1].status == 200


def test_what_is_not_http_is_answered_in_the_envelope_too(service: Client) -> None:
    reply = service.get("/v2/health", headers={"X-Long": "a" * 20_000})
    assert reply.refusal == (400, "bad_request")


@pytest.mark.parametrize("path", ["/%", "/v2/%00", "//", "/v2//account", "/..%2f", "/v2?a=%ff"])
def test_odd_paths_are_answered_in_the_envelope(service: Client, path: str) -> None:
    reply = service.get(path, key=None)
    assert reply.status in {400, 404, 405}
    assert reply.error["code"] in {"bad_request", "not_found", "method_not_allowed"}


@pytest.mark.parametrize("offered", ["my-own.ID_1", "a", "A" * 64, "req_0", "0.1_2-3"])
def test_a_well_formed_request_id_is_kept(service: Client, cup: bytes, offered: str) -> None:
    headers = {"X-Request-Id": offered}
    replies = [*of_every_kind(service, cup, headers=headers)]
    replies.append(service.post_file(cup, headers=headers))
    assert {reply.request_id for reply in replies} == {offered}


@pytest.mark.parametrize("offered", ["a b", "A" * 65, "a/b", '"a"', "<a>", "a;b", "", "a,b"])
def test_another_one_is_replaced(service: Client, cup: bytes, offered: str) -> None:
    replies = of_every_kind(service, cup, headers={"X-Request-Id": offered})
    ids = [reply.request_id for reply in replies]
    assert all(re.fullmatch(r"req_[0-9A-Za-z]{16,}", request_id) for request_id in ids)
    assert len(set(ids)) == len(ids)


def test_errors_are_not_stored_anywhere(service: Client, cup: bytes) -> None:
    replies = of_every_kind(service, cup)
    assert {reply.headers["Cache-Control"] for reply in replies} == {"no-store"}


# The rows of the table that no other file of this folder is about.


@pytest.mark.parametrize("field", ["image_base64", "image_file_b64"])
@pytest.mark.parametrize("way", ["post_form", "post_urlencoded", "post_json"])
@pytest.mark.parametrize("text", ["no base64!", "====", "A", "data:image/png;base64,%%%", "ä"])
def test_what_is_no_base64_is_400_invalid_base64(
    service: Client, way: str, field: str, text: str
) -> None:
    reply: Reply = getattr(service, way)({field: text})
    assert reply.refusal == (400, "invalid_base64")
    assert reply.error["message"] == f"{field} is not valid base64."


def test_the_legacy_image_has_to_be_base64_too(service: Client) -> None:
    reply = service.post_json({"image": "no base64!"})
    assert reply.refusal == (400, "invalid_base64")
    assert reply.error["message"] == "image is not valid base64."


def test_base64_of_what_is_no_image_is_400_invalid_image(service: Client) -> None:
    reply = service.post_json({"image_base64": base64_of(b"hello, world")})
    assert reply.refusal == (400, "invalid_image")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{]",
        b"image_base64=AAAA",
        b"[]",
        b'"text"',
        b"17",
        b"null",
        b"\xff\xfe",
        b'{"a": 1,}',
        b'{"a": NaN}',
        b"[" * 3000,
        b"[" * 3000 + b"]" * 3000,
        b'{"a":' * 3000,
    ],
    ids=lambda body: repr(body[:20]),
)
def test_what_is_no_json_object_is_400_invalid_json(service: Client, body: bytes) -> None:
    reply = service.post_raw(body, "application/json")
    assert reply.refusal == (400, "invalid_json")


@pytest.mark.parametrize("value", [17, True, ["AAAA"], {"a": "AAAA"}])
def test_a_source_of_json_that_is_no_text_is_a_400(service: Client, value: object) -> None:
    for name in ("image", "image_base64", "image_url"):
        assert service.post_json({name: value}).status == 400


@pytest.mark.parametrize("body", [b"no form", b"--other\r\n\r\n", b"--b\r\n"])
def test_a_broken_form_is_400_bad_request(service: Client, body: bytes) -> None:
    reply = service.post_raw(body, "multipart/form-data; boundary=b")
    assert reply.refusal == (400, "bad_request")


def test_a_body_that_is_too_slow_is_408_request_timeout(hasty_gateway: Client) -> None:
    with hasty_gateway.begun_upload(1000) as connection:
        reply = reply_on(connection)
    assert reply.refusal == (408, "request_timeout")


def test_a_picture_that_takes_too_long_is_504_timeout(hasty_gateway: Client, cup: bytes) -> None:
    assert hasty_gateway.post_file(cup).refusal == (504, "timeout")


def test_more_than_can_be_taken_on_is_503_overloaded(closed_gateway: Client) -> None:
    image = padded_jpeg(LARGEST_BYTES)
    with ExitStack() as uploads:
        for _ in range(4):
            uploads.enter_context(closed_gateway.begun_upload(LARGEST_BYTES))
        reply = poll(lambda: closed_gateway.post_raw(image), lambda reply: reply.status != 200)
        assert reply.refusal == (503, "overloaded")
        assert int(reply.headers["Retry-After"]) >= 1
    poll(lambda: closed_gateway.post_raw(image), lambda reply: reply.status == 200)


def test_without_a_segmenter_it_is_503_unavailable(lonely_gateway: Client, cup: bytes) -> None:
    reply = lonely_gateway.post_file(cup)
    assert reply.refusal == (503, "unavailable")
    assert int(reply.headers["Retry-After"]) >= 1


def test_the_account_is_told_without_a_segmenter(lonely_gateway: Client) -> None:
    assert lonely_gateway.account().status == 200


def test_nothing_that_a_caller_cannot_know_is_told(lonely_gateway: Client, cup: bytes) -> None:
    error = lonely_gateway.post_file(cup).error
    told = str(error | {"request_id": ""})
    for inner in ("127.0.0.1", "grpc", "Traceback", ".py", "segmenter"):
        assert inner not in told
