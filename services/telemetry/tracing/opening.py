"""Turns tracing on where OpenTelemetry's own variables ask for it, and off in order."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from structlog.typing import FilteringBoundLogger

from telemetry.tracing.errors import TracingError
from telemetry.tracing.spans import OFF, Tracer
from telemetry.tracing_variables import EXPORTER, exporters

_EXPORTERS = ("otlp", "console")


@contextmanager
def open_tracing(service_name: str, log: FilteringBoundLogger) -> Iterator[Tracer]:
    """Gives the tracer of a process; spans that are left are sent when the context ends.

    That takes a few seconds at most, whatever is at the other end. The service has this name
    unless the variables give it another.

    Raises:
        TracingError: what the variables demand is not there, or no sense can be made of them.
    """
    names = exporter_names(os.environ)
    if not names:
        yield OFF
        return
    try:
        # Only who traces pays for it. Exporters are imported as late as that, too.
        from telemetry.tracing import sdk  # noqa: PLC0415

        tracing = sdk.opened(service_name, names, log)
    except ImportError as error:
        message = (
            f"{EXPORTER} demands traces, for which OpenTelemetry is not installed; "
            "`pip install 'mattebox[tracing]'`."
        )
        raise TracingError(message) from error
    try:
        yield tracing.tracer
    finally:
        tracing.close()


def exporter_names(env: Mapping[str, str]) -> tuple[str, ...]:
    """Where spans are sent to, by the names in OTEL_TRACES_EXPORTER; nowhere, unless it is set.

    Raises:
        TracingError: there is none of such a name.
    """
    wanted = exporters(env)
    if any(name not in _EXPORTERS for name in wanted):
        raise TracingError(f"{EXPORTER} is none of: {', '.join(_EXPORTERS)}, none.")
    return wanted
