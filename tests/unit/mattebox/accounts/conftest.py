"""What the commands' tests share: an operator with a database of their own, and a look into it."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from typer.testing import CliRunner, Result

from environment import read_settings
from gateway.accounts.directory import KeyDirectory
from gateway.accounts.keys import KeyRecord
from gateway.accounts.pepper import read_pepper
from gateway.accounts.store import AccountStore, open_store
from gateway.settings import GatewaySettings
from mattebox.cli import app

Answer = TypeVar("Answer")

EMAIL = "ann@example.com"


@dataclass(frozen=True, slots=True)
class Operator:
    """Runs commands on one database, whose store a gateway would open too."""

    url: str
    options: tuple[str, ...]

    def call(self, *arguments: str, typed: str | None = None) -> Result:
        """Runs a command to its end, whatever that is; ``typed`` is what somebody answers."""
        return CliRunner().invoke(app, [*arguments, *self.options], input=typed)

    def said(self, *arguments: str) -> str:
        """Runs a command that must succeed; returns its standard output."""
        result = self.call(*arguments)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *arguments: str) -> Any:
        """Runs a command that must succeed and print nothing but JSON."""
        result = self.call(*arguments, "--json")
        assert (result.exit_code, result.stderr) == (0, ""), result.output
        return json.loads(result.stdout)

    def store(self, work: Callable[[AccountStore], Awaitable[Answer]]) -> Answer:
        """Opens the store as a gateway does."""

        async def run() -> Answer:
            async with open_store(self.url) as store:
                return await work(store)

        return asyncio.run(run())

    def recognised(self, key: str) -> KeyRecord | None:
        """Finds the record of a key, as a gateway does that has just been started."""
        settings = read_settings(GatewaySettings).keys

        async def look_up(store: AccountStore) -> KeyRecord | None:
            directory = KeyDirectory(store, read_pepper(settings, self.url), settings)
            try:
                return await directory.recognise(key)
            finally:
                await directory.close()

        return self.store(look_up)


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("MATTEBOX_")]:
        monkeypatch.delenv(name)
    # Wide, so that what an error says is not broken over two lines.
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def operator(state_dir: Path) -> Operator:
    """An operator before the first account."""
    return Operator(f"sqlite:///{state_dir / 'mattebox.db'}", ("--state-dir", str(state_dir)))


@pytest.fixture
def ann(operator: Operator) -> Operator:
    """An operator with the account of Ann."""
    operator.said("accounts", "create", EMAIL)
    return operator
