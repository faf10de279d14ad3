import grpc
import pytest

from gateway import middlewares
from mattebox.segmenter.v1 import ErrorReason
from tests.integration.gateway.fake_segmenter import Answer, Failure, FakeSegmenter
from tests.integration.gateway.served_gateway import ServedGateway, image_form

INVALID_ARGUMENT = grpc.StatusCode.INVALID_ARGUMENT
INTERNAL = grpc.StatusCode.INTERNAL
WORDS = "The segmenter's own words."
SORRY = "Something failed on our side. Try again later."

FAILURES = {
    "ERROR_REASON_UNSPECIFIED": (Failure(INTERNAL), 500, "internal_error", SORRY),
    "MISSING_IMAGE": (Failure(INVALID_ARGUMENT), 400, "missing_image", WORDS),
    "INVALID_IMAGE": (Failure(INVALID_ARGUMENT), 400, "invalid_image", WORDS),
    "UNSUPPORTED_IMAGE_FORMAT": (
        Failure(INVALID_ARGUMENT, metadata={"format": "PSD"}),
        415,
        "unsupported_image_format",
        WORDS,
    ),
    "IMAGE_TOO_MANY_BYTES": (
        Failure(INVALID_ARGUMENT, metadata={"limit_bytes": "31457280"}),
        413,
        "image_too_large",
        "image too large (>30 MB).",
    ),
    "IMAGE_TOO_MANY_PIXELS": (
        Failure(INVALID_ARGUMENT, metadata={"limit_pixels": "100000000"}),
        413,
        "image_too_large",
        "image exceeds 100000000 pixels.",
    ),
    "INVALID_OPTION": (
        Failure(INVALID_ARGUMENT, metadata={"field": "format"}),
        400,
        "bad_request",
        WORDS,
    ),
    "MODEL_NOT_FOUND": (Failure(grpc.StatusCode.NOT_FOUND), 500, "internal_error", SORRY),
    "OVERLOADED": (
        Failure(grpc.StatusCode.RESOURCE_EXHAUSTED, retry_after_s=2.5),
        503,
        "overloaded",
        "Too many requests are being served right now. Try again shortly.",
    ),
    "ENGINE_UNAVAILABLE": (
        Failure(grpc.StatusCode.UNAVAILABLE, retry_after_s=4.0),
        503,
        "unavailable",
        "The service is temporarily unavailable. Try again shortly.",
    ),
    "DEADLINE_PASSED": (
        Failure(grpc.StatusCode.DEADLINE_EXCEEDED),
        504,
        "timeout",
        "The image was not finished in time. Try again later.",
    ),
    "ENGINE_FAILED": (Failure(INTERNAL), 500, "internal_error", SORRY),
    "INTERNAL_ERROR": (Failure(INTERNAL), 500, "internal_error", SORRY),
    "MALFORMED_STREAM": (Failure(INVALID_ARGUMENT), 500, "internal_error", SORRY),
}


@pytest.mark.parametrize("reason", ErrorReason.keys())
async def test_every_reason_of_the_segmenter_has_its_answer(
    gateway: ServedGateway, segmenter: FakeSegmenter, reason: str
) -> None:
    failure, status, code, message = FAILURES[reason]
    segmenter.behaviour = Failure(
        failure.status,
        reason,
        metadata=failure.metadata,
        retry_after_s=failure.retry_after_s,
    )

    reply = await gateway.post(image_form())

    error = reply.error()
    assert (reply.status, error["code"], error["message"]) == (status, code, message)
    (line,) = gateway.access_lines()
    assert (line["code"], line["origin"]) == (code, "segmenter")
    assert reason in line["detail"]
    assert gateway.counted("refusals_total") == 0


@pytest.mark.parametrize(("reason", "seconds"), [("OVERLOADED", "3"), ("ENGINE_UNAVAILABLE", "4")])
async def test_retry_after_is_the_segmenters_delay_in_whole_seconds(
    gateway: ServedGateway, segmenter: FakeSegmenter, reason: str, seconds: str
) -> None:
    failure = FAILURES[reason][0]
    segmenter.behaviour = Failure(failure.status, reason, retry_after_s=failure.retry_after_s)

    reply = await gateway.post(image_form())

    assert reply.headers["Retry-After"] == seconds


async def test_a_bad_option_found_by_the_segmenter_is_listed_as_a_field(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Failure(
        INVALID_ARGUMENT, "INVALID_OPTION", "format is not served", {"field": "format"}
    )

    reply = await gateway.post(image_form())

    assert reply.error()["details"] == {"fields": {"format": "format is not served"}}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (grpc.StatusCode.UNAVAILABLE, (503, "unavailable")),
        (grpc.StatusCode.CANCELLED, (503, "unavailable")),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, (503, "overloaded")),
        (grpc.StatusCode.DEADLINE_EXCEEDED, (504, "timeout")),
        (grpc.StatusCode.UNIMPLEMENTED, (500, "internal_error")),
        (grpc.StatusCode.UNKNOWN, (500, "internal_error")),
        (grpc.StatusCode.INVALID_ARGUMENT, (500, "internal_error")),
    ],
)
async def test_a_status_without_a_reason_has_its_answer_and_its_text_stays_inside(
    gateway: ServedGateway,
    segmenter: FakeSegmenter,
    status: grpc.StatusCode,
    expected: tuple[int, str],
) -> None:
    segmenter.behaviour = Failure(status, message="something internal")

    reply = await gateway.post(image_form())

    error = reply.error()
    assert (reply.status, error["code"]) == expected
    assert "something internal" not in reply.body.decode()
    of_an_exception = status is grpc.StatusCode.UNKNOWN
    assert ("something internal" in gateway.log.getvalue()) is not of_an_exception
    assert gateway.access_lines()[0]["detail"].startswith(status.name)
    if reply.status == 503:
        assert reply.headers["Retry-After"] == "1"


