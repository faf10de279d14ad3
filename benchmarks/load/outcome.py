"""What became of one request."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Outcome:
    """Times are of one monotonic clock, in seconds."""

    status: str
    """The code as text, or the name of what failed before there was one."""
    scheduled_s: float
    """When it should have been sent."""
    sent_s: float
    """When it was."""
    ended_s: float
    """When the last byte of the answer was there, or nothing more to be hoped for."""
    headed_s: float = 0.0
    """When the head of the answer was there."""
    uploaded_s: float = 0.0
    """When the request's last byte was handed to the system."""
    bytes_in: int = 0
    """Of the answer's body."""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    """Empty unless it was to be kept."""

    @property
    def latency_s(self) -> float:
        """From when it should have been sent: a stall counts for all who would have come in it."""
        return self.ended_s - self.scheduled_s

    @property
    def retry_after_s(self) -> float:
        """How long the service asks to wait before the next request; 0 where it does not."""
        text = self.headers.get("Retry-After", "")
        return float(text) if text.isdecimal() else 0.0

    @property
    def stages_s(self) -> dict[str, float]:
        """What a Mattebox says each stage took, and `total`, out of the header Server-Timing."""
        return parse_server_timing_s(self.headers["Server-Timing"])


def parse_server_timing_s(header: str) -> dict[str, float]:
    """Reads `decode;dur=12.3, infer;dur=45.6`, milliseconds, as seconds."""
    entries = (entry.strip().partition(";dur=") for entry in header.split(","))
    return {name: float(duration_ms) / 1000 for name, _, duration_ms in entries}
