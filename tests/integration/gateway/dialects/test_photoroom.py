"""Photoroom's basic endpoint over real sockets: what comes in, and what goes out."""

import asyncio
import base64
import gzip
from urllib.parse import urlencode

import pytest

from gateway.delivery import base64_bytes
from gateway.settings import AdmissionSettings, DialectsSettings, UploadSettings
from mattebox.segmenter import v1
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.dialects.photoroom_client import (
    ACCOUNT,
    FORM,
    IMAGE,
    JSON,
    SEGMENT,
    URLENCODED,
    failure,
    get,
    post,
)
from tests.integration.gateway.fake_segmenter import Answer, FakeSegmenter
from tests.integration.gateway.served_gateway import (
    ServedGateway,
    image_form,
    multipart,
)

BASE64 = base64.b64encode(IMAGE).decode()
MIB = 2**20
HOSTS_ACCOUNT = "/v2/account"
HOST = "image-api.photoroom.com"
BODIES: dict[str, tuple[bytes, dict[str, str]]] = {
    "multipart, file": (multipart(("image_file", IMAGE)), FORM),
    "multipart, base64": (multipart(("image_file_b64", BASE64.encode())), FORM),
    "json, base64": (f'{{"image_file_b64": "{BASE64}"}}'.encode(), JSON),
    "json, data URL": (
        f'{{"IMAGE_FILE_B64": "data:image/png;base64,{BASE64}", "crop": null}}'.encode(),
        JSON,
    ),
    "urlencoded, base64": (urlencode({"image_file_b64": BASE64}).encode(), URLENCODED),
    "urlencoded, plus signs as spaces": (f"image_file_b64={BASE64}".encode(), URLENCODED),
    "file and base64: the file wins": (
        multipart(("image_file", IMAGE), ("image_file_b64", b"b3RoZXI=")),
        FORM,
    ),
    "base64 and file: the file wins": (
        multipart(("image_file_b64", b"b3RoZXI="), ("image_file", IMAGE)),
        FORM,
    ),
    "the last of two files": (multipart(("image_file", b"x"), ("image_file", IMAGE)), FORM),
}


