"""Both clients over HTTP, against a server on a real socket."""

import asyncio
import io
import logging
import socket
import ssl
from pathlib import Path

import httpx
import pytest
import trustme
from aiohttp import web

from mattebox.client import (
    ApiError,
    ConnectionFailedError,
    InternalError,
    InvalidApiKeyError,
    MatteboxError,
    Options,
    OverloadedError,
    RateLimitedError,
    Retries,
    TimedOutError,
    UntrustedError,
)
from tests.unit.mattebox.client.callers import Caller, Kind, other_http
from tests.unit.mattebox.client.scripted_server import (
    FACTS,
    cut_off,
    cut_off_midway,
    document,
    page,
    picture,
    refusal,
    scripted_server,
)

DATE = {"Date": "Tue, 01 Dec 2026 03:00:00 GMT", "Retry-After": "Tue, 01 Dec 2026 03:00:09 GMT"}


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> Kind:
    chosen: Kind = request.param
    return chosen


async def test_an_image_goes_as_a_form_and_comes_back_as_a_cut_out(
    kind: Kind, tmp_path: Path
) -> None:
    path = tmp_path / "cup.jpg"
    path.write_bytes(b"\xff\xd8image")
    async with scripted_server(picture()) as server:
        caller = Caller(kind, server.url + "/")
        cut_outs = [
            await caller.remove(source, Options(crop=True), format="webp")
            for source in (b"\xff\xd8image", path, io.BytesIO(b"\xff\xd8image"))
        ]

    cut_out = cut_outs[0]
    assert cut_outs == [cut_out] * 3
    assert (cut_out.image, cut_out.media_type) == (b"picture", "image/png")
    assert (cut_out.width_px, cut_out.height_px, cut_out.foreground_found) == (600, 400, True)
    assert (cut_out.request_id, cut_out.timings_ms) == ("req_1", {"queue": 0.3, "total": 44.1})
    assert len(server.asked) == 3
    for asked in server.asked:
        assert (asked.method, asked.path, asked.image) == ("POST", "/v2", b"\xff\xd8image")
        assert asked.headers["Authorization"] == "Bearer mb_live_1_secret"
        assert asked.headers["Content-Type"].startswith("multipart/form-data")
        assert asked.fields == {
            "format": "webp",
            "channels": "rgba",
            "size": "full",
            "crop": "true",
            "despill": "false",
        }


async def test_an_empty_image_is_the_services_to_judge(kind: Kind) -> None:
    async with scripted_server(picture()) as server:
        await Caller(kind, server.url).remove(b"")

    assert server.asked[0].image == b""


async def test_an_image_by_url_goes_as_a_form_without_a_file(kind: Kind) -> None:
    async with scripted_server(picture()) as server:
        await Caller(kind, server.url).remove_url("https://example.org/ä cup", bg_color="#fff")

    (asked,) = server.asked
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert asked.fields["image_url"] == "https://example.org/ä cup"
    assert asked.fields["bg_color"] == "#fff"


async def test_a_service_may_stand_below_a_path(kind: Kind) -> None:
    async with scripted_server(picture()) as server:
        await Caller(kind, server.url + "/cut/").remove(b"image")

    assert server.asked[0].path == "/cut/v2"


async def test_the_account_is_asked_for(kind: Kind) -> None:
    content = {
        "api_key": {"mode": "live", "fingerprint": "tok_fp_1"},
        "account": {"email": "cup@example.org", "plan": "pro", "subscription_status": "active"},
        "usage": {"period": "2026-12", "images": 3, "megapixels": 0.5},
    }
    async with scripted_server(document(content)) as server:
        account = await Caller(kind, server.url).account()

    assert (account.plan, account.images) == ("pro", 3)
    assert (server.asked[0].method, server.asked[0].path) == ("GET", "/v2/account")
    assert server.asked[0].headers["Authorization"] == "Bearer mb_live_1_secret"


async def test_health_is_asked_for_once_and_without_the_key(kind: Kind) -> None:
    unavailable = document({"status": "unavailable"}, 503)
    async with scripted_server(document({"status": "ok"}), unavailable) as server:
        caller = Caller(kind, server.url)
        assert [await caller.healthy(), await caller.healthy()] == [True, False]

    assert [asked.path for asked in server.asked] == ["/v2/health"] * 2
    assert all("Authorization" not in asked.headers for asked in server.asked)


async def test_nobody_there_is_not_healthy(kind: Kind) -> None:
    caller = Caller(kind, closed_url())

    assert not await caller.healthy()
    assert caller.pauses_s == []


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_a_proxy_without_a_service_behind_it_is_not_healthy(kind: Kind, status: int) -> None:
    async with scripted_server(page(status)) as server:
        assert not await Caller(kind, server.url).healthy()

    assert len(server.asked) == 1


async def test_something_else_there_is_told(kind: Kind) -> None:
    async with scripted_server(page(404)) as server:
        with pytest.raises(ApiError, match="none of Mattebox: status 404, text/html"):
            await Caller(kind, server.url).healthy()


