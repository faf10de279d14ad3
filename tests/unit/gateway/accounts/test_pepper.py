import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from pydantic import SecretStr

from gateway.accounts.pepper import PepperError, check_pepper, read_pepper
from gateway.accounts.store import AccountStore, StoreError
from gateway.settings import KeysSettings
from tests.umasks import umask

SERVER = "postgresql://user:word@db.example/accounts"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/state/accounts.db"


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    return tmp_path / "state" / "accounts.db.pepper"


def test_a_pepper_is_made_beside_a_file_and_found_again(url: str, beside: Path) -> None:
    pepper = read_pepper(KeysSettings(), url)

    assert len(pepper) == 32
    assert read_pepper(KeysSettings(), url) == pepper
    assert beside.read_text() == pepper.hex()
    assert [path.name for path in beside.parent.iterdir()] == [beside.name]
    assert beside.stat().st_mode & 0o777 == 0o600
    assert beside.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_whatever_the_umask_nobody_else_may_read_it(url: str, beside: Path, mask: int) -> None:
    with umask(mask):
        read_pepper(KeysSettings(), url)

    assert beside.stat().st_mode & 0o777 == 0o600
    assert beside.parent.stat().st_mode & 0o777 == 0o700


def test_one_that_anybody_can_read_is_kept_to_its_owner(url: str, beside: Path) -> None:
    pepper = read_pepper(KeysSettings(), url)
    beside.chmod(0o644)

    assert read_pepper(KeysSettings(), url) == pepper
    assert beside.stat().st_mode & 0o777 == 0o600


def test_a_file_of_the_operators_keeps_its_permissions(url: str, tmp_path: Path) -> None:
    named = tmp_path / "named"
    named.write_text("ab" * 32)
    named.chmod(0o644)

    read_pepper(KeysSettings(pepper_file=named), url)

    assert named.stat().st_mode & 0o777 == 0o644


def test_starters_at_the_same_time_agree_on_one_pepper(tmp_path: Path) -> None:
    start = Barrier(8)

    def read(url: str) -> bytes:
        start.wait()
        return read_pepper(KeysSettings(), url)

    with ThreadPoolExecutor(8) as pool:
        for number in range(25):
            peppers = list(pool.map(read, [f"sqlite:///{tmp_path}/{number}/a.db"] * 8))
            assert len(set(peppers)) == 1


def test_the_setting_comes_before_the_file_and_the_file_before_that_beside(
    url: str, tmp_path: Path
) -> None:
    beside = read_pepper(KeysSettings(), url)
    named = tmp_path / "named"
    named.write_text("ab" * 32 + "\n")

    assert read_pepper(KeysSettings(pepper_file=named), url) == b"\xab" * 32 != beside
    both = KeysSettings(pepper_file=named, pepper=SecretStr("CD" * 32))
    assert read_pepper(both, url) == b"\xcd" * 32
    assert read_pepper(both, SERVER) == b"\xcd" * 32


def test_a_server_needs_a_pepper_that_was_given() -> None:
    with pytest.raises(PepperError, match="set MATTEBOX_GATEWAY_KEYS_PEPPER_FILE"):
        read_pepper(KeysSettings(), SERVER)


@pytest.mark.parametrize("content", ["", "zz", "00" * 31, "00" * 33, "\u00fc"])
def test_a_damaged_pepper_is_told_and_left_alone(url: str, beside: Path, content: str) -> None:
    beside.parent.mkdir()
    beside.write_text(content)

    with pytest.raises(PepperError, match=r"accounts\.db\.pepper holds no pepper"):
        read_pepper(KeysSettings(), url)

    assert beside.read_text() == content


def test_a_bad_setting_is_told_without_its_value(url: str) -> None:
    with pytest.raises(PepperError, match="MATTEBOX_GATEWAY_KEYS_PEPPER holds no pepper") as told:
        read_pepper(KeysSettings(pepper=SecretStr("hunter2")), url)

    assert "hunter2" not in str(told.value)


def test_a_file_that_is_not_there_is_told_and_not_made(url: str, tmp_path: Path) -> None:
    with pytest.raises(PepperError, match=r"cannot read .*nowhere: No such file"):
        read_pepper(KeysSettings(pepper_file=tmp_path / "nowhere"), url)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(PepperError, match=r"cannot make .*a\.db\.pepper: File exists"):
        read_pepper(KeysSettings(), f"sqlite:///{tmp_path}/file/a.db")


def test_a_url_of_no_database_is_told() -> None:
    with pytest.raises(StoreError):
        read_pepper(KeysSettings(), "mysql://localhost/accounts")


async def test_the_pepper_that_came_first_is_the_databases(store: AccountStore) -> None:
    first, other = secrets.token_bytes(32), secrets.token_bytes(32)

    await check_pepper(first, store)
    await check_pepper(first, store)

    with pytest.raises(PepperError, match="under another pepper") as told:
        await check_pepper(other, store)
    assert first.hex() not in str(told.value)
    assert other.hex() not in str(told.value)
