"""The public port over TLS."""

import asyncio
import contextlib
import ssl
import warnings
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from gateway.settings import HttpSettings, UploadSettings
from tests.authority import Authority, Issued
from tests.integration.gateway.conftest import ServeGateway
from tests.integration.gateway.database import Database
from tests.integration.gateway.fake_segmenter import Answer, FakeSegmenter
from tests.integration.gateway.gateway_process import gateway_process, settings_of
from tests.integration.gateway.served_gateway import (
    ServedGateway,
    multipart,
    read_reply,
    rest,
)

FORM: dict[str, str | int] = {"Content-Type": "multipart/form-data; boundary=b"}
LIVE = b"GET /v2/health/live HTTP/1.1\r\nHost: gateway\r\n\r\n"
SHORT_S = 0.2

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def issued(authority: Authority) -> Issued:
    return authority.issue("127.0.0.1", "gateway.test")


def settings(issued: Issued, **fields: float) -> HttpSettings:
    values = {"port": 0, "tls_cert": issued.certificate_file, "tls_key": issued.key_file}
    # At its end a gateway waits a second for handshakes, unless it has less than that for all.
    values["shutdown_timeout_s"] = SHORT_S
    return HttpSettings.model_validate(values | fields)


@pytest.fixture
async def gateway(serve_gateway: ServeGateway, issued: Issued) -> ServedGateway:
    return await serve_gateway(http=settings(issued))


def believing(authority: Authority) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=authority.certificate.decode())


@contextlib.asynccontextmanager
async def connection(
    gateway: ServedGateway, context: ssl.SSLContext, name: str | None = None
) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", gateway.port, ssl=context, server_hostname=name
    )
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def shown_certificate(
    gateway: ServedGateway, context: ssl.SSLContext, name: str | None = None
) -> bytes | None:
    async with connection(gateway, context, name) as (_, writer):
        shown: bytes | None = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        return shown


async def test_requests_are_served_over_tls(
    gateway: ServedGateway, segmenter: FakeSegmenter, authority: Authority
) -> None:
    body = multipart(("image_file", b"image" * 100_000))
    segmenter.behaviour = Answer(image=bytes(3 * 2**20))
    head = gateway.head(FORM | {"Content-Length": len(body)})

    async with connection(gateway, believing(authority)) as (reader, writer):
        for _ in range(2):  # one connection serves several
            writer.write(head + body)
            reply = await read_reply(reader)
            assert (reply.status, len(reply.body)) == (200, 3 * 2**20)

    assert [len(call.image) for call in segmenter.calls] == [500_000] * 2


async def test_old_versions_are_refused_and_http_1_is_all_that_is_offered(
    gateway: ServedGateway, authority: Authority
) -> None:
    context = believing(authority)
    context.set_alpn_protocols(["h2", "http/1.1"])
    async with connection(gateway, context) as (_, writer):
        spoken = writer.get_extra_info("ssl_object")
        assert (spoken.selected_alpn_protocol(), spoken.version()) == ("http/1.1", "TLSv1.3")

    context.maximum_version = ssl.TLSVersion.TLSv1_2
    async with connection(gateway, context) as (_, writer):
        assert writer.get_extra_info("ssl_object").version() == "TLSv1.2"

    # This client's OpenSSL has to be talked into it.
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1_1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await shown_certificate(gateway, context)


async def test_plain_http_is_closed_without_an_answer_and_without_a_line(
    gateway: ServedGateway, caplog: pytest.LogCaptureFixture
) -> None:
    async with gateway.connection() as (reader, writer):
        writer.write(LIVE)
        assert b"HTTP" not in await rest(reader)

    assert gateway.access_lines() == []
    assert caplog.records == []