async def test_without_a_key_none_is_sent(kind: Kind) -> None:
    async with scripted_server(picture()) as server:
        await Caller(kind, server.url, None).remove(b"image")
        await Caller(kind, server.url, "").remove(b"image")

    assert all("Authorization" not in asked.headers for asked in server.asked)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_neither_key_nor_image_goes_where_an_answer_points(kind: Kind, status: int) -> None:
    async with scripted_server(picture()) as other:
        pointing = page(status, {"Location": other.url + "/v2"})
        async with (
            scripted_server(pointing) as server,
            other_http(kind, follow_redirects=True) as http,
        ):
            for arguments in ({}, {"http": http}):
                with pytest.raises(ApiError) as raised:
                    await Caller(kind, server.url, arguments=arguments).remove(b"image")
                assert raised.value.status == status
                assert f"leads elsewhere, to {other.url}/v2" in str(raised.value)

    assert len(server.asked) == 2
    assert other.asked == []


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (408, "request_timeout"),
        (429, "rate_limited"),
        (500, "internal_error"),
        (503, "overloaded"),
        (503, "unavailable"),
        (504, "timeout"),
    ],
)
async def test_what_may_pass_is_tried_again(kind: Kind, status: int, code: str) -> None:
    async with scripted_server(refusal(status, code), refusal(status, code), picture()) as server:
        caller = Caller(kind, server.url)
        cut_out = await caller.remove(io.BytesIO(b"image"))

    assert cut_out.image == b"picture"
    assert [asked.image for asked in server.asked] == [b"image"] * 3
    assert len(caller.pauses_s) == 2


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "invalid_image"),
        (401, "invalid_api_key"),
        (403, "subscription_inactive"),
        (404, "not_found"),
        (413, "image_too_large"),
        (415, "unsupported_media_type"),
        (422, "of_a_later_service"),
    ],
)
async def test_what_the_caller_did_wrong_is_not(kind: Kind, status: int, code: str) -> None:
    async with scripted_server(refusal(status, code)) as server:
        with pytest.raises(ApiError) as raised:
            await Caller(kind, server.url).remove(b"image")

    assert (raised.value.code, raised.value.request_id) == (code, "req_2")
    assert len(server.asked) == 1


async def test_no_more_attempts_are_made_than_there_may_be(kind: Kind) -> None:
    async with scripted_server(refusal(500, "internal_error")) as server:
        caller = Caller(kind, server.url, arguments={"retries": Retries(attempts=4)})
        with pytest.raises(InternalError, match="why"):
            await caller.remove(b"image")

    assert len(server.asked) == 4
    assert len(caller.pauses_s) == 3


@pytest.mark.parametrize("headers", [{"Retry-After": "9"}, DATE], ids=["seconds", "date"])
async def test_what_the_service_asks_to_wait_is_waited(kind: Kind, headers: dict[str, str]) -> None:
    refused = refusal(429, "rate_limited", headers)
    retries = Retries(base_s=2, chance=lambda: 0.5)
    async with scripted_server(refused, picture()) as server:
        caller = Caller(kind, server.url, arguments={"retries": retries})
        await caller.remove(b"image")

    assert caller.pauses_s == [10.0]


async def test_who_would_have_to_wait_too_long_is_told_how_long(kind: Kind) -> None:
    async with scripted_server(refusal(429, "rate_limited", {"Retry-After": "59"})) as server:
        with pytest.raises(RateLimitedError) as raised:
            await Caller(kind, server.url).remove(b"image")

    assert raised.value.retry_after_s == 59
    assert len(server.asked) == 1


@pytest.mark.parametrize("broken", [cut_off, cut_off_midway])
async def test_a_connection_that_breaks_is_made_again(kind: Kind, broken: object) -> None:
    async with scripted_server(broken, picture()) as server:  # type: ignore[arg-type]
        cut_out = await Caller(kind, server.url).remove(b"image" * 100_000)

    assert cut_out.image == b"picture"
    assert [asked.image for asked in server.asked] == [b"image" * 100_000] * 2


async def test_a_connection_that_always_breaks_is_told_of(kind: Kind) -> None:
    async with scripted_server(cut_off) as server:
        with pytest.raises(ConnectionFailedError) as raised:
            await Caller(kind, server.url).remove(b"image")

    assert f"the connection to {server.url} broke" in str(raised.value)
    assert len(server.asked) == 3
    # What reports errors may show all that they hold.
    assert isinstance(raised.value.__cause__, httpx.TransportError)
    assert "secret" not in repr(raised.value.__cause__.request.headers)


async def test_a_service_that_is_away_is_tried_again_and_told_of(kind: Kind) -> None:
    caller = Caller(kind, closed_url())

    with pytest.raises(ConnectionFailedError, match=f"{caller.url} cannot be reached"):
        await caller.remove(b"image")
    assert len(caller.pauses_s) == 2


