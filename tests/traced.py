"""Tracing that is on in a test's own process, and sends to a collector of the test's."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import StringIO

import pytest

from telemetry.logs import open_log
from telemetry.tracing import Tracer, open_tracing
from tests.otlp import Collector

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
OTHER_TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT_ID = "b7ad6b7169203331"


def traceparent(trace_id: str = TRACE_ID, *, sampled: bool = True) -> str:
    """The header of a caller whose span is ``PARENT_ID``."""
    return f"00-{trace_id}-{PARENT_ID}-{int(sampled):02x}"


def variables(collector: Collector, protocol: str = "http/protobuf") -> dict[str, str]:
    """What an operator sets for spans to come there soon."""
    return {
        "OTEL_TRACES_EXPORTER": "otlp",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
        "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
        "OTEL_BSP_SCHEDULE_DELAY": "100",
    }


@contextmanager
def traced(
    monkeypatch: pytest.MonkeyPatch, env: Mapping[str, str], log: StringIO | None = None
) -> Iterator[Tracer]:
    """Traces inside the context as the variables say; all has been sent at its end."""
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    with open_tracing("tested", open_log("debug", "json", log or StringIO())) as tracer:
        yield tracer
