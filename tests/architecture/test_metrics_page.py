"""The page of metrics says what the metrics are."""

import re
from types import ModuleType

import pytest
from google.rpc import status_pb2

from segmenter.converters import STATUS_CODES, code_name
from tests.conftest import ROOT
from tests.docs_scripts import docs_script

PAGE = ROOT / "docs" / "metrics.md"


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    return docs_script("make_metrics")


def test_the_page_is_up_to_date(maker: ModuleType) -> None:
    assert PAGE.read_text() == maker.page(), "run: python docs/make_metrics.py"


def test_every_metric_says_what_it_counts_and_in_what(maker: ModuleType) -> None:
    for metrics in maker.declared().values():
        for metric in metrics:
            assert re.fullmatch(r"[A-Z0-9].*\.", metric.meaning), metric.name
            assert metric.unit, metric.name
            assert all(label.told or label.values for label in metric.labels), metric.name


@pytest.mark.parametrize("unit", ["seconds", "bytes", "megapixels", "pixels"])
def test_names_end_in_their_units(maker: ModuleType, unit: str) -> None:
    for metrics in maker.declared().values():
        for metric in metrics:
            ends = re.search(rf"_{unit}(_total)?$", metric.name) is not None
            assert ends == (metric.unit == unit), metric.name


def test_no_two_metrics_have_one_name(maker: ModuleType) -> None:
    names = [metric.name for metrics in maker.declared().values() for metric in metrics]

    assert len(names) == len(set(names))


def test_every_status_of_a_call_is_there_from_the_start(maker: ModuleType) -> None:
    codes = maker.values()["mattebox_segmenter_calls_total", "code"]

    assert {code_name(status_pb2.Status(code=code)) for code in STATUS_CODES.values()} < codes
