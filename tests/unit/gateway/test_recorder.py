import io
import json
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from gateway.metrics import GatewayMetrics
from gateway.recorder import Recorder
from gateway.request_state import FinishedRequest, Outcome
from telemetry.logs import open_log


@pytest.mark.parametrize(
    ("route", "outcome", "level"),
    [
        ("/v2", Outcome(), "info"),
        ("/health", Outcome(), "debug"),
        ("/health", Outcome("client_closed", "client"), "info"),
    ],
)
def test_a_request_is_one_line_and_one_count(route: str, outcome: Outcome, level: str) -> None:
    line, registry = _recorded(route, outcome)

    assert (line["event"], line["level"], line["code"]) == ("request", level, outcome.code)
    assert "dropped_fields" not in line
    labels = {"route": route, "method": "POST", "status": "200", "code": outcome.code}
    assert registry.get_sample_value("mattebox_gateway_requests_total", labels) == 1


def test_the_line_tells_everything_but_what_is_not_known() -> None:
    line, _ = _recorded("/v2", Outcome("timeout", "segmenter", "DEADLINE_EXCEEDED"))

    assert "key_fingerprint" not in line
    assert (line["origin"], line["detail"]) == ("segmenter", "DEADLINE_EXCEEDED")
    assert (line["bytes_in"], line["bytes_out"], line["duration_ms"]) == (1, 2, 1234.6)


def _recorded(route: str, outcome: Outcome) -> tuple[dict[str, Any], CollectorRegistry]:
    stream, registry = io.StringIO(), CollectorRegistry()
    metrics = GatewayMetrics(registry, reserved_bytes=lambda: 0)
    Recorder(open_log("debug", "json", stream), metrics, {"/health"}).record(
        FinishedRequest(
            request_id="r",
            key_fingerprint=None,
            method="POST",
            route=route,
            status=200,
            outcome=outcome,
            bytes_in=1,
            bytes_out=2,
            duration_s=1.23456,
        )
    )
    (line,) = stream.getvalue().splitlines()
    return json.loads(line), registry
