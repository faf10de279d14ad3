"""The page on privacy names tests and settings that there are, and fields that logs really have."""

import re

from environment import variable_names
from gateway.settings import GatewaySettings
from telemetry.logs import FIELDS
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "privacy.md").read_text()
TESTS = re.findall(r"`((?:[a-z_0-9]+/)+test_[a-z_0-9]+\.py)(?:::(\w+))?`", PAGE)


def test_every_test_that_is_named_is_there() -> None:
    assert len(TESTS) > 25
    for path, name in TESTS:
        text = (ROOT / "tests" / path).read_text()
        assert f"def {name}(" in text if name else "def test_" in text, (path, name)


def test_every_statement_names_a_test() -> None:
    tables = re.findall(r"^\| statement \| held by \|\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    rows = [row for table in tables for row in table.splitlines()]
    assert len(rows) > 15
    for row in rows:
        assert re.search(r"`[a-z_0-9/]+test_[a-z_0-9]+\.py", row.rsplit("|", 2)[1]), row


def test_every_setting_that_is_named_is_one() -> None:
    named = set(re.findall(r"MATTEBOX_GATEWAY_\w+", PAGE))
    assert named
    assert named <= set(variable_names(GatewaySettings))


def test_no_field_of_a_log_could_hold_what_the_page_denies() -> None:
    denied = {"address", "client", "header", "image", "ip", "key", "path", "peer", "query", "url"}
    assert not FIELDS & denied
    assert not {field for field in FIELDS for word in ("remote", "user", "file") if word in field}
