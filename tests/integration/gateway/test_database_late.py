"""Gateways that are started before their PostgreSQL, or with one that they can never use."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import text

from gateway.accounts.store.database import Database as Statements
from gateway.accounts.store.places import parse_url
from gateway.settings import KeysSettings
from tests.integration.gateway.database import Database, new_database
from tests.integration.gateway.fake_segmenter import FakeSegmenter
from tests.integration.gateway.gateway_process import (
    GatewayProcess,
    client_of,
    gateway_process,
    settings_of,
)
from tests.integration.gateway.served_gateway import image_form
from tests.postgres import PASSWORD, PostgresServer, running_postgres

PEPPER = "5a" * 32
AWAY = pytest.mark.parametrize("how", ["not started", "frozen"])


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


@pytest.fixture
async def shared(postgres: PostgresServer) -> Database:
    keys = KeysSettings.model_validate({"pepper": PEPPER})
    return await new_database(postgres.new_database(), keys)


def settings_with(database: Database, target: str, wait_s: float) -> dict[str, object]:
    return {
        **settings_of(database, target),
        "KEYS_PEPPER": PEPPER,
        "DATABASE_TIMEOUT_S": 1,
        "DATABASE_WAIT_S": wait_s,
    }


@contextmanager
def away(postgres: PostgresServer, how: str = "not started") -> Iterator[Callable[[], None]]:
    """Keeps the server away for a block, or until what it yields is called."""
    with ExitStack() as stack:
        if how == "frozen":
            postgres.hang()
            stack.callback(postgres.wake)
        else:
            postgres.stop()
            stack.callback(postgres.start)
        yield stack.close


@AWAY
async def test_a_database_that_comes_later_is_waited_for(
    shared: Database, segmenter: FakeSegmenter, postgres: PostgresServer, how: str
) -> None:
    settings = settings_with(shared, segmenter.target, 600)
    with away(postgres, how) as come_back:
        async with gateway_process(settings) as gateway:
            probes = (await gateway.logged("metrics_listening"))["port"]
            awaited = await gateway.logged("database_awaited")
            while_it_waits = [await _status(probes, path) for path in ("/live", "/ready")]
            come_back()
            port = (await gateway.logged("listening"))["port"]
            once_it_serves = [await _status(probes, path) for path in ("/live", "/ready")]
            async with client_of(port, shared.key) as client:
                await client.reaches("/v2/health", 200)
                assert (await client.post(image_form())).status == 200
            gateway.terminate()
            assert await gateway.exit_code() == 0

    assert (while_it_waits, once_it_serves) == ([200, 503], [200, 200])
    assert (awaited["level"], awaited["wait_s"]) == ("warning", 600)
    assert str(postgres.port) in awaited["reason"]
    assert PASSWORD not in str(gateway.lines)
    events = [line["event"] for line in gateway.lines]
    assert [event for event in events if event.startswith("database_")] == [
        "database_awaited",
        "database_reached",
    ]


@AWAY
async def test_sigterm_ends_the_wait_in_order(
    shared: Database, postgres: PostgresServer, how: str
) -> None:
    with away(postgres, how):
        async with gateway_process(settings_with(shared, "127.0.0.1:1", 600)) as gateway:
            await gateway.logged("database_awaited")
            gateway.terminate()
            await gateway.logged("stopped")
            assert await gateway.exit_code() == 0


@pytest.mark.parametrize(
    ("wait_s", "awaited", "told"),
    [
        (0.5, 1, "failed: Connection refused. Waited 0.5 s for it. See that "),
        (0, 0, "failed: Connection refused. See that "),
    ],
)
async def test_a_database_that_never_comes_ends_the_start_with_2(
    shared: Database, postgres: PostgresServer, wait_s: float, awaited: int, told: str
) -> None:
    with away(postgres):
        async with gateway_process(settings_with(shared, "127.0.0.1:1", wait_s)) as gateway:
            errors = await _failed_start(gateway)

    assert told in errors
    assert errors.count("database_awaited") == awaited


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (PASSWORD, "canary", "failed: InvalidPasswordError."),
        ("/postgres?", "/canary?", "failed: InvalidCatalogNameError."),
        ("?", "?sslmode=require&", "failed: ConnectionError."),
        ("?", "?sslmode=canary&", "is malformed."),
        ("postgresql://", "canary://", "A database URL is sqlite:///PATH"),
    ],
)
async def test_what_no_waiting_mends_ends_the_start_at_once(
    shared: Database, old: str, new: str, told: str
) -> None:
    wrong = Database(shared.url.replace(old, new))
    async with gateway_process(settings_with(wrong, "127.0.0.1:1", 600)) as gateway:
        errors = await _failed_start(gateway)

    assert told in errors
    assert "database_awaited" not in errors
    assert "canary" not in errors


async def test_a_newer_schema_ends_the_start_at_once(shared: Database) -> None:
    statements = Statements(parse_url(shared.url), timeout_s=10)
    newer = text("UPDATE alembic_version SET version_num = '9999'")
    await statements.write(lambda connection: connection.execute(newer))
    await statements.close()

    async with gateway_process(settings_with(shared, "127.0.0.1:1", 600)) as gateway:
        errors = await _failed_start(gateway)

    assert "newer than this version" in errors
    assert "database_awaited" not in errors


async def test_a_missing_pepper_is_told_before_anything_is_waited_for(
    shared: Database, postgres: PostgresServer
) -> None:
    settings = settings_with(shared, "127.0.0.1:1", 600)
    del settings["KEYS_PEPPER"]
    with away(postgres):
        async with gateway_process(settings) as gateway:
            errors = await _failed_start(gateway)

    assert "A pepper is needed" in errors
    assert "database_awaited" not in errors


async def test_a_file_that_cannot_be_opened_ends_the_start_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    nowhere = Database(f"sqlite:///{tmp_path}/file/a.db")

    async with gateway_process(settings_with(nowhere, "127.0.0.1:1", 600)) as gateway:
        errors = await _failed_start(gateway)

    assert "cannot be made" in errors
    assert "database_awaited" not in errors


async def _status(port: int, path: str) -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}") as response,
    ):
        return response.status


async def _failed_start(gateway: GatewayProcess) -> str:
    """What a gateway says that ends by itself, as one that cannot start."""
    _, errors = await gateway.process.communicate()
    assert gateway.process.returncode == 2
    assert "Traceback" not in errors.decode()
    return errors.decode()
