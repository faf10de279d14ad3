"""The rules load, and every alert is shown to fire and to be quiet by promtool's unit tests."""

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.deploy.monitoring import files

_WINDOWS = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"]
_NAMES = sorted({rule["alert"] for rule in files.alerts()})


@pytest.mark.parametrize("path", files.RULE_FILES, ids=lambda path: str(path.name))
def test_a_file_of_rules_loads(path: Path) -> None:
    files.promtool("check", "rules", str(path))


@pytest.mark.parametrize("path", files.UNIT_TESTS, ids=lambda path: str(path.name))
def test_rules_do_as_their_unit_tests_tell(path: Path) -> None:
    files.promtool("test", "rules", str(path))


@pytest.mark.parametrize("path", files.UNIT_TESTS, ids=lambda path: str(path.name))
def test_groups_are_evaluated_in_their_order(path: Path) -> None:
    order = yaml.safe_load(path.read_text("utf-8"))["group_eval_order"]
    assert order == [group["name"] for group in files.groups()]


@pytest.mark.parametrize("name", _NAMES)
def test_an_alert_is_shown_to_fire_and_to_be_quiet(name: str) -> None:
    outcomes = [
        bool(case.get("exp_alerts"))
        for test in files.unit_tests()
        for case in test.get("alert_rule_test", [])
        if case["alertname"] == name
    ]
    assert True in outcomes
    assert False in outcomes


def test_every_rule_of_an_alert_is_shown_to_fire() -> None:
    shown = {
        (case["alertname"], fired["exp_labels"].get("window"))
        for test in files.unit_tests()
        for case in test.get("alert_rule_test", [])
        for fired in case.get("exp_alerts", [])
    }
    assert shown == {(rule["alert"], rule["labels"].get("window")) for rule in files.alerts()}


@pytest.mark.parametrize("rule", files.alerts(), ids=lambda rule: str(rule["alert"]))
def test_an_alert_says_how_urgent_it_is_and_what_to_do(rule: dict[str, dict[str, str]]) -> None:
    assert rule["labels"]["severity"] in {"page", "ticket", "info"}
    assert re.fullmatch(r"\d+[mh]", str(rule["for"]))
    notes = rule["annotations"]
    assert notes["summary"]
    assert "$labels" in notes["description"]
    assert notes["runbook_url"] == f"docs/runbook.md#{str(rule['alert']).lower()}"


def test_alerts_and_groups_have_names_of_their_own() -> None:
    keys = Counter((rule["alert"], rule["labels"].get("window")) for rule in files.alerts())
    assert max(keys.values()) == 1
    assert max(Counter(group["name"] for group in files.groups()).values()) == 1


@pytest.mark.parametrize(
    "family", ["namespace:mattebox_slo_errors:ratio", "namespace:mattebox_slo_burn:rate"]
)
def test_all_windows_of_a_family_are_recorded_in_one_way(family: str) -> None:
    recorded = {
        rule["record"].removeprefix(family): rule["expr"]
        for rule in files.rules()
        if rule.get("record", "").startswith(family)
    }
    assert set(_WINDOWS) <= set(recorded)
    shapes = {recorded[window].replace(window, "W") for window in _WINDOWS[1:]}
    assert len(shapes) == 1


def test_every_recording_that_is_asked_for_is_made() -> None:
    recorded = {rule["record"] for rule in files.rules() if "record" in rule}
    asked = {name for rule in files.rules() for name in re.findall(r"\w+:\w+:\w+", rule["expr"])}
    assert asked <= recorded
    assert "namespace:mattebox_slo_burn:rate1h" in asked


def test_what_counts_is_sent_to_the_routes_that_cut_out() -> None:
    contracts = ROOT / "services" / "gateway" / "contracts"
    sources = "\n".join(path.read_text("utf-8") for path in contracts.rglob("*.py"))
    routes = set(re.findall(r'Route\("([^"]+)", "\w+", self\.(?:remove|segment)', sources))
    patterns = {
        match for rule in files.rules() for match in re.findall(r'route=~"(.*?)"', rule["expr"])
    }
    assert {frozenset(pattern.split("|")) for pattern in patterns} == {frozenset(routes)}


def test_recordings_leave_no_gaps() -> None:
    # Prometheus takes a sample for what is there now while it is at most five minutes old.
    intervals = [group["interval"] for group in files.groups() if "interval" in group]
    assert intervals
    assert all(interval in {"30s", "1m", "2m"} for interval in intervals)