async def test_a_picture_is_answered_as_a_file(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Answer(uncertainty=0.25)

    reply = await post(gateway, image_form(IMAGE))

    assert (reply.status, reply.body) == (200, Answer().image)
    assert reply.headers["Content-Type"] == "image/png"
    assert reply.headers["X-Uncertainty-Score"] == "0.2500"
    assert reply.headers["X-RateLimit-Remaining"] == "599"
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["X-Request-Id"] == segmenter.calls[0].request_id
    assert "X-Ignored-Fields" not in reply.headers
    options = segmenter.calls[0].options
    assert options == v1.CutOutOptions(
        format=v1.OutputFormat.OUTPUT_FORMAT_PNG,
        channels=v1.OutputChannels.OUTPUT_CHANNELS_RGBA,
        max_pixels=36_000_000,
        input_alpha=v1.InputAlpha.INPUT_ALPHA_KEEP,
        describe_subject=True,
    )


@pytest.mark.parametrize("body", BODIES)
async def test_a_picture_comes_in_each_kind_of_body(
    gateway: ServedGateway, segmenter: FakeSegmenter, body: str
) -> None:
    reply = await post(gateway, *BODIES[body])

    assert reply.status == 200
    assert segmenter.calls[0].image == IMAGE


async def test_options_come_in_forms_and_texts(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    in_form = image_form(IMAGE, format="WEBP", channels="alpha", size="hd", crop="true")
    in_json = f'{{"image_file_b64": "{BASE64}", "despill": true, "bg_color": "#f00"}}'.encode()

    replies = [await post(gateway, in_form), await post(gateway, in_json, JSON)]

    assert [reply.status for reply in replies] == [200, 200]
    first, second = (call.options for call in segmenter.calls)
    assert first.format == v1.OutputFormat.OUTPUT_FORMAT_WEBP
    assert first.channels == v1.OutputChannels.OUTPUT_CHANNELS_ALPHA
    assert (first.max_pixels, first.crop, first.despill) == (4_000_000, True, False)
    assert (second.despill, second.background.red, second.background.alpha) == (True, 255, 255)


@pytest.mark.parametrize(
    ("headers", "detail"),
    [
        (
            {**FORM, "Content-Encoding": "gzip"},
            "Compressed bodies are not accepted. Send plain bytes.",
        ),
        ({"Content-Type": "application/json; charset=x"}, "Unsupported charset. Send UTF-8."),
        ({"Content-Type": "image/png"}, "Please provide an image."),
    ],
    ids=["compressed", "another charset", "another type"],
)
async def test_a_body_that_is_not_read_is_told_as_such(
    gateway: ServedGateway, headers: dict[str, str], detail: str
) -> None:
    reply = await post(gateway, gzip.compress(b"{}"), headers)

    assert failure(reply) == (400, "missing_image", detail)


async def test_ignored_fields_are_named(gateway: ServedGateway) -> None:
    form = image_form(IMAGE, **{"shadow.mode": "ai.soft", "templateId": "t", "padding": ""})
    form.add_field("image_url", "https://a.example/b.png")

    reply = await post(gateway, form, path=f"{SEGMENT}?size=hd")

    assert reply.status == 200
    assert reply.headers["X-Ignored-Fields"] == "shadow.mode, templateId, image_url, size"


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", "image/png"),
        ("image/png, application/json", "image/png"),
        ("application/json, text/plain, */*", "image/png"),
        ("application/json, application/zip", "image/png"),
        ("application/json", "application/json"),
        ("application/json, text/plain", "application/json"),
        ("application/json, */*;q=0", "application/json"),
        ("application/json;q=0, text/plain", "image/png"),
    ],
)
async def test_json_is_for_those_who_take_nothing_else(
    gateway: ServedGateway, accept: str, content_type: str
) -> None:
    reply = await post(gateway, image_form(IMAGE), {"Accept": accept})

    assert reply.status == 200
    assert reply.headers["Content-Type"].partition(";")[0] == content_type


@pytest.mark.parametrize("size_bytes", [0, 1, 2, 3, 1_000_000])
async def test_json_has_the_picture_under_both_names(
    gateway: ServedGateway, segmenter: FakeSegmenter, size_bytes: int
) -> None:
    picture = bytes(number % 251 for number in range(size_bytes))
    segmenter.behaviour = Answer(image=picture)

    reply = await post(gateway, image_form(IMAGE), {"Accept": "application/json"})

    content = reply.json()
    assert set(content) == {"base64img", "result_b64"}
    assert content["base64img"] == content["result_b64"]
    assert base64.b64decode(content["result_b64"]) == picture
    assert "X-Uncertainty-Score" in reply.headers


