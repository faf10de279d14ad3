import io
import json
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from gateway.accounts.caller import Account, Caller, RateLimits
from gateway.accounts.keys import Mode
from gateway.metrics import GatewayMetrics
from gateway.recorder import Recorder
from gateway.request_state import FinishedRequest, Outcome
from telemetry.logs import open_log
from telemetry.tracing import NO_SPAN


def caller_of(mode: Mode) -> Caller:
    account = Account(account_id=1, email="a@example.org", plan="standard", suspended=False)
    return Caller("key", mode, "tok_fp_0", account, RateLimits(None, None))


def finished(
    route: str,
    outcome: Outcome,
    *,
    caller: Caller | None = None,
    served_pixels: int | None = None,
) -> FinishedRequest:
    return FinishedRequest(
        request_id="r",
        caller=caller,
        dialect="v2",
        method="POST",
        route=route,
        status=200,
        outcome=outcome,
        bytes_in=1,
        bytes_out=2,
        duration_s=1.23456,
        served_pixels=served_pixels,
    )


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
    labels = {
        "dialect": "v2",
        "route": route,
        "method": "POST",
        "status": "200",
        "code": outcome.code,
    }
    assert registry.get_sample_value("mattebox_gateway_requests_total", labels) == 1


def test_the_line_tells_everything_but_what_is_not_known() -> None:
    line, _ = _recorded("/v2", Outcome("timeout", "segmenter", "DEADLINE_EXCEEDED"))

    assert "key_fingerprint" not in line
    assert (line["origin"], line["detail"]) == ("segmenter", "DEADLINE_EXCEEDED")
    assert (line["bytes_in"], line["bytes_out"], line["duration_ms"]) == (1, 2, 1234.6)


@pytest.mark.parametrize(
    ("caller", "served_pixels", "metered"),
    [
        (caller_of("live"), 12, [("key", 12)]),
        (caller_of("live"), None, []),
        (caller_of("admin"), 12, []),
        (caller_of("synthetic"), 12, []),
        (None, None, []),
    ],
)
def test_delivered_pictures_of_live_keys_are_metered(
    caller: Caller | None, served_pixels: int | None, metered: list[tuple[str, int]]
) -> None:
    used: list[tuple[str, int]] = []
    registry = CollectorRegistry()
    recorder = Recorder(
        open_log("info", "json", io.StringIO()),
        GatewayMetrics(registry),
        lambda key_id, pixels: used.append((key_id, pixels)),
        (),
    )

    recorder.record(finished("/v2", Outcome(), caller=caller, served_pixels=served_pixels), NO_SPAN)

    assert used == metered
    assert registry.get_sample_value("mattebox_gateway_pixels_total") == (served_pixels or 0)


def test_a_picture_is_metered_even_where_it_cannot_be_told_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    used: list[tuple[str, int]] = []
    metrics = GatewayMetrics(CollectorRegistry())
    monkeypatch.setattr(metrics, "requests", None)
    recorder = Recorder(
        open_log("info", "json", io.StringIO()),
        metrics,
        lambda key_id, pixels: used.append((key_id, pixels)),
        (),
    )

    with pytest.raises(AttributeError):
        recorder.record(
            finished("/v2", Outcome(), caller=caller_of("live"), served_pixels=12), NO_SPAN
        )

    assert used == [("key", 12)]


def _recorded(route: str, outcome: Outcome) -> tuple[dict[str, Any], CollectorRegistry]:
    stream, registry = io.StringIO(), CollectorRegistry()
    log = open_log("debug", "json", stream)
    recorder = Recorder(log, GatewayMetrics(registry), _no_usage, {"/health"})
    recorder.record(finished(route, outcome), NO_SPAN)
    (line,) = stream.getvalue().splitlines()
    return json.loads(line), registry


def _no_usage(_key_id: str, _pixels: int) -> None:
    raise AssertionError("nothing was delivered")
