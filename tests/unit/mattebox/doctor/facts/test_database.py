import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from environment import read_settings
from gateway.accounts.store import open_store
from gateway.settings import GatewaySettings
from mattebox.doctor.facts import database
from mattebox.doctor.facts.database import DatabaseFacts
from tests.ports import free_port
from tests.postgres import PASSWORD, PostgresServer, running_postgres

URL = "MATTEBOX_GATEWAY_DATABASE_URL"
PEPPER = "MATTEBOX_GATEWAY_KEYS_PEPPER"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


def looked_at(state_dir: Path) -> DatabaseFacts:
    return database.gather(read_settings(GatewaySettings), state_dir)


def make(url: str) -> None:
    async def run() -> None:
        async with open_store(url):
            pass

    asyncio.run(run())


def test_nothing_is_made_where_nothing_is(tmp_path: Path) -> None:
    facts = looked_at(tmp_path / "state")

    assert facts.place == str(tmp_path / "state" / "mattebox.db")
    assert (facts.is_there, facts.problem) == (False, "")
    assert facts.pepper is not None
    assert not facts.pepper.is_there
    assert list(tmp_path.iterdir()) == []


def test_a_database_in_the_state_directory_is_found_with_its_pepper(tmp_path: Path) -> None:
    make(f"sqlite:///{tmp_path / 'mattebox.db'}")
    pepper = tmp_path / "mattebox.db.pepper"
    pepper.write_text("ab" * 32)
    pepper.chmod(0o604)

    facts = looked_at(tmp_path)

    assert (facts.is_there, facts.problem, facts.is_outdated) == (True, "", False)
    assert facts.pepper is not None
    assert (facts.pepper.place, facts.pepper.problem) == (str(pepper), "")
    assert facts.pepper.is_open_to_others
    assert pepper.stat().st_mode & 0o777 == 0o604  # it is not for the doctor to change


def test_an_empty_file_is_an_outdated_database_and_stays_empty(tmp_path: Path) -> None:
    (tmp_path / "mattebox.db").touch()

    facts = looked_at(tmp_path)

    assert (facts.problem, facts.is_outdated, facts.migrates) == ("", True, True)
    assert (tmp_path / "mattebox.db").read_bytes() == b""


def test_a_file_that_is_no_database_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "mattebox.db").write_bytes(b"no database" * 100)

    assert "file is not a database" in looked_at(tmp_path).problem


def test_a_damaged_pepper_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "mattebox.db.pepper").write_text("short")

    found = looked_at(tmp_path).pepper

    assert found is not None
    assert "holds no pepper: 64 hexadecimal digits." in found.problem
    assert "short" not in found.problem


def test_a_url_of_another_kind_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(URL, "mysql://host/name")

    facts = looked_at(tmp_path)

    assert "sqlite:///PATH or postgresql://" in facts.problem
    assert facts.pepper is None


def test_a_postgresql_needs_a_pepper_that_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: PostgresServer
) -> None:
    url = server.new_database()
    make(url)
    monkeypatch.setenv(URL, url)

    without = looked_at(tmp_path)
    monkeypatch.setenv(PEPPER, "ab" * 32)
    with_one = looked_at(tmp_path)

    assert (without.problem, without.is_outdated) == ("", False)
    assert without.place.startswith("PostgreSQL at 127.0.0.1:")
    assert without.pepper is not None
    assert "A pepper is needed" in without.pepper.problem
    assert with_one.pepper is not None
    assert (with_one.pepper.place, with_one.pepper.problem) == (PEPPER, "")


def test_an_empty_postgresql_is_outdated_and_nothing_is_made_in_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: PostgresServer
) -> None:
    monkeypatch.setenv(URL, server.new_database())
    monkeypatch.setenv("MATTEBOX_GATEWAY_DATABASE_MIGRATE", "false")

    first, second = looked_at(tmp_path), looked_at(tmp_path)

    assert first == second
    assert (first.problem, first.is_outdated, first.migrates) == ("", True, False)


def test_a_postgresql_that_is_down_is_a_problem_told_without_the_password(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    port = free_port("127.0.0.1")
    monkeypatch.setenv(URL, f"postgresql://mattebox:{PASSWORD}@127.0.0.1:{port}/name")

    facts = looked_at(tmp_path)

    assert f"PostgreSQL at 127.0.0.1:{port}" in facts.problem
    assert "Connection refused" in facts.problem
    assert PASSWORD not in repr(facts)


def test_a_postgresql_that_hangs_is_given_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: PostgresServer
) -> None:
    monkeypatch.setenv(URL, server.new_database())
    monkeypatch.setenv("MATTEBOX_GATEWAY_DATABASE_TIMEOUT_S", "0.5")
    server.hang()
    try:
        facts = looked_at(tmp_path)
    finally:
        server.wake()

    assert "did not answer in 0.5 s" in facts.problem or "failed" in facts.problem
