import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mattebox.accounts.session import Place
from tests.postgres import PASSWORD, PostgresServer, running_postgres
from tests.unit.mattebox.accounts.conftest import EMAIL, Operator
from tests.unit.mattebox.accounts.test_usage_command import FIRST, use

PEPPER = "5a" * 32
PROGRAM = "from mattebox.cli import main; main()"


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


def run(program: str, *arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
    """Runs a program in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=os.environ | env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_url_comes_before_a_directory_and_a_directory_before_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert Place(Path("state"), "postgresql://db/name").url("default") == "postgresql://db/name"
    assert Place(Path("state")).url("default") == f"sqlite:///{tmp_path}/state/mattebox.db"
    assert Place().url("default") == "default"


def test_the_environment_names_the_database_as_to_a_gateway(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'named.db'}"
    done = run(PROGRAM, "accounts", "create", EMAIL, MATTEBOX_GATEWAY_DATABASE_URL=url)

    assert (done.returncode, done.stderr) == (0, "")
    assert len(Operator(url, ("--database-url", url)).json("accounts", "list")) == 1
    assert not (tmp_path / ".mattebox").exists()


def test_without_a_word_it_is_the_default_state_directory(tmp_path: Path) -> None:
    done = run(PROGRAM, "accounts", "create", EMAIL)

    assert (done.returncode, done.stderr) == (0, "")
    state_dir = tmp_path / ".mattebox"
    assert state_dir.stat().st_mode & 0o777 == 0o700
    operator = Operator("", ("--state-dir", str(state_dir)))
    assert len(operator.json("accounts", "list")) == 1


@pytest.mark.parametrize("command", ["accounts list", "keys list", "keys usage", "plans list"])
def test_a_look_makes_no_database(operator: Operator, state_dir: Path, command: str) -> None:
    result = operator.call(*command.split())

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"mattebox: There is no database {state_dir / 'mattebox.db'}. `mattebox up` and"
        " `mattebox accounts create` make one; name another with --state-dir.\n"
    )
    assert not state_dir.exists()


def test_a_state_directory_with_odd_characters_is_none_the_less_one(tmp_path: Path) -> None:
    operator = Operator("", ("--state-dir", str(tmp_path / "50% #1 & ?=a@b:c")))

    operator.said("accounts", "create", EMAIL)

    assert len(operator.json("accounts", "list")) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["50% #1 & ?=a@b:c"]


def test_a_file_in_the_place_of_the_directory_is_an_error(
    operator: Operator, state_dir: Path
) -> None:
    state_dir.touch()

    result = operator.call("accounts", "create", EMAIL)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("mattebox: ")
    assert result.stderr.count("\n") == 1


def test_a_file_that_is_no_database_is_an_error(operator: Operator, state_dir: Path) -> None:
    state_dir.mkdir()
    (state_dir / "mattebox.db").write_text("no database, however long it may be" * 100)

    result = operator.call("accounts", "list")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.endswith("failed: file is not a database.\n")


def test_another_pepper_is_an_error(ann: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    ann.said("keys", "create", "--account", EMAIL)
    monkeypatch.setenv("MATTEBOX_GATEWAY_KEYS_PEPPER", PEPPER)

    result = ann.call("keys", "create", "--account", EMAIL)

    assert (result.exit_code, result.stdout) == (1, "")
    assert "were hashed under another pepper" in result.stderr
    assert PEPPER not in result.stderr


def test_wrong_settings_are_all_told(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATTEBOX_GATEWAY_DATABSE_URL", "sqlite:///typing-mistake.db")
    monkeypatch.setenv("MATTEBOX_GATEWAY_KEYS_CACHE_S", "long")

    result = operator.call("accounts", "create", EMAIL)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "mattebox: MATTEBOX_GATEWAY_DATABSE_URL is not a setting."
        " Did you mean MATTEBOX_GATEWAY_DATABASE_URL?\n"
        "mattebox: MATTEBOX_GATEWAY_KEYS_CACHE_S:"
        " Input should be a valid number, unable to parse string as a number\n"
    )


@pytest.mark.parametrize(
    "url", ["mysql://ann:secret-word@db/name", "postgresql://ann:secret-word@127.0.0.1:1/name"]
)
def test_no_password_is_ever_told(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATTEBOX_GATEWAY_KEYS_PEPPER", PEPPER)

    result = Operator(url, ("--database-url", url)).call("accounts", "list")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("mattebox: ")
    assert "secret-word" not in result.stderr


@pytest.mark.parametrize("package", ["sqlalchemy", "aiosqlite", "asyncpg"])
def test_a_missing_extra_is_named(package: str, state_dir: Path) -> None:
    without = f"import sys; sys.modules['{package}'] = None; {PROGRAM}"

    done = run(without, "accounts", "create", EMAIL, "--state-dir", str(state_dir))

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"mattebox: The package '{package}' is not installed. "
        "Install what this command needs with: pip install 'mattebox[gateway]'\n"
    )


@pytest.mark.parametrize("command", [[], ["accounts"], ["keys", "create"], ["plans", "set"]])
def test_help_needs_no_database(command: list[str]) -> None:
    heavy = ("sqlalchemy", "alembic", "asyncpg", "aiosqlite", "aiohttp", "grpc")
    without = f"import sys; sys.modules.update(dict.fromkeys({heavy})); {PROGRAM}"

    done = run(without, *command, "--help")

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "command",
    [
        *("accounts create", "accounts list", "accounts suspend", "accounts activate"),
        *("keys create", "keys list", "keys rotate", "keys revoke", "keys usage"),
        *("plans list", "plans set"),
    ],
)
def test_every_help_has_an_example_and_names_the_database(command: str) -> None:
    help_text = Operator("", ()).said(*command.split(), "--help")

    assert f"Examples: mattebox {command}" in " ".join(help_text.split())
    for option in ("--json", "--state-dir", "--database-url"):
        assert option in help_text


def test_commands_at_the_same_time_make_one_database_and_lose_nothing(
    operator: Operator, state_dir: Path
) -> None:
    def create(number: int) -> "subprocess.CompletedProcess[str]":
        return run(PROGRAM, "accounts", "create", f"a{number}@b.c", "--state-dir", str(state_dir))

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(create, range(4)))

    assert [(each.returncode, each.stderr) for each in done] == [(0, "")] * 4
    assert [account["email"] for account in operator.json("accounts", "list")] == [
        f"a{number}@b.c" for number in range(4)
    ]


def test_commands_work_while_a_gateway_writes(ann: Operator, state_dir: Path) -> None:
    used = ann.json("keys", "create", "--account", EMAIL)["id"]
    writes = 0
    arguments = ["keys", "create", "--account", EMAIL, "--quiet", "--state-dir", str(state_dir)]
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments], stdout=subprocess.PIPE, text=True
    ) as command:
        while command.poll() is None:
            use(ann, used, FIRST, 1, 10)
            writes += 1
        printed, _ = command.communicate()

    assert command.returncode == 0
    assert ann.recognised(printed.removesuffix("\n")) is not None
    (row,) = ann.json("keys", "usage", "--to", str(FIRST))
    assert (row["images"], row["megapixels"]) == (writes, writes / 100_000)


def test_all_commands_work_with_postgresql(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.new_database()
    monkeypatch.setenv("MATTEBOX_GATEWAY_DATABASE_URL", url)
    operator = Operator(url, ())
    without_pepper = operator.call("accounts", "create", EMAIL)
    monkeypatch.setenv("MATTEBOX_GATEWAY_KEYS_PEPPER", PEPPER)

    account = operator.json("accounts", "create", EMAIL)
    plan = operator.json(
        *("plans", "set", "pro", "--requests-per-minute=9", "--megapixels-per-minute=unlimited")
    )
    made = operator.json("keys", "create", "--account", EMAIL, "--plan", "pro", "--expires", "9d")
    use(operator, made["id"], FIRST, 2, 3_000_000)
    rotated = operator.json("keys", "rotate", made["id"], "--overlap", "1h")
    revoked = operator.json("keys", "revoke", rotated["id"])
    suspended = operator.json("accounts", "suspend", EMAIL)

    assert without_pepper.exit_code == 1
    assert "A pepper is needed with this database" in without_pepper.stderr
    assert PASSWORD not in without_pepper.stderr
    assert account["state"] == "active"
    assert plan in operator.json("plans", "list")
    assert made["requests_per_minute"] == 9
    assert operator.recognised(made["key"]) is not None
    assert operator.recognised(rotated["key"]) is None
    assert (rotated["replaces"]["state"], revoked["state"]) == ("rotating", "revoked")
    assert suspended["state"] == "suspended"
    assert [row["images"] for row in operator.json("keys", "usage", "--to", str(FIRST))] == [2]
