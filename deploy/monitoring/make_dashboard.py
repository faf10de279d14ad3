"""Writes the dashboard for Grafana out of dashboard.yaml.

It lies in the component of Kustomize, which reads only files within its folder.
Run: python deploy/monitoring/make_dashboard.py.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from string import ascii_uppercase
from typing import Any, TypeAlias

import yaml

FOLDER = Path(__file__).parent
TABLE = FOLDER / "dashboard.yaml"
RULES = FOLDER / "rules" / "recording.yaml"
DASHBOARD = FOLDER.parent / "kustomize" / "components" / "monitoring" / "dashboard.json"

Json: TypeAlias = dict[str, Any]

_HEIGHT = 8
_STAT_HEIGHT = 4
_FULL_WIDTH = 24
_NAMESPACE = 'namespace=~"$namespace"'
_PODS = f'{_NAMESPACE}, pod=~"$pod"'
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}


def dashboard() -> Json:
    """The whole dashboard, in the form that Grafana 11 and later import."""
    rows = yaml.safe_load(TABLE.read_text("utf-8"))["rows"]
    return {
        "uid": "mattebox",
        "title": "Mattebox",
        "tags": ["mattebox"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "refresh": "1m",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "",
        "templating": {"list": [_datasource(), *_variables()]},
        "annotations": {"list": []},
        "links": [],
        "panels": list(_panels(rows)),
    }


def text() -> str:
    """The file's content."""
    return json.dumps(dashboard(), indent=1, ensure_ascii=False) + "\n"


def _datasource() -> Json:
    return {
        "name": "datasource",
        "label": "Data source",
        "type": "datasource",
        "query": "prometheus",
    }


def _variables() -> Iterator[Json]:
    ours = (
        '{__name__=~"mattebox_gateway_build_info|mattebox_segmenter_build_info|nv_inference_count"'
    )
    queries = {
        "namespace": "label_values(mattebox_gateway_build_info, namespace)",
        "pod": f'label_values({ours}, namespace=~"$namespace"}}, pod)',
    }
    for name, query in queries.items():
        yield {
            "name": name,
            "label": name.capitalize(),
            "type": "query",
            "datasource": _SOURCE,
            "definition": query,
            "query": {"query": query, "refId": name},
            "refresh": 2,
            "sort": 1,
            "multi": True,
            "includeAll": True,
            # Where nothing sets the label, it is empty, and this takes it too.
            "allValue": ".*",
            "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
        }


def _panels(rows: list[Json]) -> Iterator[Json]:
    """Rows and their panels from left to right, each with an id and a place of its own."""
    panel_id, top = 1, 0
    for row in rows:
        place = {"x": 0, "y": top, "w": _FULL_WIDTH, "h": 1}
        yield {
            "id": panel_id,
            "type": "row",
            "title": row["title"],
            "collapsed": False,
            "gridPos": place,
            "panels": [],
        }
        panel_id, top, left, height = panel_id + 1, top + 1, 0, 0
        for entry in row["panels"]:
            if left + entry["width"] > _FULL_WIDTH:
                top, left = top + height, 0
            height = _STAT_HEIGHT if entry.get("show") == "stat" else _HEIGHT
            place = {"x": left, "y": top, "w": entry["width"], "h": height}
            yield {"id": panel_id, "gridPos": place, **_panel(entry)}
            panel_id, left = panel_id + 1, left + entry["width"]
        top += height


def _panel(entry: Mapping[str, Any]) -> Json:
    kind, options, custom = _KINDS[entry.get("show", "time")]
    defaults: Json = {"unit": entry["unit"], "custom": custom}
    if kind == "timeseries":
        defaults["min"] = 0
    if "decimals" in entry:
        defaults["decimals"] = entry["decimals"]
    if "bad_below" in entry:
        steps = [{"color": "red", "value": None}, {"color": "green", "value": entry["bad_below"]}]
        defaults["thresholds"] = {"mode": "absolute", "steps": steps}
    if kind == "heatmap":
        options = {**options, "yAxis": {"unit": entry["unit"]}}
    return {
        "type": kind,
        "title": entry["title"],
        "description": entry.get("help", ""),
        "datasource": _SOURCE,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": options,
        "targets": [
            {"refId": ascii_uppercase[number], **_target(entry.get("show"), expression, legend)}
            for number, (expression, legend) in enumerate(entry["queries"])
        ],
    }


def _target(show: str | None, expr: str, legend: str) -> Json:
    for short, labels in _selectors().items():
        expr = expr.replace(short, labels)
    return {
        "datasource": _SOURCE,
        "expr": expr,
        "legendFormat": legend,
        "format": "heatmap" if show == "heat" else "time_series",
        "instant": show == "stat",
        "range": show != "stat",
    }


@cache
def _selectors() -> Mapping[str, str]:
    """What the short forms of the table stand for."""
    (routes,) = set(re.findall(r'route=~".*?"', RULES.read_text("utf-8")))
    return {"@pods": _PODS, "@cut_outs": f"{_PODS}, {routes}", "@namespace": _NAMESPACE}


_LEGEND = {"displayMode": "list", "placement": "bottom", "showLegend": True}
_LINES = {"legend": _LEGEND, "tooltip": {"mode": "multi", "sort": "desc"}}
_DRAWN: Json = {"drawStyle": "line", "lineWidth": 1, "showPoints": "never"}
_STACKED = {**_DRAWN, "fillOpacity": 30, "stacking": {"mode": "normal", "group": "A"}}
_STAT = {
    "colorMode": "value",
    "graphMode": "none",
    "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
}
_HEAT = {
    "calculate": False,
    "color": {"mode": "scheme", "scheme": "Oranges", "steps": 64},
    "cellGap": 1,
    "legend": {"show": True},
    "tooltip": {"mode": "single"},
}
_KINDS: Mapping[str, tuple[str, Json, Json]] = {
    "time": ("timeseries", _LINES, {**_DRAWN, "fillOpacity": 0}),
    "stacked": ("timeseries", _LINES, _STACKED),
    "stat": ("stat", _STAT, {}),
    "heat": ("heatmap", _HEAT, {}),
}


if __name__ == "__main__":
    DASHBOARD.write_text(text(), "utf-8")
