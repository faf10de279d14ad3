import asyncio
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.accounts.store import StoreError, open_store
from tests.umasks import umask
from tests.unit.gateway.accounts.conftest import Execute

OPEN_AND_TELL_MODULES = """
import asyncio, sys
from gateway.accounts.store import open_store

async def main():
    async with open_store(sys.argv[1]) as store:
        print(*[plan.name for plan in await store.plans()])

asyncio.run(main())
print(*sys.modules)
"""


def open_in_a_process(url: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", OPEN_AND_TELL_MODULES, url],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


async def test_an_empty_database_starts_with_two_plans(database_url: str) -> None:
    async with open_store(database_url) as store:
        plans = {plan.name: plan.limits for plan in await store.plans()}

    assert plans.keys() == {"local", "standard"}
    assert plans["standard"].requests_per_minute == 600
    assert plans["standard"].megapixels_per_minute == 6000
    assert plans["local"].requests_per_minute == 6000
    assert plans["local"].megapixels_per_minute is None


def modes_in(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


def open_to_all(folder: Path) -> None:
    for path in folder.iterdir():
        path.chmod(0o644)


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
async def test_a_missing_file_is_made_for_its_owner_only(tmp_path: Path, mask: int) -> None:
    folder = tmp_path / "deep" / "state"
    with umask(mask):
        async with open_store(f"sqlite:///{folder}/a.db") as store:
            await store.plans()
            modes = modes_in(folder)

    assert modes.keys() == {"a.db", "a.db-shm", "a.db-wal"}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("migrate", [True, False])
async def test_files_that_anybody_can_read_are_kept_to_their_owner(
    tmp_path: Path, *, migrate: bool
) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    async with open_store(url) as running:
        plans = await running.plans()
        open_to_all(tmp_path)

        async with open_store(url, migrate=migrate) as store:
            assert await store.plans() == plans
            modes = modes_in(tmp_path)

    assert modes.keys() == {"a.db", "a.db-shm", "a.db-wal"}
    assert set(modes.values()) == {0o600}


async def test_what_was_kept_is_there_when_it_is_opened_again(
    database_url: str, execute: Execute
) -> None:
    async with open_store(database_url):
        await execute("INSERT INTO plans (name) VALUES ('mine')")
    for migrate in (True, False):
        async with open_store(database_url, migrate=migrate) as store:
            assert len(await store.plans()) == 3


def test_starters_at_the_same_time_take_the_steps_once(database_url: str) -> None:
    starters = [open_in_a_process(database_url) for _ in range(3)]

    for starter in starters:
        output, _ = starter.communicate()
        assert starter.returncode == 0, output
        assert output.splitlines()[0] == "local standard"


async def test_alembic_is_loaded_only_to_take_steps(database_url: str) -> None:
    first = open_in_a_process(database_url).communicate()[0]
    second = open_in_a_process(database_url).communicate()[0]

    assert "alembic" in first.split()
    assert "alembic" not in second.split()
    assert "sqlalchemy" in second.split()


async def test_a_missing_schema_is_told_where_none_is_to_be_made(
    database_url: str, tmp_path: Path
) -> None:
    if database_url.startswith("sqlite"):
        (tmp_path / "state").mkdir()
        (tmp_path / "state" / "accounts.db").touch()

    with pytest.raises(StoreError, match=r"older .* MATTEBOX_GATEWAY_DATABASE_MIGRATE=true"):
        async with open_store(database_url, migrate=False):
            pass


async def test_a_missing_file_is_told_where_none_is_to_be_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"There is no database at .*a\.db\."):
        async with open_store(f"sqlite:///{tmp_path}/a.db", migrate=False):
            pass

    assert not await asyncio.to_thread(lambda: list(tmp_path.iterdir()))


@pytest.mark.parametrize("migrate", [True, False])
async def test_a_newer_schema_is_told_and_left_alone(
    database_url: str, execute: Execute, migrate: bool
) -> None:
    async with open_store(database_url):
        await execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StoreError, match="newer than this version of Mattebox"):
        async with open_store(database_url, migrate=migrate):
            pass

    await execute("UPDATE alembic_version SET version_num = '0001'")
    async with open_store(database_url, migrate=False) as store:
        assert len(await store.plans()) == 2


async def test_a_database_of_something_else_is_told_and_left_alone(
    database_url: str, execute: Execute, tmp_path: Path
) -> None:
    (tmp_path / "state").mkdir()
    await execute("CREATE TABLE facts (something INTEGER)")

    with pytest.raises(StoreError, match="failed: "):
        async with open_store(database_url):
            pass

    await execute("INSERT INTO facts VALUES (1)")
    await execute("CREATE TABLE plans (something INTEGER)")


@pytest.mark.parametrize("content", [b"no database", b"\0" * 4096])
async def test_a_file_that_is_no_database_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(content)

    with pytest.raises(StoreError, match=r"a\.db\) failed: file is not a database"):
        async with open_store(f"sqlite:///{path}"):
            pass

    assert path.read_bytes() == content


async def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StoreError, match="cannot be made: File exists"):
        async with open_store(f"sqlite:///{tmp_path}/file/a.db"):
            pass


async def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(StoreError, match=r"127\.0\.0\.1:1\) failed: Connection refused\.") as it:
        async with open_store("postgresql://ann:secret@127.0.0.1:1/a"):
            pass

    assert "secret" not in str(it.value)


async def test_one_waits_for_another_who_opens_the_same_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"

    async def open_and_count() -> int:
        async with open_store(url) as store:
            return len(await store.plans())

    assert await asyncio.gather(*(open_and_count() for _ in range(5))) == [2] * 5
