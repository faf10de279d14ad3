"""remove.bg's dialect over sockets: what is answered, and what the segmenter is asked for."""

import asyncio
import base64

import grpc
import pytest

from gateway.accounts.keys import KeyTerms, generate_key
from gateway.options.colour import Colour
from gateway.options.cut_out import CutOutOptions, OutputFormat
from gateway.options.effects import Shadow
from gateway.options.geometry import Length, Margins, Placement, Region
from gateway.segmenter_options import options_to_proto
from gateway.settings import DialectsSettings
from mattebox.segmenter import v1
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.database import EMAIL, Database, administration
from tests.integration.gateway.dialects.removebg import (
    FOUND,
    PATH,
    code,
    post_form,
    post_image,
    told,
)
from tests.integration.gateway.fake_segmenter import Answer, Failure, FakeSegmenter
from tests.integration.gateway.served_gateway import ServedGateway, image_form, multipart

ACCOUNT = "/v1.0/account"
IMPROVE = "/v1.0/improve"
ENDPOINTS = [("POST", PATH), ("GET", ACCOUNT), ("POST", IMPROVE)]
RATE = {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"}
INVALID_ARGUMENT = grpc.StatusCode.INVALID_ARGUMENT


@pytest.fixture(autouse=True)
def _found(segmenter: FakeSegmenter) -> None:
    segmenter.behaviour = FOUND


async def test_an_image_is_answered_with_its_cut_out(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    reply = await post_image(gateway)

    assert (reply.status, reply.body) == (200, b"the cut-out")
    assert reply.headers["Content-Type"] == "image/jpeg"
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["X-Request-Id"]
    assert segmenter.calls[0].image == b"an image"
    (line,) = gateway.access_lines()
    assert (line["dialect"], line["route"]) == ("removebg", PATH)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X-Width", "640"),
        ("X-Height", "480"),
        ("X-Max-Width", "640"),
        ("X-Max-Height", "480"),
        ("X-Type", "other"),
        ("X-Credits-Charged", "0"),
        ("X-Foreground-Found", "true"),
        ("X-Foreground-Top", "5"),
        ("X-Foreground-Left", "3"),
        ("X-Foreground-Width", "20"),
        ("X-Foreground-Height", "30"),
        ("X-RateLimit-Limit", "600"),
        ("X-RateLimit-Remaining", "599"),
    ],
)
async def test_headers_of_an_answer(gateway: ServedGateway, header: str, value: str) -> None:
    reply = await post_image(gateway)

    assert reply.headers[header] == value


@pytest.mark.parametrize(
    ("output_format", "largest"),
    [
        (v1.OutputFormat.OUTPUT_FORMAT_JPEG, ("6123", "4082")),
        (v1.OutputFormat.OUTPUT_FORMAT_WEBP, ("6123", "4082")),
        (v1.OutputFormat.OUTPUT_FORMAT_ZIP, ("6123", "4082")),
        (v1.OutputFormat.OUTPUT_FORMAT_PNG, ("3872", "2581")),
    ],
)
async def test_the_size_at_full_size_is_that_of_the_format_of_the_answer(
    gateway: ServedGateway, segmenter: FakeSegmenter, output_format: int, largest: tuple[str, str]
) -> None:
    segmenter.behaviour = Answer(
        input_width_px=12_000,
        input_height_px=8000,
        subject=FOUND.subject,
        output_format=output_format,
    )

    reply = await post_image(gateway)

    assert (reply.headers["X-Max-Width"], reply.headers["X-Max-Height"]) == largest


async def test_an_archive_is_a_zip(gateway: ServedGateway, segmenter: FakeSegmenter) -> None:
    segmenter.behaviour = Answer(
        subject=FOUND.subject, output_format=v1.OutputFormat.OUTPUT_FORMAT_ZIP
    )

    reply = await post_image(gateway, format="zip")

    assert reply.headers["Content-Type"] == "application/zip"


