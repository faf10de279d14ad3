"""A whole service as operators start it, with tracing on, and a client that has a trace."""

import io
import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image

from tests.otlp import Collector, Received
from tests.running_service import RunningService
from tests.traced import PARENT_ID, traceparent

GATEWAY, SEGMENTER = "mattebox-gateway", "mattebox-segmenter"
METHOD = "mattebox.segmenter.v1.SegmenterService/RemoveBackgroundChunked"
_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Traced:
    """A running service, and where its spans come to."""

    running: RunningService
    collector: Collector

    def ask(
        self, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, str]:
        """Sends a request as part of a new trace; gives the status and the trace."""
        trace_id = secrets.token_hex(16)
        said = {"traceparent": traceparent(trace_id), **(headers or {})}
        return self.send(path, body, said), trace_id

    def send(self, path: str, body: bytes | None, headers: Mapping[str, str]) -> int:
        """Sends a request with such headers; gives the status."""
        url = self.running.facts["http"] + path
        request = urllib.request.Request(url, body, dict(headers))
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE_S) as answer:
                answer.read()
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    def cut_out(self, **headers: str) -> tuple[int, str]:
        """Has a picture cut out, as part of a new trace; gives the status and the trace."""
        return self.ask("/v2", picture(), {"Content-Type": "image/png", **self.key, **headers})

    @property
    def key(self) -> dict[str, str]:
        """The header of the key."""
        return {"x-api-key": self.running.facts["api_key"]}

    def whole(self, trace_id: str) -> Sequence[Received]:
        """A trace as soon as the gateway has told the end of it, its servers having told theirs."""
        self.collector.until(lambda spans: _is_whole([s for s in spans if s.trace_id == trace_id]))
        return self.collector.trace(trace_id)

    def log_lines(self, event: str) -> list[dict[str, Any]]:
        """What both services have logged of an event."""
        lines = self.running.log.read_text().splitlines()
        events = [json.loads(line) for line in lines if line.startswith("{")]
        return [line for line in events if line["event"] == event]


def picture() -> bytes:
    """An encoded picture, of 0.06 megapixels."""
    buffer = io.BytesIO()
    Image.new("RGB", (300, 200), (250, 10, 10)).save(buffer, "PNG")
    return buffer.getvalue()


def answers(trace: Sequence[Received], call: Received) -> list[Received]:
    """What has been done for a call by whoever was called."""
    return [span for span in trace if span.parent_id == call.span_id]


def the_call(trace: Sequence[Received]) -> tuple[Received, Received]:
    """The one call of a segmenter for a picture, and its answer, which know each other by id."""
    (call,) = [span for span in trace if span.kind == "CLIENT" and span.name == METHOD]
    (served,) = answers(trace, call)
    assert (served.kind, served.name) == ("SERVER", METHOD)
    assert [span for span in trace if span.service == SEGMENTER and span.kind == "SERVER"] == [
        served
    ]
    return call, served


def _is_whole(trace: Sequence[Received]) -> bool:
    """Whether all have come: above each span its parent, and below each call who answered it."""
    of_gateway = [span for span in trace if span.service.endswith("-gateway")]
    calls = [span for span in of_gateway if span.kind == "CLIENT"]
    is_closed = {span.parent_id for span in trace} <= {span.span_id for span in trace} | {PARENT_ID}
    roots = [span for span in of_gateway if span.kind == "SERVER"]
    return bool(roots) and is_closed and all(answers(trace, call) for call in calls)
