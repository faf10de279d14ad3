"""The process itself: its metrics, its log, and its memory."""

from environment import Section
from segmenter.settings.fields import Port, Positive
from telemetry.logs import LogFormat, LogLevel


class MetricsSettings(Section):
    """Metrics and probes over HTTP."""

    host: str = "127.0.0.1"
    """Address it listens on."""

    port: Port = 9091
    """Port of /metrics, /live and /ready."""


class LogSettings(Section):
    """The log, on standard error."""

    level: LogLevel = "info"
    """Lines below this level are left out."""

    format: LogFormat = "auto"
    """`json` for machines, `console` for people, with colours on a terminal unless NO_COLOR is set;
    `auto` is `console` on a terminal and `json` elsewhere."""


class MemorySettings(Section):
    """What is given back to the system after a burst."""

    keep_mb: Positive = 512
    """Above so many megabytes of resident memory, what is free is given back as soon as work
    pauses; below, after ten seconds without any."""
