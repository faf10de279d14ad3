"""What the steps of one request hand on beside their arguments, under typed keys."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from aiohttp import web

from gateway.accounts.caller import Caller
from gateway.accounts.rate_limits import RateState
from telemetry.tracing import Span

CLIENT_CLOSED = 499
"""Never sent; what log and metrics say of a client that left."""


class Stage(StrEnum):
    """The stages of a picture that are the gateway's own."""

    UPLOAD = "upload"
    """Its body is read."""
    SEGMENTER = "segmenter"
    """From its being sent to a segmenter until it is finished there."""
    DELIVERY = "delivery"
    """The answer is sent to the client."""


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What the log tells of a finished picture, and of the one that was sent."""

    input_width_px: int
    input_height_px: int
    width_px: int
    height_px: int
    format: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a request ended, who ended it if it failed, and what only the log may say of that."""

    code: str = "ok"
    origin: Literal["client", "gateway", "segmenter"] | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class FinishedRequest:
    """What is logged and counted of a request. ``route`` is the template, never the path."""

    request_id: str
    caller: Caller | None
    dialect: str
    method: str
    route: str
    status: int
    outcome: Outcome
    bytes_in: int
    bytes_out: int
    duration_s: float
    served_pixels: int | None = None
    """Pixels of the picture that was delivered, if one was."""
    picture: PictureFacts | None = None
    """The finished picture, delivered or not."""
    stages_s: Mapping[str, float] = field(default_factory=dict)
    """Seconds of the stages of `Stage` that it came to, and of those in the segmenter."""


Record = Callable[[FinishedRequest, Span], None]
"""Records a request, whose span is told of it, too."""

REQUEST_ID = web.RequestKey("request_id", str)
TRACE_ID: web.RequestKey[str | None] = web.RequestKey("trace_id", str)
CALLER = web.RequestKey("caller", Caller)
RATE: web.RequestKey[RateState | None] = web.RequestKey("rate", RateState)
SERVED_PIXELS = web.RequestKey("served_pixels", int)
OUTCOME = web.RequestKey("outcome", Outcome)
PICTURE = web.RequestKey("picture", PictureFacts)
STAGES_S: web.RequestKey[dict[str, float]] = web.RequestKey("stages_s", dict)
HELD = web.RequestKey("held", ExitStack)
"""What a request holds until its answer has been delivered."""


def note_stages(request: web.Request, stages_s: Mapping[str, float]) -> None:
    """Notes the seconds of stages."""
    request[STAGES_S] = request.get(STAGES_S, {}) | dict(stages_s)


@contextmanager
def measured(request: web.Request, stage: Stage) -> Iterator[None]:
    """Notes how long the block takes."""
    started_s = time.monotonic()
    try:
        yield
    finally:
        note_stages(request, {stage.value: time.monotonic() - started_s})
