"""The page of settings says what the settings are."""

import importlib.util
from types import ModuleType

import pytest

from environment import Settings, variable_names
from gateway.settings import GatewaySettings
from segmenter.settings import SegmenterSettings
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "settings.md"


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("maker", ROOT / "docs" / "make_settings.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date(maker: ModuleType) -> None:
    assert PAGE.read_text() == maker.page(), "run: python docs/make_settings.py"


@pytest.mark.parametrize("settings", [GatewaySettings, SegmenterSettings])
def test_every_setting_says_what_it_changes(settings: type[Settings]) -> None:
    rows = [line.split("|") for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    told = {row[1].strip(" `"): row[3].strip() for row in rows}
    for name in variable_names(settings):
        assert told[name].endswith("."), name
