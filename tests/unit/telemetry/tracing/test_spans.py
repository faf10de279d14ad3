"""Spans where nothing is traced."""

import subprocess
import sys

import pytest

from telemetry.tracing import NO_SPAN, OFF, Kind, Name, current, joint, step


def test_where_nothing_is_traced_each_span_is_the_one_that_does_nothing() -> None:
    with OFF.serve("GET /", {"traceparent": "00-" + "1" * 32 + "-" + "2" * 16 + "-01"}) as span:
        assert span is current() is NO_SPAN
        with step("decode", Kind.CLIENT, {Name.MODEL: "u2netp"}) as child:
            child.tell({Name.MODEL: "u2netp"})
            child.fail("internal_error", ours=True)
            assert child is current() is NO_SPAN
        assert joint([span, child], "batch", {}) is joint([], "batch", {}) is NO_SPAN
        assert span.headers() == {}
        assert span.trace_id is None
        assert not span.is_recorded


@pytest.mark.parametrize("service", ["gateway", "segmenter"])
def test_a_service_that_does_not_trace_imports_nothing_for_it(service: str) -> None:
    program = f"""
import sys
import {service}.main
from telemetry.logs import open_log
from telemetry.tracing import open_tracing
with open_tracing("{service}", open_log("info", "json", sys.stderr)):
    print([name for name in sys.modules if name.startswith("opentelemetry")])
"""
    told = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, env={}
    )

    assert told.stdout.strip() == "[]"
