import os
import sys
from pathlib import Path

import pytest

from gateway.accounts.keys import key_id
from mattebox.up import bootstrap_key
from mattebox.up.errors import CannotStartError
from mattebox.up.kept_process import Launch


@pytest.fixture
def gateway(tmp_path: Path) -> Launch:
    """A gateway whose database is not made yet."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("MATTEBOX_")}
    url = f"sqlite:///{tmp_path / 'state' / 'mattebox.db'}"
    return Launch((sys.executable,), env | {"MATTEBOX_GATEWAY_DATABASE_URL": url}, tmp_path)


def test_each_key_is_another(gateway: Launch, tmp_path: Path) -> None:
    keys = [bootstrap_key.new_key(gateway) for _ in range(2)]

    assert [key_id(key) is not None for key in keys] == [True, True]
    assert keys[0] != keys[1]
    assert (tmp_path / "state" / "mattebox.db").is_file()


def test_a_path_is_that_of_the_gateways_folder(gateway: Launch, tmp_path: Path) -> None:
    url = {"MATTEBOX_GATEWAY_DATABASE_URL": "sqlite:///beside.db"}

    bootstrap_key.new_key(Launch(gateway.command, {**gateway.env, **url}, tmp_path))

    assert (tmp_path / "beside.db").is_file()


def test_no_module_in_the_working_directory_is_run(gateway: Launch, tmp_path: Path) -> None:
    (tmp_path / "mattebox.py").write_text("raise SystemExit('not this one')")

    assert bootstrap_key.new_key(gateway).startswith("mb_live_")


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("DATABASE_URL", "mysql://a:secret-word@b/c", "A database URL is sqlite:///PATH or "),
        ("KEYS_FILE", "keys.json", "MATTEBOX_GATEWAY_KEYS_FILE is not a setting. "),
        ("KEYS_PEPPER", "00", "MATTEBOX_GATEWAY_KEYS_PEPPER holds no pepper: "),
    ],
)
def test_what_the_child_says_is_why_it_cannot_start(
    gateway: Launch, variable: str, value: str, sentence: str
) -> None:
    env = {**gateway.env, f"MATTEBOX_GATEWAY_{variable}": value}

    with pytest.raises(CannotStartError) as error:
        bootstrap_key.new_key(Launch(gateway.command, env, gateway.folder))

    assert str(error.value).startswith(f"The API keys cannot be used. {sentence}")
    assert "secret-word" not in str(error.value)