@pytest.mark.parametrize("sent", [b"", b"\x16\x03", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc"])
async def test_a_handshake_that_stalls_is_cut_off(
    serve_gateway: ServeGateway,
    issued: Issued,
    caplog: pytest.LogCaptureFixture,
    sent: bytes,
) -> None:
    gateway = await serve_gateway(http=settings(issued, head_timeout_s=SHORT_S))

    async with gateway.connection() as (reader, writer):
        writer.write(sent)
        assert await rest(reader) == b""

    assert caplog.records == []


@pytest.mark.parametrize("sent", [b"", b"POST /v2 HTTP/1.1\r\nHost: gateway\r\nX-Half: "])
async def test_a_head_that_does_not_come_ends_the_connection(
    serve_gateway: ServeGateway, issued: Issued, authority: Authority, sent: bytes
) -> None:
    # The handshake before it, which has as long, must succeed on a busy machine.
    gateway = await serve_gateway(http=settings(issued, head_timeout_s=2.0))

    async with connection(gateway, believing(authority)) as (reader, writer):
        writer.write(sent)
        assert await rest(reader) == b""


async def test_a_body_that_stops_is_408(
    serve_gateway: ServeGateway, issued: Issued, authority: Authority
) -> None:
    gateway = await serve_gateway(
        http=settings(issued), upload=UploadSettings(read_timeout_s=SHORT_S)
    )

    async with connection(gateway, believing(authority)) as (reader, writer):
        writer.write(gateway.head(FORM | {"Content-Length": 100}) + b"--b\r\n")
        assert (await read_reply(reader)).status == 408
        assert await rest(reader) == b""


async def test_a_client_that_does_not_read_its_answer_is_disconnected(
    serve_gateway: ServeGateway, segmenter: FakeSegmenter, issued: Issued, authority: Authority
) -> None:
    gateway = await serve_gateway(http=settings(issued, stall_timeout_s=SHORT_S))
    segmenter.behaviour = Answer(image=bytes(100 * 2**20))
    body = multipart(("image_file", b"image"))

    async with connection(gateway, believing(authority)) as (_, writer):
        writer.write(gateway.head(FORM | {"Content-Length": len(body)}) + body)
        await gateway.until(lambda: len(gateway.access_lines()) == 1)

    (line,) = gateway.access_lines()
    assert (line["status"], line["code"]) == (499, "client_closed")


async def test_a_client_that_never_takes_leave_is_disconnected(
    serve_gateway: ServeGateway, issued: Issued, authority: Authority
) -> None:
    gateway = await serve_gateway(http=settings(issued, stall_timeout_s=SHORT_S))
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = believing(authority).wrap_bio(incoming, outgoing, server_hostname="gateway.test")
    async with gateway.connection() as (reader, writer):

        async def step(action: Callable[[], object]) -> None:
            """Does what TLS needs several turns for."""
            while True:
                try:
                    action()
                except ssl.SSLWantReadError:
                    writer.write(outgoing.read())
                    incoming.write(await reader.read(2**16))
                else:
                    writer.write(outgoing.read())
                    return

        await step(client.do_handshake)
        await step(lambda: client.write(LIVE.replace(b"Host", b"Connection: close\r\nHost")))
        await step(lambda: client.read(2**16))
        # The end of the answer came with TLS's farewell, which is never returned.
        await rest(reader)


async def test_stalled_handshakes_do_not_hold_up_others(
    gateway: ServedGateway, authority: Authority
) -> None:
    async with (
        gateway.connection(),
        gateway.connection() as (_, half),
        connection(gateway, believing(authority)) as (reader, writer),
    ):
        half.write(b"\x16\x03")
        writer.write(LIVE)
        assert (await read_reply(reader)).status == 200


@pytest.mark.parametrize("name", [None, "gateway.test"])
async def test_replaced_files_are_taken_up_while_connections_go_on(
    gateway: ServedGateway,
    issued: Issued,
    authority: Authority,
    tmp_path: Path,
    name: str | None,
) -> None:
    """With a name in the handshake and, as towards an address, without one."""
    successor = Authority(tmp_path)
    renewed = successor.issue("127.0.0.1", "gateway.test")
    old, new = believing(authority), believing(successor)

    async with connection(gateway, old, name) as (reader, writer):
        issued.put(renewed)
        expected = ssl.PEM_cert_to_DER_cert(renewed.chain.decode())
        assert await shown_certificate(gateway, new, name) == expected
        with pytest.raises(ssl.SSLCertVerificationError):
            await shown_certificate(gateway, old, name)
        writer.write(LIVE)
        assert (await read_reply(reader)).status == 200


async def test_half_a_replacement_leaves_the_port_as_it_was(
    gateway: ServedGateway, issued: Issued, authority: Authority
) -> None:
    issued.certificate_file.write_bytes(authority.issue("127.0.0.1").chain)

    assert await shown_certificate(gateway, believing(authority)) == ssl.PEM_cert_to_DER_cert(
        issued.chain.decode()
    )
    events = [line["event"] for line in gateway.log_lines()]
    assert events == ["certificate_not_renewed"]


async def test_a_gateway_does_not_start_in_plain_text_where_its_files_cannot_be_used(
    segmenter: FakeSegmenter, database: Database, authority: Authority, issued: Issued
) -> None:
    variables = settings_of(database, segmenter.target) | {
        "HTTP_TLS_CERT": issued.certificate_file,
        "HTTP_TLS_KEY": authority.issue("127.0.0.1").key_file,
    }

    async with gateway_process(variables) as gateway:
        assert await gateway.exit_code() == 2
        assert gateway.process.stderr is not None
        told = (await gateway.process.stderr.read()).decode()

    assert "MATTEBOX_GATEWAY_HTTP_TLS_*" in told
    assert "is not the key of" in told
    assert "Traceback" not in told


async def test_sigterm_ends_a_gateway_whose_connections_idle(
    segmenter: FakeSegmenter, database: Database, authority: Authority, issued: Issued
) -> None:
    variables = settings_of(database, segmenter.target) | {
        "HTTP_TLS_CERT": issued.certificate_file,
        "HTTP_TLS_KEY": issued.key_file,
    }
    async with gateway_process(variables) as gateway:
        port = (await gateway.logged("listening"))["port"]
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=believing(authority))
        writer.write(LIVE)
        assert (await read_reply(reader)).status == 200
        gateway.terminate()
        assert await gateway.exit_code() == 0
        writer.transport.abort()


async def test_what_makes_no_sense_is_400_and_no_failure(
    gateway: ServedGateway, authority: Authority
) -> None:
    async with connection(gateway, believing(authority)) as (reader, writer):
        writer.write(b"GARBAGE\r\n\r\n")
        reply = await read_reply(reader)

    assert reply.status == 400
    await gateway.until(lambda: bool(gateway.access_lines()))
    assert [line["event"] for line in gateway.log_lines() if line["level"] != "debug"] == [
        "request"
    ]


async def test_one_more_connection_than_allowed_gets_503(
    serve_gateway: ServeGateway, issued: Issued, authority: Authority
) -> None:
    gateway = await serve_gateway(http=settings(issued, max_connections=1))
    context = believing(authority)
    async with connection(gateway, context) as (_, busy):
        busy.write(gateway.head(FORM | {"Content-Length": 1000}) + b"--b")
        await gateway.until(lambda: "in_flight_bytes 2000.0" in gateway.metrics())

        async with connection(gateway, context) as (reader, writer):
            writer.write(LIVE)
            reply = await read_reply(reader)
            assert await rest(reader) == b""

    assert (reply.status, reply.headers["Connection"]) == (503, "close")
    assert [line for line in gateway.log_lines() if line["level"] in {"warning", "error"}] == []


async def test_a_client_that_leaves_while_its_picture_is_made_leaves_no_warning(
    gateway: ServedGateway, authority: Authority, segmenter: FakeSegmenter
) -> None:
    segmenter.behaviour = Answer(gate=asyncio.Event())
    body = multipart(("image_file", b"image"))
    async with connection(gateway, believing(authority)) as (_, writer):
        writer.write(gateway.head(FORM | {"Content-Length": len(body)}) + body)
        await segmenter.called.wait()
        writer.close()
        await segmenter.cancelled.wait()

    await gateway.until(lambda: bool(gateway.access_lines()))
    assert [line for line in gateway.log_lines() if line["level"] in {"warning", "error"}] == []