@pytest.mark.parametrize(
    ("reason", "domain"), [("NOT_OURS", "segmenter.mattebox"), ("INVALID_IMAGE", "elsewhere")]
)
async def test_a_reason_that_is_not_ours_counts_for_nothing(
    gateway: ServedGateway, segmenter: FakeSegmenter, reason: str, domain: str
) -> None:
    segmenter.behaviour = Failure(grpc.StatusCode.UNAVAILABLE, reason, domain=domain)

    reply = await gateway.post(image_form())

    assert (reply.status, reply.error()["code"]) == (503, "unavailable")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v2", "POST"),
        ("GET", "/v2/", "POST"),
        ("PUT", "/v2", "POST"),
        ("OPTIONS", "/v2", "POST"),
        ("POST", "/v2/health", "GET, HEAD"),
        ("DELETE", "/health/", "GET, HEAD"),
        ("POST", "/", "GET, HEAD"),
        ("PROPFIND", "/v2/health/live", "GET, HEAD"),
    ],
)
async def test_another_method_is_405_with_what_is_allowed(
    gateway: ServedGateway, method: str, path: str, allowed: str
) -> None:
    reply = await gateway.ask(method, path)

    assert (reply.status, reply.error()["code"]) == (405, "method_not_allowed")
    assert reply.headers["Allow"] == allowed


@pytest.mark.parametrize(
    "path", ["/nothing", "/v3", "/v2/nothing", "/V2", "/v2//", "/%00", "/metrics", "/.env"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_unknown_path_is_404_and_no_series_of_its_own(
    gateway: ServedGateway, method: str, path: str
) -> None:
    reply = await gateway.ask(method, path)

    assert (reply.status, reply.error()["code"]) == (404, "not_found")
    assert gateway.access_lines()[0]["route"] == "unknown"
    assert 'route="unknown"' in gateway.metrics()


@pytest.mark.parametrize("target", [b"*", b"http://elsewhere/v2"])
async def test_an_odd_request_target_is_answered_in_the_envelope(
    gateway: ServedGateway, target: bytes
) -> None:
    reply = await gateway.exchange(b"OPTIONS " + target + b" HTTP/1.1\r\nHost: a\r\n\r\n")

    assert reply.status in {404, 405}
    reply.error()


async def test_head_of_an_error_has_no_body(gateway: ServedGateway) -> None:
    reply = await gateway.ask("HEAD", "/nothing")

    assert (reply.status, reply.body) == (404, b"")


@pytest.mark.parametrize("line", [b"OPTIONS *", b"CONNECT a:1"])
async def test_what_the_framework_refuses_itself_is_in_the_envelope_and_counted(
    gateway: ServedGateway, line: bytes
) -> None:
    reply = await gateway.exchange(line + b" HTTP/1.1\r\nHost: a\r\nExpect: nonsense\r\n\r\n")

    assert (reply.status, reply.error()["code"]) == (400, "bad_request")
    assert [line["route"] for line in gateway.access_lines()] == ["unparsed"]


async def test_an_unknown_method_is_no_label_of_its_own(gateway: ServedGateway) -> None:
    await gateway.ask("PROPFIND", "/v2")

    assert 'method="OTHER"' in gateway.metrics()
    assert "PROPFIND" not in gateway.metrics() + gateway.log.getvalue()


async def test_a_refusal_of_the_gateways_own_is_counted_by_its_reason(
    gateway: ServedGateway,
) -> None:
    await gateway.ask("POST", "/v2", data=image_form())

    assert 'mattebox_gateway_refusals_total{reason="missing_api_key"} 1.0' in gateway.metrics()


async def test_no_answer_tells_which_software_serves_it(gateway: ServedGateway) -> None:
    for reply in (await gateway.ask("GET", "/health"), await gateway.exchange(b"x\r\n\r\n")):
        assert reply.headers["Server"] == "mattebox"


async def test_what_nobody_foresaw_is_internal_error_and_its_place_is_in_the_log_only(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Answer(output_format=999)

    reply = await gateway.post(image_form())

    error = reply.error()
    assert (reply.status, error["code"], error["message"]) == (500, "internal_error", SORRY)
    (line,) = [line for line in gateway.log_lines() if line["event"] == "unforeseen_error"]
    assert line["request_id"] == error["request_id"]
    assert line["exception"].endswith("KeyError")
    assert "segmenter_client.py" in line["exception"]
    assert "999" not in line["exception"]


async def test_what_fails_outside_of_handlers_is_recorded_once(
    gateway: ServedGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise ArithmeticError

    monkeypatch.setattr(middlewares, "deliver", fail)

    reply = await gateway.ask("GET", "/docs")

    error = reply.error()
    assert (reply.status, error["code"]) == (500, "internal_error")
    assert [line["route"] for line in gateway.access_lines()] == ["/docs"]
    assert gateway.counted("requests_total", status="500") == 1
    (line,) = [line for line in gateway.log_lines() if line["event"] == "unforeseen_error"]
    assert line["request_id"] == error["request_id"]
