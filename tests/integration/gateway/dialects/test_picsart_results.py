"""The URLs that Picsart's answers name: who gets what there, for how long, and at whose cost."""

import asyncio

import pytest
from valkey.asyncio import Valkey

from gateway.settings import DialectsSettings, LimiterSettings
from mattebox.segmenter import v1
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.database import EMAIL, Database, administration
from tests.integration.gateway.dialects.test_picsart import (
    BODIES,
    FORM,
    ID,
    IMAGE,
    POST,
    check_standing,
    error,
    key,
    path_of,
    post,
)
from tests.integration.gateway.fake_segmenter import Answer, FakeSegmenter
from tests.integration.gateway.served_gateway import (
    PATIENCE_S,
    ServedGateway,
    multipart,
    read_reply,
)
from tests.redis_server import running_redis

MIB = 2**20
SHARE_BYTES = MIB * 3 // 4
"""The most that one key has of a megabyte."""

UPLOAD = BODIES["multipart, file"]
FORMATS = {
    "png": (v1.OutputFormat.OUTPUT_FORMAT_PNG, "image/png"),
    "jpg": (v1.OutputFormat.OUTPUT_FORMAT_JPEG, "image/jpeg"),
    "webp": (v1.OutputFormat.OUTPUT_FORMAT_WEBP, "image/webp"),
}


FORWARDED = {"X-Forwarded-Host": "evil", "X-Forwarded-Proto": "https"}


async def made(gateway: ServedGateway) -> str:
    return path_of(await post(gateway, *UPLOAD), gateway)


def shared(url: str, **fields: object) -> DialectsSettings:
    # No test here is of a server that is slow.
    return DialectsSettings.model_validate(
        {"results_url": url, "results_timeout_s": PATIENCE_S, **fields}
    )


@pytest.mark.parametrize("extension", FORMATS)
async def test_a_result_is_there_at_once_for_anybody(
    gateway: ServedGateway, segmenter: FakeSegmenter, extension: str
) -> None:
    output_format, content_type = FORMATS[extension]
    picture = bytes(range(256)) * 3000
    segmenter.behaviour = Answer(image=picture, output_format=output_format)
    path = await made(gateway)

    for _ in range(2):
        reply = await gateway.ask("GET", path)
        assert reply.status == 200
        assert reply.body == picture
        assert path.endswith(f".{extension}")
        assert reply.headers["Content-Type"] == content_type
        assert reply.headers["Content-Length"] == str(len(picture))
        assert reply.headers["Cache-Control"] == "private, no-store"
        check_standing(reply)


async def test_head_tells_of_a_result_and_does_not_fetch_it(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Answer(image=b"picture")
    path = await made(gateway)
    async with gateway.connection() as (reader, writer):
        writer.write(f"HEAD {path} HTTP/1.1\r\nHost: gateway\r\n\r\n".encode())
        async with asyncio.timeout(PATIENCE_S):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
        # Nothing of a body comes in between, else this is no answer.
        writer.write(f"GET {path} HTTP/1.1\r\nHost: gateway\r\n\r\n".encode())
        assert (await read_reply(reader)).body == b"picture"

    assert head.startswith("HTTP/1.1 200 ")
    assert "Content-Length: 7\r\n" in head
    assert "Content-Type: image/png\r\n" in head
    assert "Cache-Control: private, no-store\r\n" in head


async def test_pages_of_other_origins_may_show_a_result_and_nothing_else(
    gateway: ServedGateway,
) -> None:
    post_reply = await post(gateway, *UPLOAD)
    result = await gateway.ask("GET", path_of(post_reply, gateway))

    assert result.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert result.headers["X-Content-Type-Options"] == "nosniff"
    assert post_reply.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "name",
    [
        f"{ID}.png",
        "..%2f..%2fetc%2fpasswd.png",
        "..%2F..%2F..%2Fetc%2Fpasswd",
        "%2e%2e%2fsecret.png",
        "..%5c..%5csecret.png",
        ".",
        "x",
        ".png",
        "*.png",
        "%00.png",
        "%0d%0aX-Bad:%20yes.png",
        "%C3%A4" * 32 + ".png",
        "%ff%fe.png",
        "a" * 7000 + ".png",
        f"{ID}.gif",
        f"{ID}.exe",
        ID,
        f"{ID}.png%20",
        f"{ID}.png%0a",
        f"{ID}.PNG",
        f"mattebox:results:picture:{ID}.png",
        "sizes",
        "{}.png",
    ],
)
async def test_hostile_names_find_nothing(gateway: ServedGateway, name: str) -> None:
    await made(gateway)
    request = f"GET /results/{name} HTTP/1.1\r\nHost: gateway\r\n\r\n"

    reply = await gateway.exchange(request.encode())
    error(reply, 404)
    assert "X-Bad" not in reply.headers
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("extension", ["jpg", "webp", "jpeg", "zip", "PNG", "png.jpg"])
async def test_a_result_has_one_extension(gateway: ServedGateway, extension: str) -> None:
    path = await made(gateway)
    error(await gateway.ask("GET", path.removesuffix("png") + extension), 404)


