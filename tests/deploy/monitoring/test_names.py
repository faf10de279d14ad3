"""Rules, dashboard and runbook speak only of metrics and labels that there are."""

import re

import pytest

from tests.deploy.monitoring import files, runbook
from tests.deploy.monitoring.existing import SCRAPED, metrics
from tests.deploy.monitoring.promql import references

_LEGEND = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_IN_ANNOTATION = re.compile(r"\$labels\.(\w+)")

_EXPRESSIONS = [
    *(pytest.param(rule["expr"], id=rule.get("alert") or rule["record"]) for rule in files.rules()),
    *(pytest.param(expression, id=name) for name, expression in files.panel_expressions()),
    *(pytest.param(expression, id=name) for name, expression in runbook.expressions()),
]


def labels_of(expression: str) -> set[str]:
    """All labels that the series of an expression may have."""
    return {
        *SCRAPED,
        *(label for name in references(expression).metrics for label in metrics()[name]),
    }


@pytest.mark.parametrize("expression", _EXPRESSIONS)
def test_an_expression_speaks_of_what_there_is(expression: str) -> None:
    found = references(expression)
    assert found.metrics or expression.startswith("vector(")
    assert found.metrics <= set(metrics())
    assert found.grouped <= labels_of(expression)
    for name, label, value in found.matched:
        if label in SCRAPED:
            continue
        assert label in metrics()[name], (name, label)
        possible = metrics()[name][label]
        assert not possible or not value or value in possible, (name, label, value)


@pytest.mark.parametrize("rule", files.alerts(), ids=lambda rule: str(rule["alert"]))
def test_the_words_of_an_alert_name_labels_that_it_has(rule: dict[str, dict[str, str]]) -> None:
    named = set(_IN_ANNOTATION.findall(rule["annotations"]["description"]))
    assert named <= labels_of(str(rule["expr"]))


def test_legends_name_labels_that_their_series_have() -> None:
    for panel in files.panels():
        for target in panel["targets"]:
            named = set(_LEGEND.findall(target["legendFormat"]))
            expression = files.set_variables(target["expr"])
            assert named <= labels_of(expression), panel["title"]
            if re.match(r"(sum|max|count)\b", expression):
                assert named <= references(expression).grouped, panel["title"]
