"""The command line that makes accounts and keys, as its operator uses it.

Its process would be started a hundred times, each time for a second. That it starts is tested
elsewhere (`tests/e2e/test_up.py` and `test_api_page.py`); here it runs in the tests' own.
"""

import json
import os
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from mattebox.cli import app

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key, and the id by which commands name it."""

    key: str
    key_id: str
    email: str


@dataclass(frozen=True, slots=True)
class Commands:
    """Runs `mattebox` against the state of the service under test."""

    state_dir: Path

    def run(self, *arguments: str) -> Any:
        """Runs a command and returns what it prints as JSON."""
        options = ["--json", "--state-dir", str(self.state_dir)]
        done = CliRunner().invoke(app, [*arguments, *options])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def create_account(self) -> str:
        """Makes an account; returns its e-mail address."""
        email = f"caller-{os.getpid()}-{next(_numbers)}@example.org"
        self.run("accounts", "create", email)
        return email

    def create_key(self, email: str, *options: str) -> IssuedKey:
        """Makes a key of an account."""
        made = self.run("keys", "create", "--account", email, *options)
        return IssuedKey(made["key"], made["id"], email)

    def rotate_key(self, issued: IssuedKey, overlap: str) -> IssuedKey:
        """Replaces a key, which stays good for a while."""
        made = self.run("keys", "rotate", issued.key_id, "--overlap", overlap)
        return IssuedKey(made["key"], made["id"], issued.email)

    def revoke_key(self, issued: IssuedKey) -> None:
        self.run("keys", "revoke", issued.key_id)

    def suspend(self, email: str) -> None:
        self.run("accounts", "suspend", email)

    def activate(self, email: str) -> None:
        self.run("accounts", "activate", email)