async def test_a_certificate_that_is_not_trusted_is_not_asked_again(kind: Kind) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)

    async def leave(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_server(leave, "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        caller = Caller(kind, f"https://127.0.0.1:{port}")
        with pytest.raises(UntrustedError, match="a certificate that is not trusted") as raised:
            await caller.remove(b"image")
        assert not await caller.healthy()

    assert not raised.value.may_pass
    assert caller.pauses_s == []


async def test_a_page_of_a_proxy_is_told_as_what_it_is(kind: Kind) -> None:
    async with scripted_server(page(502)) as server:
        with pytest.raises(ApiError) as raised:
            await Caller(kind, server.url).remove(b"image")

    assert type(raised.value) is ApiError
    assert (raised.value.code, raised.value.status) == ("unknown", 502)
    assert raised.value.message == "The answer is none of Mattebox: status 502, text/html."
    assert len(server.asked) == 3


async def test_a_page_that_is_no_error_is_no_picture(kind: Kind) -> None:
    async with scripted_server(page(200)) as server:
        with pytest.raises(ApiError, match="none of Mattebox: status 200, text/html"):
            await Caller(kind, server.url).remove(b"image")

    assert len(server.asked) == 1


async def test_a_service_that_stays_silent_is_given_up_once(kind: Kind) -> None:
    left = asyncio.Event()

    async def silent(_: web.Request) -> web.StreamResponse:
        await left.wait()
        return web.Response()

    async with scripted_server(silent) as server:
        caller = Caller(kind, server.url, arguments={"timeout_s": 0.3})
        with pytest.raises(TimedOutError, match="did not answer in time"):
            await caller.remove(b"image")
        left.set()

    assert len(server.asked) == 1


async def test_a_service_that_drips_is_given_up(kind: Kind) -> None:
    async def dripping(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers=FACTS)
        await response.prepare(request)
        while request.transport is not None and not request.transport.is_closing():
            await response.write(b"x")
            await asyncio.sleep(0.02)
        return response

    async with scripted_server(dripping) as server:
        caller = Caller(kind, server.url, arguments={"timeout_s": 0.3})
        with pytest.raises(TimedOutError):
            await caller.remove(b"image")


async def test_asynchronous_clients_give_up_one_that_drips_before_its_answer() -> None:
    left = asyncio.Event()

    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nX-Width: ")
        while not writer.is_closing():
            writer.write(b"1")
            await asyncio.sleep(0.02)
        writer.close()
        left.set()

    async with await asyncio.start_server(drip, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        caller = Caller("async", f"http://127.0.0.1:{port}", arguments={"timeout_s": 0.3})
        with pytest.raises(TimedOutError):
            async with asyncio.timeout(20):
                await caller.remove(b"image")
        await left.wait()


async def test_a_client_of_the_callers_own_is_used_and_stays_open(kind: Kind) -> None:
    async with (
        scripted_server(picture()) as server,
        other_http(kind, headers={"X-Team": "cups"}) as http,
    ):
        for _ in range(2):
            await Caller(kind, server.url, arguments={"http": http}).remove(b"image")

    assert [asked.headers["X-Team"] for asked in server.asked] == ["cups"] * 2
    assert server.asked[0].headers["Authorization"] == "Bearer mb_live_1_secret"


async def test_no_proxy_stands_before_this_machine_and_one_before_others(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        scripted_server(picture(b"service")) as server,
        scripted_server(picture(b"proxy")) as proxy,
    ):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        ours = await Caller(kind, server.url).remove(b"image")
        named = server.url.replace("127.0.0.1", "localhost")
        also_ours = await Caller(kind, named).remove(b"image")
        others = await Caller(kind, "http://mattebox.example").remove(b"image")

    assert [each.image for each in (ours, also_ours, others)] == [b"service", b"service", b"proxy"]


async def test_the_key_is_shown_nowhere(kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    refused = refusal(401, "invalid_api_key")
    async with scripted_server(refusal(503, "overloaded"), cut_off, refused) as server:
        with pytest.raises(InvalidApiKeyError) as raised:
            await Caller(kind, server.url).remove(b"image")

    shown: list[str] = [record.getMessage() for record in caplog.records]
    assert any("trying again in" in text for text in shown)
    error: BaseException | None = raised.value
    while error is not None:
        shown += [str(error), repr(error), repr(vars(error))]
        error = error.__cause__ or error.__context__
    assert "secret" not in "".join(shown)


async def test_one_client_serves_many_at_a_time(kind: Kind) -> None:
    async with scripted_server(picture()) as server:
        caller = Caller(kind, server.url)
        cut_outs = await asyncio.gather(*(caller.remove(b"image") for _ in range(8)))

    assert len(cut_outs) == len(server.asked) == 8


async def test_the_first_error_is_kept_where_none_is_tried_again(kind: Kind) -> None:
    async with scripted_server(refusal(503, "overloaded"), picture()) as server:
        caller = Caller(kind, server.url, arguments={"retries": Retries(attempts=1)})
        with pytest.raises(OverloadedError):
            await caller.remove(b"image")

    assert issubclass(OverloadedError, MatteboxError)
    assert len(server.asked) == 1


def closed_url() -> str:
    """The URL of a port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