async def test_the_options_reach_the_segmenter(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    await post_image(
        gateway,
        size="50MP",
        roi="10px 20px 90% 100%",
        crop="true",
        crop_margin="1 2 3 4%",
        scale="80%",
        shadow_type="drop",
        shadow_opacity="100",
        bg_color="81d4fa77",
    )

    assert segmenter.calls[0].options == options_to_proto(
        CutOutOptions(
            output_format=OutputFormat.AUTO,
            max_pixels=50_000_000,
            max_png_pixels=10_000_000,
            max_input_pixels=50_000_000,
            describe_subject=True,
            crop=True,
            background=Colour(0x81, 0xD4, 0xFA, 0x77),
            region=Region(Length(10), Length(20), Length(share=0.9), Length(share=1.0)),
            crop_margin=Margins(Length(1), Length(2), Length(3), Length(share=0.04)),
            placement=Placement(0.8, 0.5, 0.5),
            shadow=Shadow(Colour(0, 0, 0), offset_y=Length(share=0.02), blur=Length(share=0.02)),
        )
    )


@pytest.mark.parametrize(
    ("accept", "is_json"),
    [
        ("application/json", True),
        ("application/json, text/plain", True),
        ("*/*", False),
        ("image/png", False),
        ("application/zip", False),
        ("image/png, application/json", False),
        ("application/json, text/plain, */*", False),
        ("application/json, application/zip", False),
    ],
)
async def test_json_is_given_where_nothing_else_is_taken(
    gateway: ServedGateway, accept: str, is_json: bool
) -> None:
    reply = await post_form(gateway, ("image_file", b"an image"), headers={"Accept": accept})

    assert reply.status == 200
    if is_json:
        assert reply.json() == {
            "data": {
                "result_b64": base64.b64encode(b"the cut-out").decode(),
                "foreground_top": 5,
                "foreground_left": 3,
                "foreground_width": 20,
                "foreground_height": 30,
            }
        }
    else:
        assert reply.body == b"the cut-out"


async def test_fields_without_effect_and_roughly_followed_ones_are_named(
    gateway: ServedGateway,
) -> None:
    reply = await post_image(
        gateway, type="car", semitransparency="false", shadow_type="auto", despill="true", q="1"
    )

    assert reply.headers["X-Ignored-Fields"] == "despill, q, type, semitransparency"
    assert reply.headers["X-Approximated-Fields"] == "shadow_type"
    assert reply.headers["X-Type"] == "car"


async def test_what_stands_in_the_query_has_no_effect(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    reply = await gateway.ask(
        "POST",
        f"{PATH}?size=hd&crop=true",
        data=image_form(),
        headers={"X-Api-Key": gateway.key},
    )

    assert reply.headers["X-Ignored-Fields"] == "size, crop"
    assert segmenter.calls[0].options.max_pixels == 250_000


@pytest.mark.parametrize("cropped", ["true", "false"])
async def test_without_a_visible_subject_the_foreground_is_unknown_and_nothing_is_metered(
    gateway: ServedGateway, segmenter: FakeSegmenter, cropped: str
) -> None:
    segmenter.behaviour = Answer(foreground_found=False)

    reply = await post_image(gateway, crop=cropped)

    assert told(reply, 400) == [("unknown_foreground", "Could not identify foreground in image")]
    assert segmenter.calls[0].options.describe_subject
    assert "mattebox_gateway_images_total 0.0" in gateway.metrics()
    assert "mattebox_gateway_in_flight_bytes 0.0" in gateway.metrics()
    account = await gateway.ask("GET", "/v2/account", headers={"X-Api-Key": gateway.key})
    assert account.json()["usage"]["images"] == 0


async def test_a_delivered_picture_is_metered(gateway: ServedGateway) -> None:
    await post_image(gateway)

    account = await gateway.ask("GET", "/v2/account", headers={"X-Api-Key": gateway.key})
    assert account.json()["usage"]["images"] == 1


@pytest.mark.parametrize(
    ("failure", "status", "told_code"),
    [
        (Failure(INVALID_ARGUMENT, "INVALID_IMAGE"), 400, "invalid_file_type"),
        (
            Failure(INVALID_ARGUMENT, "INVALID_IMAGE", metadata={"format": "png"}),
            400,
            "failed_to_read_image",
        ),
        (
            Failure(
                INVALID_ARGUMENT,
                "INVALID_IMAGE",
                metadata={"format": "png", "width_px": "0", "height_px": "5"},
            ),
            400,
            "invalid_dimensions",
        ),
        (
            Failure(INVALID_ARGUMENT, "UNSUPPORTED_IMAGE_FORMAT", metadata={"format": "psd"}),
            400,
            "invalid_file_type",
        ),
        (
            Failure(INVALID_ARGUMENT, "IMAGE_TOO_MANY_BYTES", metadata={"limit_bytes": "5"}),
            400,
            "file_too_large",
        ),
        (
            Failure(INVALID_ARGUMENT, "IMAGE_TOO_MANY_PIXELS", metadata={"limit_pixels": "5"}),
            400,
            "resolution_too_high",
        ),
        (
            Failure(
                INVALID_ARGUMENT,
                "INVALID_OPTION",
                metadata={"field": "region", "problem": "exceeds_bounds"},
            ),
            400,
            "roi_exceeds_bounds",
        ),
        (
            Failure(
                INVALID_ARGUMENT,
                "INVALID_OPTION",
                metadata={"field": "region", "problem": "empty"},
            ),
            400,
            "roi_region_empty",
        ),
        (
            Failure(grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED", retry_after_s=2.5),
            503,
            "overloaded",
        ),
        (
            Failure(grpc.StatusCode.UNAVAILABLE, "ENGINE_UNAVAILABLE", retry_after_s=2.5),
            503,
            "unavailable",
        ),
        (Failure(grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_PASSED"), 504, "timeout"),
        (Failure(grpc.StatusCode.INTERNAL, "ENGINE_FAILED"), 500, "internal_error"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_failures_of_the_segmenter(
    gateway: ServedGateway,
    segmenter: FakeSegmenter,
    failure: Failure,
    status: int,
    told_code: str,
) -> None:
    segmenter.behaviour = failure

    reply = await post_image(gateway)

    assert code(reply, status) == told_code
    assert set(reply.headers) >= RATE
    assert reply.headers.get("Retry-After") == ("3" if status == 503 else None)


@pytest.mark.parametrize(
    ("reason", "metadata", "told_code"),
    [
        ("INVALID_IMAGE", {}, "invalid_file_type"),
        ("INVALID_IMAGE", {"format": "png"}, "invalid_file_type"),
        ("UNSUPPORTED_IMAGE_FORMAT", {}, "invalid_file_type"),
        ("IMAGE_TOO_MANY_BYTES", {"limit_bytes": "5"}, "file_too_large"),
        ("IMAGE_TOO_MANY_PIXELS", {"limit_pixels": "5"}, "resolution_too_high"),
    ],
)
async def test_failures_of_the_picture_behind(
    gateway: ServedGateway,
    segmenter: FakeSegmenter,
    reason: str,
    metadata: dict[str, str],
    told_code: str,
) -> None:
    segmenter.behaviour = Failure(
        INVALID_ARGUMENT, reason, metadata=metadata | {"image": "background"}
    )

    reply = await post_form(gateway, ("image_file", b"an image"), ("bg_image_file", b"behind"))

    assert code(reply) == told_code


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
async def test_without_a_key_it_is_missing(gateway: ServedGateway, method: str, path: str) -> None:
    reply = await gateway.ask(method, path)

    assert told(reply, 403) == [("auth_failed", "Missing API Key")]
    assert "WWW-Authenticate" not in reply.headers
    assert not set(reply.headers) & RATE


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
@pytest.mark.parametrize("key", ["nonsense", generate_key("live")])
async def test_a_wrong_key_is_invalid(
    gateway: ServedGateway, method: str, path: str, key: str
) -> None:
    reply = await gateway.ask(method, path, headers={"X-Api-Key": key})

    assert told(reply, 403) == [("auth_failed", "API Key invalid")]
    assert "WWW-Authenticate" not in reply.headers


@pytest.mark.parametrize("scheme", ["Bearer", "Token", "Api-Key", "bearer"])
async def test_a_token_is_taken_for_a_key(gateway: ServedGateway, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {gateway.key}"}

    reply = await gateway.ask("POST", PATH, data=image_form(), headers=headers)

    assert reply.status == 200


async def test_a_key_in_the_query_is_none(gateway: ServedGateway) -> None:
    reply = await gateway.ask("POST", f"{PATH}?api_key={gateway.key}", data=image_form())

    assert code(reply, 403) == "auth_failed"


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
async def test_a_suspended_account_is_inactive(
    gateway: ServedGateway, database: Database, method: str, path: str
) -> None:
    async with administration(database) as operator:
        await operator.suspend_account(EMAIL)

    reply = await gateway.ask(method, path, headers={"X-Api-Key": gateway.key})

    assert code(reply, 403) == "account_inactive"


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
async def test_past_its_rate_a_key_is_refused(
    gateway: ServedGateway, database: Database, method: str, path: str
) -> None:
    async with administration(database) as operator:
        key, _ = await operator.create_key(EMAIL, terms=KeyTerms(requests_per_minute=1))
    await gateway.ask("GET", ACCOUNT, headers={"X-Api-Key": key})

    reply = await gateway.ask(method, path, headers={"X-Api-Key": key})

    assert told(reply, 429) == [("rate_limit_exceeded", "Rate limit exceeded")]
    assert int(reply.headers["Retry-After"]) > 0
    assert set(reply.headers) >= RATE


async def test_a_bad_key_with_a_bad_body_is_a_bad_key(gateway: ServedGateway) -> None:
    headers = {"X-Api-Key": "nonsense", "Content-Type": "application/json"}

    reply = await gateway.ask("POST", PATH, data=b"{", headers=headers)

    assert code(reply, 403) == "auth_failed"


@pytest.mark.parametrize("path", [ACCOUNT, f"{ACCOUNT}/"])
async def test_the_account_has_the_credits_of_the_settings(
    serve_gateway: ServeGateway, path: str
) -> None:
    gateway = await serve_gateway(dialects=DialectsSettings(credits=77))

    reply = await gateway.ask("GET", path, headers={"X-Api-Key": gateway.key})

    assert reply.status == 200
    assert reply.json() == {
        "data": {
            "attributes": {
                "credits": {"total": 77, "subscription": 77, "payg": 0, "enterprise": 0},
                "api": {"free_calls": 0, "sizes": "all"},
            }
        }
    }
    assert set(reply.headers) >= RATE
    assert reply.headers["Cache-Control"] == "no-store"


async def test_the_account_answers_head(gateway: ServedGateway) -> None:
    reply = await gateway.ask("HEAD", ACCOUNT, headers={"X-Api-Key": gateway.key})

    assert (reply.status, reply.body) == (200, b"")
    assert set(reply.headers) >= RATE


@pytest.mark.parametrize("path", [IMPROVE, f"{IMPROVE}/"])
async def test_no_pictures_are_taken_for_training(
    gateway: ServedGateway, segmenter: FakeSegmenter, path: str
) -> None:
    reply = await gateway.ask(
        "POST", path, data=image_form(tag="x"), headers={"X-Api-Key": gateway.key}
    )

    assert told(reply, 404) == [
        ("not_available", "The improvement program is not available on this server")
    ]
    assert segmenter.announced_bytes == []
    assert set(reply.headers) >= RATE


@pytest.mark.parametrize("is_chunked", [True, False])
@pytest.mark.parametrize(
    ("path", "key", "status", "told_code"),
    [
        (IMPROVE, None, 404, "not_available"),
        (PATH, "nonsense", 403, "auth_failed"),
        ("/v1.0/other", None, 404, "not_found"),
    ],
)
async def test_a_refusal_can_be_read_behind_a_large_body(  # noqa: PLR0917  a row
    gateway: ServedGateway,
    path: str,
    key: str | None,
    status: int,
    told_code: str,
    is_chunked: bool,
) -> None:
    body = multipart(("image_file", bytes(20_000_000)))
    length = "Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {len(body)}"
    head = (
        f"POST {path} HTTP/1.1\r\nHost: gateway\r\nX-Api-Key: {key or gateway.key}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\n{length}\r\n\r\n"
    )
    if is_chunked:
        body = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"

    reply = await gateway.exchange(head.encode() + body)

    assert code(reply, status) == told_code


@pytest.mark.parametrize("path", ["/v1.0", "/v1.0/", "/v1.0/other", "/v1.0/removebg/deeper"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_other_paths_are_not_found(gateway: ServedGateway, method: str, path: str) -> None:
    reply = await gateway.ask(method, path)

    assert code(reply, 404) == "not_found"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", PATH, "POST"),
        ("PUT", PATH, "POST"),
        ("DELETE", f"{PATH}/", "POST"),
        ("GET", IMPROVE, "POST"),
        ("POST", ACCOUNT, "GET, HEAD"),
    ],
)
async def test_other_methods_are_not_allowed(
    gateway: ServedGateway, method: str, path: str, allowed: str
) -> None:
    reply = await gateway.ask(method, path)

    assert code(reply, 405) == "method_not_allowed"
    assert reply.headers["Allow"] == allowed


@pytest.mark.parametrize(("path", "status"), [(PATH, 405), (IMPROVE, 405), ("/v1.0/x", 404)])
async def test_head_of_a_failure_has_no_body(
    gateway: ServedGateway, path: str, status: int
) -> None:
    reply = await gateway.ask("HEAD", path)

    assert (reply.status, reply.body) == (status, b"")


async def test_a_trailing_slash_is_no_other_path(gateway: ServedGateway) -> None:
    reply = await gateway.ask(
        "POST",
        f"{PATH}/",
        data=image_form(),
        headers={"X-Api-Key": gateway.key},
        allow_redirects=False,
    )

    assert reply.status == 200


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
async def test_switched_off_it_is_not_found_in_native_words(
    serve_gateway: ServeGateway, method: str, path: str
) -> None:
    gateway = await serve_gateway(dialects=DialectsSettings(enabled=("picsart",)))

    reply = await gateway.ask(method, path, headers={"X-Api-Key": gateway.key})

    assert (reply.status, reply.error()["code"]) == (404, "not_found")


async def test_what_nobody_foresaw_is_in_the_envelope(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Answer(output_format=999)

    reply = await post_image(gateway)

    assert code(reply, 500) == "internal_error"


async def test_many_at_once_get_their_own_answers(gateway: ServedGateway) -> None:
    replies = await asyncio.gather(*(post_image(gateway, size="hd") for _ in range(20)))

    assert {reply.status for reply in replies} == {200}
