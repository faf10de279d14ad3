import asyncio
import signal
from datetime import UTC, datetime, timedelta

import pytest

from gateway.accounts.store import open_store
from tests.integration.gateway.database import Database
from tests.integration.gateway.fake_segmenter import Answer, FakeSegmenter
from tests.integration.gateway.gateway_process import client_of, gateway_process, settings_of
from tests.integration.gateway.served_gateway import (
    PATIENCE_S,
    ServedGateway,
    image_form,
    multipart,
    read_reply,
    rest,
)
from tests.waiting import settle

FORM: dict[str, str | int] = {"Content-Type": "multipart/form-data; boundary=b"}

WITHOUT_LARGE_FILES = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))
from gateway.main import main
main()
"""


async def test_sigterm_ends_an_idle_gateway_with_0(
    segmenter: FakeSegmenter, database: Database
) -> None:
    async with gateway_process(settings_of(database, segmenter.target)) as gateway:
        port = (await gateway.logged("listening"))["port"]
        async with client_of(port, database.key) as client:
            assert (await client.post(image_form())).status == 200
        gateway.terminate()
        assert await gateway.exit_code() == 0


async def test_what_was_delivered_before_sigterm_is_on_the_account(
    segmenter: FakeSegmenter, database: Database
) -> None:
    segmenter.behaviour = Answer(width_px=1000, height_px=2000)
    async with gateway_process(settings_of(database, segmenter.target)) as gateway:
        port = (await gateway.logged("listening"))["port"]
        async with client_of(port, database.key) as client:
            for _ in range(3):
                assert (await client.post(image_form())).status == 200
        gateway.terminate()
        assert await gateway.exit_code() == 0

    today = datetime.now(UTC).date()
    async with open_store(database.url) as store:
        rows = await store.usage_rows(today - timedelta(days=1), today)
    assert [(row.images, row.pixels) for row in rows] == [(3, 6_000_000)]


async def test_uploads_that_are_under_way_at_sigterm_are_read_and_answered(
    segmenter: FakeSegmenter, database: Database
) -> None:
    segmenter.behaviour = Answer(image=b"png")
    body = multipart(("image_file", bytes(1_000_000)))
    head: dict[str, str | int] = {
        "Content-Type": "multipart/form-data; boundary=b",
        "Content-Length": len(body),
        "Expect": "100-continue",
    }
    async with gateway_process(settings_of(database, segmenter.target)) as gateway:
        port = (await gateway.logged("listening"))["port"]
        async with (
            client_of(port, database.key) as client,
            client.connection() as (reader, writer),
        ):
            writer.write(client.head(head))
            assert (await read_reply(reader)).status == 100
            writer.write(body[:1000])
            gateway.terminate()
            await gateway.logged("stopping")
            # The port is closed before connections are told to end.
            await _is_closed(port)
            for start in range(1000, len(body), 100_000):
                writer.write(body[start : start + 100_000])
                await writer.drain()
                await settle()
            reply = await read_reply(reader)
            assert await rest(reader) == b""
        assert await gateway.exit_code() == 0

    assert (reply.status, reply.body) == (200, b"png")


async def test_what_was_written_before_a_kill_stays_and_is_counted_once(
    segmenter: FakeSegmenter, database: Database
) -> None:
    settings = settings_of(database, segmenter.target) | {"USAGE_FLUSH_S": 0.05}
    for written in (3, 6):
        async with gateway_process(settings) as gateway:
            port = (await gateway.logged("listening"))["port"]
            async with client_of(port, database.key) as client:
                for _ in range(3):
                    assert (await client.post(image_form())).status == 200
                await _counts(database, written)
            gateway.process.kill()
            assert await gateway.exit_code() == -signal.SIGKILL

    await _counts(database, 6)


async def test_requests_that_run_at_sigterm_are_finished_and_new_ones_refused(
    segmenter: FakeSegmenter, database: Database
) -> None:
    gate = asyncio.Event()
    segmenter.behaviour = Answer(image=b"png", gate=gate)
    async with gateway_process(settings_of(database, segmenter.target)) as gateway:
        port = (await gateway.logged("listening"))["port"]
        async with client_of(port, database.key) as client:
            running = asyncio.create_task(client.post(image_form()))
            async with asyncio.timeout(PATIENCE_S):
                await segmenter.called.wait()
                gateway.terminate()
                await gateway.logged("stopping")
                await _refuses_connections(port)
            gate.set()
            reply = await running
        assert (reply.status, reply.body) == (200, b"png")
        assert await gateway.exit_code() == 0


async def test_an_upload_that_comes_in_at_sigterm_is_read_to_its_end_and_answered(
    segmenter: FakeSegmenter, database: Database
) -> None:
    body = multipart(("image_file", bytes(300_000)))
    async with gateway_process(settings_of(database, segmenter.target)) as gateway:
        port = (await gateway.logged("listening"))["port"]
        async with client_of(port, database.key) as client, client.connection() as (read, write):
            head = {**FORM, "Content-Length": len(body)}
            write.write(client.head(head) + body[:100_000])
            await segmenter_is_reachable(client)
            gateway.terminate()
            await gateway.logged("stopping")
            await _refuses_connections(port)
            write.write(body[100_000:])
            reply = await read_reply(read)
        assert (reply.status, reply.headers["Connection"]) == (200, "close")
        assert await gateway.exit_code() == 0


async def test_a_connection_that_brings_its_first_request_after_sigterm_is_served(
    segmenter: FakeSegmenter, database: Database
) -> None:
    async with gateway_process(settings_of(database, segmenter.target)) as gateway:
        port = (await gateway.logged("listening"))["port"]
        async with client_of(port, database.key) as client, client.connection() as (read, write):
            await segmenter_is_reachable(client)
            gateway.terminate()
            await gateway.logged("stopping")
            body = multipart(("image_file", b"an image"))
            write.write(client.head({**FORM, "Content-Length": len(body)}) + body)
            reply = await read_reply(read)
        assert (reply.status, reply.headers["Connection"]) == (200, "close")
        assert await gateway.exit_code() == 0


async def test_connections_that_idle_at_sigterm_are_closed(
    segmenter: FakeSegmenter, database: Database
) -> None:
    settings = settings_of(database, segmenter.target) | {"HTTP_KEEPALIVE_TIMEOUT_S": 3600}
    async with gateway_process(settings) as gateway:
        port = (await gateway.logged("listening"))["port"]
        async with client_of(port, database.key) as client, client.connection() as (used, write):
            write.write(b"GET /v2/health/live HTTP/1.1\r\nHost: gateway\r\n\r\n")
            assert (await read_reply(used)).status == 200
            async with client.connection() as (unused, _):
                gateway.terminate()
                assert (await rest(used), await rest(unused)) == (b"", b"")
        assert await gateway.exit_code() == 0


async def test_within_the_drain_delay_requests_are_served_but_readiness_fails(
    segmenter: FakeSegmenter, database: Database
) -> None:
    settings = settings_of(database, segmenter.target) | {"HTTP_DRAIN_DELAY_S": 3600}
    async with gateway_process(settings) as gateway:
        metrics_port = (await gateway.logged("metrics_listening"))["port"]
        port = (await gateway.logged("listening"))["port"]
        async with client_of(port, database.key) as client, client_of(metrics_port, "") as operator:
            await client.reaches("/v2/health/ready", 200)
            await operator.reaches("/ready", 200)
            gateway.terminate()
            await client.reaches("/v2/health/ready", 503)
            reply = await client.post(image_form())
            health = await client.ask("GET", "/v2/health")
            live = await client.ask("GET", "/v2/health/live")
            ready = await operator.ask("GET", "/ready")

    assert (reply.status, reply.headers["Connection"]) == (200, "close")
    assert (health.status, live.status, ready.status) == (503, 200, 503)


async def test_no_picture_is_written_to_disk(segmenter: FakeSegmenter, database: Database) -> None:
    """The process may make no file of more than 1 MiB, which the database stays far below."""
    segmenter.behaviour = Answer(image=bytes(20 * 2**20))
    settings = settings_of(database, segmenter.target)
    async with gateway_process(settings, ("-c", WITHOUT_LARGE_FILES)) as gateway:
        port = (await gateway.logged("listening"))["port"]
        async with client_of(port, database.key) as client:
            reply = await client.post(image_form(bytes(20 * 2**20)))

    assert (reply.status, len(reply.body)) == (200, 20 * 2**20)


async def test_settings_that_are_wrong_end_the_start_with_2_and_a_line_each() -> None:
    variables = {
        "HTTP_PORT": 70_000,
        "UPLOAD_PARTS": 0,
        "USAGE_FLUSH_S": 11,
        "HTTP_PROT": 1,
    }
    async with gateway_process(variables) as gateway:
        _, errors = await gateway.process.communicate()

    assert gateway.process.returncode == 2
    first, *problems = errors.decode().splitlines()
    assert first == "mattebox-gateway cannot start:"
    assert [problem.removeprefix("  - MATTEBOX_GATEWAY_") for problem in problems] == [
        "HTTP_PROT is not a setting. Did you mean MATTEBOX_GATEWAY_HTTP_PORT?",
        "HTTP_PORT: Input should be less than or equal to 65535",
        "USAGE_FLUSH_S: Input should be less than or equal to 10",
        "UPLOAD_PARTS: Input should be greater than 0",
    ]


async def test_a_database_that_is_none_ends_the_start_with_2(database: Database) -> None:
    database.path.write_text("no database")

    async with gateway_process(settings_of(database, "127.0.0.1:1")) as gateway:
        _, errors = await gateway.process.communicate()

    assert gateway.process.returncode == 2
    assert "database" in errors.decode()
    assert "Traceback" not in errors.decode()


async def test_another_pepper_than_the_keys_ends_the_start_with_2(database: Database) -> None:
    settings = settings_of(database, "127.0.0.1:1") | {"KEYS_PEPPER": "ab" * 32}

    async with gateway_process(settings) as gateway:
        _, errors = await gateway.process.communicate()

    assert gateway.process.returncode == 2
    assert "another pepper" in errors.decode()
    assert "abab" not in errors.decode()


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        ("FETCH_ALLOW", "minio.internal,10.0.0.0/33", "FETCH_ALLOW: '10.0.0.0/33': neither a CIDR"),
        ("LIMITER_URL", "memcached://:secret@127.0.0.1", "MATTEBOX_GATEWAY_LIMITER_URL"),
        ("DATABASE_URL", "mysql://me:secret@127.0.0.1/name", "A database URL is sqlite:///PATH"),
    ],
)
async def test_places_that_cannot_be_used_end_the_start_with_2(
    database: Database, variable: str, value: str, problem: str
) -> None:
    settings = settings_of(database, "127.0.0.1:1") | {variable: value}

    async with gateway_process(settings) as gateway:
        _, errors = await gateway.process.communicate()

    assert gateway.process.returncode == 2
    assert problem in errors.decode()
    assert "secret" not in errors.decode()
    assert "Traceback" not in errors.decode()


@pytest.mark.parametrize("variable", ["HTTP_PORT", "METRICS_PORT"])
async def test_a_port_that_is_taken_ends_the_start_with_2(
    database: Database, variable: str
) -> None:
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    settings = settings_of(database, "127.0.0.1:1") | {variable: port}
    async with taken, gateway_process(settings) as gateway:
        _, errors = await gateway.process.communicate()

    assert gateway.process.returncode == 2
    assert str(port) in errors.decode()
    assert "Traceback" not in errors.decode()


async def _counts(database: Database, images: int) -> None:
    """Waits until so many images are counted; fails at once where there are more."""
    today = datetime.now(UTC).date()
    async with open_store(database.url) as store, asyncio.timeout(PATIENCE_S):
        counted = 0
        while counted < images:
            rows = await store.usage_rows(today - timedelta(days=1), today)
            counted = sum(row.images for row in rows)
    assert counted == images


async def segmenter_is_reachable(client: ServedGateway) -> None:
    await client.reaches("/v2/health", 200)


async def _refuses_connections(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionError:
            return
        writer.close()
        await asyncio.wait([asyncio.create_task(writer.wait_closed())])


async def _is_closed(port: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                return
            writer.close()
            await asyncio.sleep(0.005)