async def test_ids_do_not_resemble_each_other(gateway: ServedGateway) -> None:
    paths = {await made(gateway) for _ in range(5)}

    assert len(paths) == 5
    assert all(len(path) == len(f"/results/{ID}.png") for path in paths)


async def test_the_url_begins_as_the_settings_say(serve_gateway: ServeGateway) -> None:
    gateway = await serve_gateway(dialects=DialectsSettings(public_url="https://cut.example/a/"))
    url = (await post(gateway, *UPLOAD)).json()["data"]["url"]

    assert url.startswith("https://cut.example/a/results/")
    assert (await gateway.ask("GET", url.removeprefix("https://cut.example/a"))).status == 200


@pytest.mark.parametrize(
    ("version", "headers", "host"),
    [
        ("1.1", {"Host": "my.host:8443"}, "my.host:8443"),
        (
            "1.1",
            {"Host": "my.host", "X-Forwarded-Host": "evil", "X-Forwarded-Proto": "https"},
            "my.host",
        ),
        ("1.0", {}, "127.0.0.1:{port}"),
        ("1.1", {"Host": ""}, "127.0.0.1:{port}"),
        ("1.1", {"Host": "evil.example/x?a="}, "127.0.0.1:{port}"),
        ("1.1", {"Host": "me@evil.example"}, "127.0.0.1:{port}"),
    ],
)
async def test_without_a_setting_the_url_begins_as_the_request_was_sent(
    gateway: ServedGateway, version: str, headers: dict[str, str], host: str
) -> None:
    body, form = UPLOAD
    lines = {**headers, **key(gateway), **form, "Content-Length": str(len(body))}
    head = "".join(f"{name}: {text}\r\n" for name, text in lines.items())

    reply = await gateway.exchange(f"POST {POST} HTTP/{version}\r\n{head}\r\n".encode() + body)
    url = reply.json()["data"]["url"]
    assert url.startswith(f"http://{host.format(port=gateway.port)}/results/")


async def test_after_its_time_a_result_is_gone(serve_gateway: ServeGateway) -> None:
    gateway = await serve_gateway(dialects=DialectsSettings(results_ttl_s=1))
    path = await made(gateway)

    reply = await gateway.reaches(path, 404)
    error(reply, 404)
    await gateway.until(lambda: _held_bytes(gateway) == 0)


