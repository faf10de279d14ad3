"""What deploy/monitoring holds, as tests ask for it."""

import importlib.util
import json
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT

FOLDER = ROOT / "deploy" / "monitoring"
COMPONENT = ROOT / "deploy" / "kustomize" / "components" / "monitoring"
DASHBOARD = COMPONENT / "dashboard.json"
RULE_FILES = [FOLDER / "rules" / "recording.yaml", FOLDER / "rules" / "alerts.yaml"]
UNIT_TESTS = sorted((FOLDER / "tests").glob("*.yaml"))

_VARIABLES = {"$__rate_interval": "1m", "$namespace": ".*", "$pod": ".*"}


def groups() -> list[dict[str, Any]]:
    """The groups of all rule files."""
    return [
        group for path in RULE_FILES for group in yaml.safe_load(path.read_text("utf-8"))["groups"]
    ]


def rules() -> list[dict[str, Any]]:
    """All rules, in order."""
    return [rule for group in groups() for rule in group["rules"]]


def alerts() -> list[dict[str, Any]]:
    """All alerting rules; some alerts have one for each of several windows."""
    return [rule for rule in rules() if "alert" in rule]


def unit_tests() -> list[dict[str, Any]]:
    """All groups of promtool's unit tests."""
    return [
        test for path in UNIT_TESTS for test in yaml.safe_load(path.read_text("utf-8"))["tests"]
    ]


def panels() -> list[dict[str, Any]]:
    """The panels of the dashboard, rows left out."""
    board = json.loads(DASHBOARD.read_text("utf-8"))
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def panel_expressions() -> Iterator[tuple[str, str]]:
    """Each expression of the dashboard after the name of its panel, with Grafana's variables in."""
    for panel in panels():
        for target in panel["targets"]:
            yield f"{panel['title']} {target['refId']}", set_variables(target["expr"])


def set_variables(expression: str) -> str:
    """Puts in what Grafana would, for all namespaces and pods."""
    for name, value in _VARIABLES.items():
        expression = expression.replace(name, value)
    return expression


def script(name: str) -> ModuleType:
    """Loads deploy/monitoring/``name``.py, which is in no package."""
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def promtool(*arguments: str) -> None:
    """Runs promtool, which has to find nothing wrong; skips where it is not installed."""
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool is not installed (Debian's package prometheus has it)")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def assert_parses(expressions: Iterable[str], folder: Path) -> None:
    """Asserts that each expression is one of PromQL."""
    made: list[Mapping[str, str]] = [
        {"record": f"expression:number{number}", "expr": expression}
        for number, expression in enumerate(expressions)
    ]
    assert made
    file = folder / "expressions.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "expressions", "rules": made}]}))
    promtool("check", "rules", str(file))
