"""What docs/privacy.md gives to do about an account does what it says."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.contract.client import Client, poll
from tests.contract.commands import Commands

pytestmark = pytest.mark.e2e

PAGE = (ROOT / "docs" / "privacy.md").read_text()
PRINTED, PRINTED_KEY_ID = "ann@example.com", "RXF6cfHcG4LV"


def test_what_is_known_of_an_account_can_be_shown(
    commands: Commands, service: Client, cup: bytes
) -> None:
    email = commands.create_account()
    issued = commands.create_key(email, "--name", "web shop")
    assert service.post_file(cup, key=issued.key).status == 200

    section = PAGE.split("### What is known of an account")[1].split("###")[0]
    printed = re.findall(r"^    mattebox (.*) --json$", section, re.MULTILINE)
    assert len(printed) == 3
    here = [line.replace(PRINTED, email).replace(PRINTED_KEY_ID, issued.key_id) for line in printed]
    known = poll(
        lambda: [str(commands.run(*line.split())) for line in here],
        lambda known: "'images': 1" in known[2],
    )
    assert email in known[0]
    assert "web shop" in known[1]
    assert issued.key not in "".join(known)


def test_an_account_that_is_deleted_names_nobody_and_lets_nobody_in(
    commands: Commands, service: Client, state_dir: Path, cup: bytes
) -> None:
    email = commands.create_account()
    issued = commands.create_key(email, "--name", "a persons name")
    assert service.post_file(cup, key=issued.key).status == 200
    database = state_dir / "mattebox.db"
    poll(
        lambda: dumped(database), lambda dump: dump.count(issued.key_id) > 1
    )  # a key and its usage
    (line,) = re.findall(r"^    mattebox (accounts delete .*)$", PAGE, re.MULTILINE)

    commands.run(*line.replace(PRINTED, email).split(), "--yes")

    said = dumped(database)
    assert issued.key_id not in said
    assert email not in said
    assert "a persons name" not in said
    assert email not in str(commands.run("accounts", "list"))
    poll(lambda: service.account(key=issued.key).status, lambda status: status == 401)


def dumped(database: Path) -> str:
    """All rows of a database, as SQL."""
    with closing(sqlite3.connect(database, timeout=30)) as connection:
        return "\n".join(connection.iterdump())