@pytest.mark.parametrize("store", ["memory", "shared"])
async def test_over_the_budget_those_that_were_fetched_go_first(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter, store: str
) -> None:
    with running_redis() as redis:
        url = redis.url if store == "shared" else "memory://"
        gateway = await serve_gateway(dialects=shared(url, results_mb=1))
        segmenter.behaviour = Answer(image=bytes(SHARE_BYTES // 2))
        waiting, seen = await made(gateway), await made(gateway)
        assert _held_bytes(gateway) == SHARE_BYTES

        refused = await post(gateway, *UPLOAD)
        error(refused, 503)
        assert int(refused.headers["Retry-After"]) >= 1

        assert (await gateway.ask("HEAD", waiting)).status == 200
        assert (await gateway.ask("GET", seen)).status == 200
        newcomer = await made(gateway)
        assert (await gateway.ask("GET", waiting)).status == 200
        assert (await gateway.ask("GET", newcomer)).status == 200
        error(await gateway.ask("GET", seen), 404)


@pytest.mark.parametrize("store", ["memory", "shared"])
async def test_where_nothing_is_free_nothing_is_made_and_other_keys_are_served(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter, database: Database, store: str
) -> None:
    async with administration(database) as operator:
        other_key, _ = await operator.create_key(EMAIL)
    with running_redis() as redis:
        url = redis.url if store == "shared" else "memory://"
        gateway = await serve_gateway(dialects=shared(url, results_mb=1, results_ttl_s=40))
        segmenter.behaviour = Answer(image=bytes(SHARE_BYTES))
        path = await made(gateway)

        for _ in range(3):
            refused = await post(gateway, *UPLOAD)
            error(refused, 503)
            assert 2 <= int(refused.headers["Retry-After"]) <= 40
        assert len(segmenter.calls) == 1
        segmenter.behaviour = Answer(image=b"small")
        other = await post(gateway, UPLOAD[0], {**UPLOAD[1], "X-Picsart-API-Key": other_key})
        assert other.status == 200

        assert (await gateway.ask("GET", path)).status == 200
        await made(gateway)


async def test_what_was_refused_once_is_not_made_again(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter
) -> None:
    gateway = await serve_gateway(dialects=DialectsSettings(results_mb=1))
    segmenter.behaviour = Answer(image=bytes(SHARE_BYTES // 2 + 1))
    await made(gateway)

    for _ in range(3):
        error(await post(gateway, *UPLOAD), 503)
    assert len(segmenter.calls) == 2


@pytest.mark.parametrize("store", ["memory", "shared"])
@pytest.mark.parametrize(("surplus_bytes", "status"), [(0, 200), (1, 413)])
async def test_a_result_that_never_fits_is_too_large(
    serve_gateway: ServeGateway,
    segmenter: FakeSegmenter,
    store: str,
    surplus_bytes: int,
    status: int,
) -> None:
    with running_redis() as redis:
        url = redis.url if store == "shared" else "memory://"
        gateway = await serve_gateway(dialects=shared(url, results_mb=1))
        segmenter.behaviour = Answer(image=bytes(SHARE_BYTES + surplus_bytes))
        reply = await post(gateway, *UPLOAD)

    assert reply.status == status
    if status == 413:
        assert "MATTEBOX_GATEWAY_DIALECTS_RESULTS_MB" in error(reply, 413)
        assert "Retry-After" not in reply.headers
        assert _held_bytes(gateway) == 0


async def test_the_post_is_metered_and_what_is_fetched_is_not(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter
) -> None:
    gateway = await serve_gateway(dialects=DialectsSettings(results_mb=1))
    segmenter.behaviour = Answer(image=bytes(SHARE_BYTES), width_px=1000, height_px=1000)
    path = await made(gateway)
    error(await post(gateway, *UPLOAD), 503)
    for _ in range(3):
        await gateway.ask("GET", path)

    account = await gateway.ask("GET", "/v2/account", headers={"x-api-key": gateway.key})
    assert account.json()["usage"]["images"] == 1
    assert account.json()["usage"]["megapixels"] == 1.0
    assert account.headers["X-RateLimit-Remaining"] == "597"  # two POSTs and this one


async def test_a_large_result_passes_the_budget_of_requests_by(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    go_on = asyncio.Event()
    segmenter.behaviour = Answer(image=bytes(20 * MIB), gate=go_on)
    posting = asyncio.create_task(post(gateway, *UPLOAD))
    await segmenter.called.wait()
    go_on.set()

    path = path_of(await posting, gateway)
    assert _held_bytes(gateway) == 20 * MIB
    assert "mattebox_gateway_in_flight_bytes 0.0" in gateway.metrics()
    assert len((await gateway.ask("GET", path)).body) == 20 * MIB


async def test_an_answer_that_breaks_off_is_told_and_leaves_nothing(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Answer(image=b"half", told_bytes=100)

    error(await post(gateway, *UPLOAD), 500)
    assert _held_bytes(gateway) == 0


async def test_who_leaves_before_the_answer_leaves_nothing(
    gateway: ServedGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Answer(image=bytes(MIB), end=asyncio.Event())
    body, form = UPLOAD
    lines = {"Host": "gateway", **key(gateway), **form, "Content-Length": str(len(body))}
    head = "".join(f"{name}: {text}\r\n" for name, text in lines.items())
    async with gateway.connection() as (_, writer):
        writer.write(f"POST {POST} HTTP/1.1\r\n{head}\r\n".encode() + body)
        await gateway.until(lambda: segmenter.answered_bytes == MIB)
        await gateway.until(lambda: _held_bytes(gateway) == MIB)

    await segmenter.cancelled.wait()
    await gateway.until(lambda: _held_bytes(gateway) == 0)


async def test_gateways_on_one_server_serve_each_others_results(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Answer(image=bytes(range(256)) * 4000)
    with running_redis() as redis:
        one, other = [await serve_gateway(dialects=shared(redis.url)) for _ in range(2)]
        for maker, reader in ((one, other), (other, one)):
            path = await made(maker)
            reply = await reader.ask("GET", path)
            assert reply.status == 200
            assert reply.body == bytes(range(256)) * 4000


async def test_in_memory_each_gateway_has_its_own(serve_gateway: ServeGateway) -> None:
    one, other = [await serve_gateway() for _ in range(2)]
    error(await other.ask("GET", await made(one)), 404)


async def test_while_the_server_is_away_it_is_503_before_any_work(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter
) -> None:
    with running_redis() as redis:
        gateway = await serve_gateway(dialects=shared(redis.url))
        path = await made(gateway)
        redis.stop()
        calls = len(segmenter.calls)

        for reply in (await gateway.ask("GET", path), await post(gateway, *UPLOAD)):
            error(reply, 503)
            assert int(reply.headers["Retry-After"]) >= 1
        assert len(segmenter.calls) == calls
        assert "mattebox_gateway_results_down 1.0" in gateway.metrics()
        # What can be no name is looked for nowhere.
        error(await gateway.ask("GET", "/results/x.png"), 404)
        # Nobody else needs it.
        assert (await gateway.post(multipart(("image_file", IMAGE)), FORM)).status == 200


async def test_a_picture_that_goes_while_it_is_fetched_breaks_off(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Answer(image=bytes(30 * MIB))
    with running_redis() as redis:
        gateway = await serve_gateway(dialects=shared(redis.url))
        path = await made(gateway)
        async with gateway.connection() as (reader, writer):
            writer.write(f"GET {path} HTTP/1.1\r\nHost: gateway\r\n\r\n".encode())
            async with asyncio.timeout(PATIENCE_S):
                await reader.readuntil(b"\r\n\r\n")
                async with Valkey.from_url(redis.url) as client:
                    await client.flushall()
                with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
                    await reader.readexactly(30 * MIB)


async def test_the_password_of_the_server_is_nowhere(serve_gateway: ServeGateway) -> None:
    with running_redis("d0n0tpr1nt") as redis:
        gateway = await serve_gateway(
            dialects=shared(redis.url), limiter=LimiterSettings.model_validate({"url": redis.url})
        )
        await made(gateway)
        redis.stop()
        error(await post(gateway, *UPLOAD), 503)

        assert "d0n0tpr1nt" not in gateway.log.getvalue() + gateway.metrics()


def _held_bytes(gateway: ServedGateway) -> float | None:
    return gateway.registry.get_sample_value("mattebox_gateway_results_bytes")
