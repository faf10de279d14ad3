"""The guides to moving here leave no dialect and no setting of theirs out.

tests/e2e/test_api_page.py runs their commands, tests/contract/test_migration_pages.py their tables.
"""

import re
from typing import get_args

import pytest

from environment import variable_names
from gateway.settings import GatewaySettings
from gateway.settings.dialects import DialectName
from tests.conftest import ROOT

FOLDER = ROOT / "docs" / "migrate"
PAGES = {path.stem: path.read_text() for path in FOLDER.glob("*.md")}
PREFIX = "MATTEBOX_GATEWAY_DIALECTS_"
DIALECTS = get_args(DialectName)


def test_every_dialect_has_a_page() -> None:
    assert set(PAGES) == {"README", *DIALECTS}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_first_page_leads_to_each_and_names_it_as_settings_do(dialect: str) -> None:
    assert f"({dialect}.md)" in PAGES["README"]
    assert f"`{dialect}`" in PAGES["README"]
    assert "(README.md)" in PAGES[dialect]


def test_every_setting_that_is_named_is_one() -> None:
    named = set(re.findall(r"MATTEBOX_GATEWAY_\w+", "".join(PAGES.values())))
    assert named <= set(variable_names(GatewaySettings))


def test_every_setting_of_the_dialects_is_named() -> None:
    named = set(re.findall(rf"{PREFIX}\w+", "".join(PAGES.values())))
    assert named == {name for name in variable_names(GatewaySettings) if name.startswith(PREFIX)}
