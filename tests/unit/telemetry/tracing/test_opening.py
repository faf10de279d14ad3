"""Turning tracing on by OpenTelemetry's variables."""

import sys
from io import StringIO

import pytest

from telemetry.logs import open_log
from telemetry.tracing import OFF, TracingError, open_tracing
from telemetry.tracing.opening import exporter_names

ON = {"OTEL_TRACES_EXPORTER": "otlp"}


@pytest.mark.parametrize(
    ("env", "names"),
    [
        ({}, ()),
        ({"OTEL_TRACES_EXPORTER": ""}, ()),
        ({"OTEL_TRACES_EXPORTER": "none"}, ()),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, ("otlp",)),
        ({"OTEL_TRACES_EXPORTER": " Console , otlp,otlp"}, ("console", "otlp")),
        ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_SDK_DISABLED": "True"}, ()),
        ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_SDK_DISABLED": "false"}, ("otlp",)),
        # What only says where to send to asks for nothing.
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, ()),
    ],
)
def test_only_the_exporters_turn_tracing_on(env: dict[str, str], names: tuple[str, ...]) -> None:
    assert exporter_names(env) == names


def refusal(monkeypatch: pytest.MonkeyPatch, env: dict[str, str]) -> str:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    log = open_log("info", "json", StringIO())
    with pytest.raises(TracingError) as refused, open_tracing("tested", log):
        raise AssertionError
    return str(refused.value)


def test_unless_it_is_asked_for_nothing_is_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTEL_TRACES_EXPORTER", raising=False)
    with open_tracing("tested", open_log("info", "json", StringIO())) as tracer:
        assert tracer is OFF


def test_what_cannot_be_sent_to_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    told = refusal(monkeypatch, {"OTEL_TRACES_EXPORTER": "otlp,jaeger"})

    assert told == "OTEL_TRACES_EXPORTER is none of: otlp, console, none."


@pytest.mark.parametrize(
    "missing", ["opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http"]
)
def test_without_the_libraries_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.delitem(sys.modules, "telemetry.tracing.sdk", raising=False)
    monkeypatch.delattr("telemetry.tracing.sdk", raising=False)
    monkeypatch.setitem(sys.modules, missing, None)

    assert refusal(monkeypatch, ON) == (
        "OTEL_TRACES_EXPORTER demands traces, for which OpenTelemetry is not installed; "
        "`pip install 'mattebox[tracing]'`."
    )


@pytest.mark.parametrize(
    ("env", "told"),
    [
        (
            {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"},
            "OTEL_EXPORTER_OTLP_PROTOCOL is none of: grpc, http/protobuf.",
        ),
        (
            {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_TIMEOUT": "s3cret"},
            "The variables OTEL_* cannot be made use of: ValueError.",
        ),
        (
            {"OTEL_BSP_MAX_QUEUE_SIZE": "-7"},
            "The variables OTEL_* cannot be made use of: ValueError.",
        ),
    ],
)
def test_variables_that_make_no_sense_are_named_and_not_quoted(
    monkeypatch: pytest.MonkeyPatch, env: dict[str, str], told: str
) -> None:
    assert refusal(monkeypatch, ON | env) == told