async def test_a_picture_that_stands_twice_in_json_is_held_and_booked_as_such(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    end = asyncio.Event()
    segmenter.behaviour = Answer(image=bytes(3_000_000), end=end)
    asked = asyncio.create_task(post(gateway, image_form(IMAGE), {"Accept": "application/json"}))

    await gateway.until(lambda: "in_flight_bytes 4e+06" in gateway.metrics())
    end.set()

    assert (await asked).status == 200
    await gateway.until(lambda: "in_flight_bytes 0.0" in gateway.metrics())


@pytest.mark.parametrize(("missing_bytes", "status"), [(0, 200), (1, 503)])
async def test_json_that_there_is_no_memory_for_is_refused(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter, missing_bytes: int, status: int
) -> None:
    picture_bytes = 3_000_000
    needed_bytes = base64_bytes(picture_bytes) * 4 // 3  # since a key gets three quarters
    gateway = await serve_gateway(
        upload=UploadSettings(image_bytes=1000, text_bytes=1000, slack_bytes=500),
        admission=AdmissionSettings(budget_bytes=needed_bytes + 1 - 2 * missing_bytes),
    )
    segmenter.behaviour = Answer(image=bytes(picture_bytes))

    reply = await post(gateway, image_form(IMAGE), {"Accept": "application/json"})

    assert reply.status == status
    if status == 503:
        assert failure(reply)[1] == "unknown_error"
        assert reply.headers["Retry-After"] == "1"
    await gateway.until(lambda: "in_flight_bytes 0.0" in gateway.metrics())


@pytest.mark.parametrize("scheme", ["Bearer", "Token", "Api-Key"])
async def test_the_key_may_come_as_authorization(gateway: ServedGateway, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {gateway.key}"}

    reply = await gateway.ask("POST", SEGMENT, data=image_form(IMAGE), headers=headers)

    assert reply.status == 200


@pytest.mark.parametrize("path", [SEGMENT, f"{SEGMENT}/"])
async def test_a_trailing_slash_is_no_redirect(gateway: ServedGateway, path: str) -> None:
    reply = await gateway.ask(
        "POST",
        path,
        data=image_form(IMAGE),
        headers={"x-api-key": gateway.key},
        allow_redirects=False,
    )

    assert reply.status == 200


async def test_head_has_no_body(gateway: ServedGateway) -> None:
    account = await gateway.ask("HEAD", ACCOUNT, headers={"x-api-key": gateway.key})
    segment = await gateway.ask("HEAD", SEGMENT, headers={"x-api-key": gateway.key})

    assert (account.status, account.body) == (200, b"")
    assert (segment.status, segment.body) == (405, b"")


@pytest.mark.parametrize(("surplus_bytes", "status"), [(0, 200), (1, 400)])
@pytest.mark.parametrize("field", ["image_file", "image_file_b64"])
async def test_the_largest_image_is_the_dialects(
    serve_gateway: ServeGateway, field: str, surplus_bytes: int, status: int
) -> None:
    gateway = await serve_gateway(dialects=DialectsSettings(photoroom_mb=1))
    image = bytes(MIB + surplus_bytes)
    content = image if field == "image_file" else base64.b64encode(image)

    reply = await post(gateway, multipart((field, content)), FORM)

    assert reply.status == status
    if status == 400:
        assert failure(reply) == (400, "image_too_large", "image too large (>1 MB).")


async def test_the_largest_image_is_never_larger_than_the_servers(
    serve_gateway: ServeGateway,
) -> None:
    gateway = await serve_gateway(
        dialects=DialectsSettings(photoroom_mb=50), upload=UploadSettings(image_bytes=1000)
    )

    replies = [
        await post(gateway, multipart(("image_file", bytes(1000 + surplus))), FORM)
        for surplus in (0, 1)
    ]

    assert [reply.status for reply in replies] == [200, 400]
    assert failure(replies[1])[1] == "image_too_large"


@pytest.mark.parametrize(("method", "path"), [("POST", SEGMENT), ("GET", ACCOUNT)])
async def test_switched_off_it_is_not_there_at_all(
    serve_gateway: ServeGateway, method: str, path: str
) -> None:
    settings = DialectsSettings(enabled=("clipdrop",), photoroom_host=True)
    gateway = await serve_gateway(dialects=settings)

    reply = await gateway.ask(method, path, headers={"x-api-key": gateway.key})
    hosts = await get(gateway, HOSTS_ACCOUNT, {"Host": HOST})

    assert reply.error()["code"] == "not_found"
    assert "usage" in hosts.json()


async def test_its_requests_are_counted_under_its_name(gateway: ServedGateway) -> None:
    await post(gateway, image_form(IMAGE))
    await gateway.ask("GET", "/v1/nothing")

    lines = gateway.access_lines()
    assert [line["dialect"] for line in lines] == ["photoroom", "photoroom"]
    assert 'dialect="photoroom",method="POST",route="/v1/segment"' in gateway.metrics()
