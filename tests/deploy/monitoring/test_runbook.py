"""docs/runbook.md has a section for each alert, and says only what holds."""

import re
import subprocess
from pathlib import Path

import pytest

from environment import variable_names
from gateway.settings import GatewaySettings
from segmenter.settings import SegmenterSettings
from tests.conftest import ROOT
from tests.deploy.monitoring import files, runbook

_SEVERITIES = {rule["alert"]: rule["labels"]["severity"] for rule in files.alerts()}
_SOURCES = "\n".join(path.read_text("utf-8") for path in (ROOT / "services").rglob("*.py"))


def test_there_is_a_section_for_each_alert_in_their_order() -> None:
    assert list(runbook.sections()) == list(_SEVERITIES)
    assert runbook.PAGE.count("\n## Mattebox") == len(_SEVERITIES)


@pytest.mark.parametrize(("name", "severity"), _SEVERITIES.items())
def test_a_section_says_how_urgent_it_is_and_what_to_do(name: str, severity: str) -> None:
    text = runbook.sections()[name]
    assert text.startswith(f"\n**{severity.capitalize()}.** ")
    for part in ("**First look.**", "**Likely causes", "**Escalate"):
        assert part in text
    assert re.search(r"\*\*Do\.\*\*|what to do", text)
    assert "```" in text


def test_every_query_parses(tmp_path: Path) -> None:
    files.assert_parses((expression for _, expression in runbook.expressions()), tmp_path)


@pytest.mark.parametrize("block", runbook.blocks("sh"))
def test_a_command_is_one_of_the_shell(block: str) -> None:
    done = subprocess.run(
        ["/bin/bash", "-n"], input=block, capture_output=True, text=True, check=False
    )
    assert not done.stderr
    assert done.returncode == 0


def test_the_events_that_are_looked_for_are_logged() -> None:
    told = re.findall(r'"event": "(\w+)"', runbook.PAGE)
    told += "|".join(re.findall(r'"event": "\(([\w|]+)\)"', runbook.PAGE)).split("|")
    assert len(set(told)) > 1
    for event in told:
        assert f'"{event}"' in _SOURCES, event


def test_the_settings_that_are_named_exist() -> None:
    known = {*variable_names(GatewaySettings), *variable_names(SegmenterSettings)}
    named = set(re.findall(r"MATTEBOX_[A-Z0-9_]+", runbook.PAGE))
    assert named
    assert named <= known


def test_links_lead_somewhere() -> None:
    for page, anchor in re.findall(r"\]\(([\w./-]*)#([\w-]+)\)", runbook.PAGE):
        text = (ROOT / "docs" / page).read_text("utf-8") if page else runbook.PAGE
        anchors = {
            re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
            for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
        }
        assert anchor in anchors
