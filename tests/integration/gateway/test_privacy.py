"""What callers send never comes out again, neither in the log nor in errors nor in metrics."""

import pytest

from gateway.settings import UploadSettings
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.served_gateway import Reply, ServedGateway, multipart

CANARY = "cAnArYcAnArY"
PART = (
    f'--b\r\nContent-Disposition: form-data; name="{CANARY}"; filename="{CANARY}"\r\n'
    f"Content-Type: text/{CANARY}; charset={CANARY}\r\n\r\n{CANARY}\r\n"
).encode()
HEADERS = {
    "Authorization": f"Bearer {CANARY}",
    "Cookie": CANARY,
    "Referer": f"https://{CANARY}/",
    "User-Agent": CANARY,
    "X-Canary": CANARY,
    "X-Request-Id": f"{CANARY} is not well formed",
}


def _check_silence(gateway: ServedGateway, *replies: Reply) -> None:
    spoken = [gateway.log.getvalue(), gateway.metrics()]
    for reply in replies:
        spoken += [reply.body.decode("latin-1"), str(reply.headers)]
    secret_of_key = gateway.key.rpartition("_")[2]
    assert CANARY not in "".join(spoken)
    assert secret_of_key not in "".join(spoken)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(PART + b"--b--", id="odd charset"),
        pytest.param(PART, id="truncated"),
        pytest.param(PART + multipart(("format", CANARY.encode())), id="bad option"),
        pytest.param(PART[:60] + b"\r\n\r\n", id="broken head"),
        pytest.param(CANARY.encode(), id="no form"),
        pytest.param(f"--b{CANARY}\r\n".encode(), id="broken boundary"),
        pytest.param(multipart((CANARY, b"")), id="no image"),
        pytest.param(multipart(("note", CANARY.encode() * 1000)), id="long field"),
        pytest.param(multipart(("image_file", CANARY.encode() * 1000)), id="long image"),
    ],
)
async def test_a_refused_form_leaves_no_trace(serve_gateway: ServeGateway, body: bytes) -> None:
    gateway = await serve_gateway(upload=UploadSettings(image_bytes=5000, field_bytes=1000))

    reply = await gateway.post(
        body, {**HEADERS, "Content-Type": f"multipart/form-data; boundary=b; x={CANARY}"}
    )

    assert 400 <= reply.status < 500
    _check_silence(gateway, reply)


async def test_a_served_form_leaves_no_trace_but_the_names_of_ignored_fields(
    gateway: ServedGateway,
) -> None:
    body = multipart(("note", CANARY.encode()), ("image_file", CANARY.encode()))

    reply = await gateway.post(body, {**HEADERS, "Content-Type": "multipart/form-data; boundary=b"})

    assert (reply.status, reply.headers["X-Ignored-Fields"]) == (200, "note")
    _check_silence(gateway, reply)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/{CANARY}"),
        ("POST", f"/v2?api_key={CANARY}"),
        ("POST", f"/v2?{CANARY}=1"),
        ("PUT", f"/v2?api_key={CANARY}"),
        ("GET", f"/v2/health?{CANARY}"),
    ],
)
async def test_paths_queries_and_headers_leave_no_trace(
    gateway: ServedGateway, method: str, path: str
) -> None:
    reply = await gateway.ask(method, path, headers=HEADERS)

    _check_silence(gateway, reply)


async def test_a_good_key_in_the_query_leaves_no_trace(gateway: ServedGateway) -> None:
    reply = await gateway.ask("POST", f"/v2?api_key={gateway.key}&x={CANARY}")

    assert reply.error()["code"] == "missing_image"
    _check_silence(gateway, reply)


@pytest.mark.parametrize(
    "request_bytes",
    [
        f"GET / HTTP/1.1\r\nAuthorization {CANARY}\r\n\r\n".encode(),
        f"{CANARY} / HTTP/1.1\r\n\r\n".encode(),
        f"GET / HTTP/{CANARY}\r\n\r\n".encode(),
        f"GET / HTTP/1.1\r\nX-A: {CANARY}{'a' * 10_000}\r\n\r\n".encode(),
        f"GET / HTTP/1.1\r\nX-A: {CANARY}\x00\r\n\r\n".encode(),
    ],
)
async def test_what_is_not_http_leaves_no_trace(
    gateway: ServedGateway, request_bytes: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    reply = await gateway.exchange(request_bytes)

    assert reply.status == 400
    assert CANARY not in caplog.text
    _check_silence(gateway, reply)


async def test_a_malformed_chunk_leaves_no_trace(
    gateway: ServedGateway, caplog: pytest.LogCaptureFixture
) -> None:
    head = gateway.head(
        {"Transfer-Encoding": "chunked", "Content-Type": "multipart/form-data; boundary=b"}
    )

    reply = await gateway.exchange(head + f"{CANARY}\r\n".encode())

    assert reply.status == 400
    assert CANARY not in caplog.text
    _check_silence(gateway, reply)
