"""The dashboard is the one its table makes, has no gaps or overlaps, and is portable."""

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.monitoring import files
from tests.deploy.monitoring.existing import metrics

BOARD: dict[str, Any] = json.loads(files.DASHBOARD.read_text("utf-8"))
EVERYTHING: list[dict[str, Any]] = BOARD["panels"]
_WIDTH = 24
_UNITS = {"bytes", "cps", "none", "percentunit", "reqps", "s", "µs"}
"""Ids of units, as Grafana has them."""


def test_the_dashboard_is_up_to_date() -> None:
    maker = files.script("make_dashboard")
    made = maker.text()
    assert made == files.DASHBOARD.read_text("utf-8"), (
        "run: python deploy/monitoring/make_dashboard.py"
    )


def test_every_panel_has_an_id_and_a_title_of_its_own() -> None:
    for key in ("id", "title"):
        values = [panel[key] for panel in EVERYTHING]
        assert len(set(values)) == len(values)
        assert all(values)


def test_no_panel_lies_on_another_or_beyond_the_edge() -> None:
    cells = {
        panel["title"]: {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        for panel in EVERYTHING
        for place in [panel["gridPos"]]
    }
    for (one, its), (other, others) in combinations(cells.items(), 2):
        assert not its & others, (one, other)
    assert all(0 <= x < _WIDTH for covered in cells.values() for x, _ in covered)


def test_every_line_of_the_grid_is_full() -> None:
    widths: dict[int, int] = {}
    for panel in EVERYTHING:
        place = panel["gridPos"]
        widths[place["y"]] = widths.get(place["y"], 0) + place["w"]
    assert set(widths.values()) == {_WIDTH}


@pytest.mark.parametrize("panel", files.panels(), ids=lambda panel: str(panel["title"]))
def test_a_panel_has_a_unit_and_queries_of_the_chosen_source(panel: dict[str, Any]) -> None:
    assert panel["fieldConfig"]["defaults"]["unit"] in _UNITS
    assert panel["type"] in {"timeseries", "stat", "heatmap"}
    assert panel["targets"]
    for target in panel["targets"]:
        assert target["datasource"]["uid"] == panel["datasource"]["uid"] == "${datasource}"
        assert target["legendFormat"]
        assert 'namespace=~"$namespace"' in target["expr"]
        assert "@" not in target["expr"]
    references = [target["refId"] for target in panel["targets"]]
    assert len(set(references)) == len(references)


def test_source_namespace_and_pod_can_be_chosen() -> None:
    variables = {variable["name"]: variable for variable in BOARD["templating"]["list"]}
    assert list(variables) == ["datasource", "namespace", "pod"]
    assert variables["datasource"]["type"] == "datasource"
    for name in ("namespace", "pod"):
        assert variables[name]["datasource"]["uid"] == "${datasource}"
        assert variables[name]["allValue"] == ".*"
        asked = set(re.findall(r"\b(?:mattebox|nv)_\w+", variables[name]["definition"]))
        assert asked
        assert asked <= set(metrics())


def test_every_expression_parses(tmp_path: Path) -> None:
    files.assert_parses((expression for _, expression in files.panel_expressions()), tmp_path)
