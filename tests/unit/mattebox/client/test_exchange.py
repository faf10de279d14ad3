import json
from typing import Any

import pytest

from mattebox.client import exchange
from mattebox.client.api_errors import InvalidBgColorError, RateLimitedError
from mattebox.client.errors import ApiError
from mattebox.client.exchange import Answer
from mattebox.client.options import Options

FACTS = {
    "content-type": "image/png; charset=binary",
    "x-width": "600",
    "x-height": "400",
    "x-foreground-found": "true",
    "x-request-id": "req_1",
    "server-timing": "queue;dur=0.3, decode;dur=21, total;dur=44.1",
}
ENVELOPE = {
    "code": "invalid_bg_color",
    "message": "bg_color must be a valid hex or named color.",
    "status": 400,
    "request_id": "req_2",
    "details": {"fields": {"bg_color": "bg_color must be a valid hex or named color."}},
}


def refusal(body: bytes | dict[str, Any], status: int = 400, **headers: str) -> ApiError:
    """The error that is made of an answer."""
    if isinstance(body, dict):
        body = json.dumps(body).encode()
    with pytest.raises(ApiError) as raised:
        exchange.cut_out_from_answer(Answer(status, headers, body))
    return raised.value


def test_a_request_names_every_option_and_only_a_colour_that_there_is() -> None:
    plain = exchange.removal(b"image", Options())
    coloured = exchange.removal(b"image", Options(bg_color="#fff", crop=True, format="webp"))

    assert (plain.method, plain.path, plain.image) == ("POST", "/v2", b"image")
    assert plain.fields == {
        "format": "png",
        "channels": "rgba",
        "size": "full",
        "crop": "false",
        "despill": "false",
    }
    assert coloured.fields == {**plain.fields, "bg_color": "#fff", "crop": "true", "format": "webp"}


def test_a_request_by_url_brings_no_image() -> None:
    question = exchange.removal_by_url("https://example.org/cup.jpg", Options())

    assert question.image is None
    assert question.fields is not None
    assert question.fields["image_url"] == "https://example.org/cup.jpg"


def test_a_finished_picture_comes_with_its_facts() -> None:
    cut_out = exchange.cut_out_from_answer(Answer(200, FACTS, b"picture"))

    assert cut_out.image == b"picture"
    assert cut_out.media_type == "image/png"
    assert (cut_out.width_px, cut_out.height_px) == (600, 400)
    assert cut_out.foreground_found
    assert cut_out.request_id == "req_1"
    assert cut_out.timings_ms == {"queue": 0.3, "decode": 21.0, "total": 44.1}


def test_no_subject_is_told() -> None:
    answer = Answer(200, FACTS | {"x-foreground-found": "false"}, b"picture")

    assert not exchange.cut_out_from_answer(answer).foreground_found


@pytest.mark.parametrize("timing", ["", "queue", "queue;dur=, ;;", "proxy;desc=miss"])
def test_timings_that_are_none_are_left_out(timing: str) -> None:
    answer = Answer(200, FACTS | {"server-timing": timing}, b"picture")

    assert exchange.cut_out_from_answer(answer).timings_ms == {}


@pytest.mark.parametrize("missing", ["x-width", "x-height", "x-foreground-found"])
def test_a_page_that_says_200_is_no_picture(missing: str) -> None:
    headers = {name: value for name, value in FACTS.items() if name != missing}
    error = refusal(b"<html>", 200, **{**headers, "content-type": "text/html"})

    assert (error.code, error.status) == ("unknown", 200)
    assert error.message == "The answer is none of Mattebox: status 200, text/html."


@pytest.mark.parametrize("status", [201, 206, 304, 401, 503])
def test_a_picture_of_another_status_is_none(status: int) -> None:
    assert refusal(b"picture", status, **FACTS).code == "unknown"


def test_an_envelope_becomes_the_error_of_its_code() -> None:
    error = refusal({"error": ENVELOPE})

    assert type(error) is InvalidBgColorError
    assert error.message == ENVELOPE["message"]
    assert (error.code, error.status, error.request_id) == ("invalid_bg_color", 400, "req_2")
    assert error.details == ENVELOPE["details"]
    assert error.retry_after_s is None


def test_what_to_wait_comes_out_of_the_header() -> None:
    envelope = ENVELOPE | {"code": "rate_limited", "status": 429}
    error = refusal({"error": envelope}, 429, **{"retry-after": "9"})

    assert type(error) is RateLimitedError
    assert error.retry_after_s == 9


def test_a_code_of_a_later_service_is_told_as_it_is() -> None:
    error = refusal({"error": ENVELOPE | {"code": "image_too_dull"}}, 422)

    assert type(error) is ApiError
    assert (error.code, error.status) == ("image_too_dull", 422)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>502</html>",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"error": "down"}',
        b'{"error": {"code": "bad_request"}}',
        b'{"error": {"code": "bad_request", "message": "why", "details": []}}',
        b'{"message": "down"}',
        b"[" * 100_000,
    ],
)
def test_an_error_of_something_else_says_so(body: bytes) -> None:
    error = refusal(body, 502, **{"content-type": "text/html", "x-request-id": "req_3"})

    assert type(error) is ApiError
    assert (error.code, error.status, error.request_id) == ("unknown", 502, "req_3")
    assert error.message == "The answer is none of Mattebox: status 502, text/html."


def test_an_answer_that_points_elsewhere_says_where() -> None:
    error = refusal(b"", 308, location="https://example.org/v2")

    assert error.status == 308
    assert "leads elsewhere, to https://example.org/v2" in error.message


ACCOUNT = {
    "status": "ok",
    "api_key": {"valid": True, "mode": "live", "fingerprint": "tok_fp_1"},
    "account": {
        "email": "cup@example.org",
        "plan": "pro",
        "subscription_status": "active",
        "billing_model": "metered_monthly",
        "usage_unit": "image",
    },
    "usage": {"period": "2026-12", "images": 3, "megapixels": 0.5},
}


def test_the_account_is_read() -> None:
    account = exchange.account_from_answer(Answer(200, {}, json.dumps(ACCOUNT).encode()))

    assert (account.mode, account.fingerprint) == ("live", "tok_fp_1")
    assert (account.email, account.plan) == ("cup@example.org", "pro")
    assert account.subscription_status == "active"
    assert (account.period, account.images, account.megapixels) == ("2026-12", 3, 0.5)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"api_key": 3}'])
def test_another_answer_is_no_account(body: bytes) -> None:
    with pytest.raises(ApiError, match="none of Mattebox"):
        exchange.account_from_answer(Answer(200, {}, body))


def test_health_is_yes_or_no_or_something_else() -> None:
    assert exchange.health_from_answer(Answer(200, {}, b'{"status": "ok"}'))
    assert not exchange.health_from_answer(Answer(503, {}, b'{"status": "unavailable"}'))
    with pytest.raises(ApiError, match="none of Mattebox"):
        exchange.health_from_answer(Answer(404, {}, b"<html>"))
