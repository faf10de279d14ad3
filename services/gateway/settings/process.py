"""What every process has: metrics and a log."""

from environment import Section
from gateway.settings.fields import Port
from telemetry.logs import LogFormat, LogLevel


class MetricsSettings(Section):
    """The port of metrics and probes."""

    host: str = "127.0.0.1"
    """Address to serve metrics and probes on."""

    port: Port = 9090
    """Port to serve metrics and probes on. 0 takes a free one, which the log tells."""


class LogSettings(Section):
    """The log, on standard error."""

    level: LogLevel = "info"
    """Least important events that are written."""

    format: LogFormat = "auto"
    """`json` for machines, `console` for people, with colours on a terminal unless NO_COLOR is set;
    `auto` is `console` on a terminal and `json` elsewhere."""
