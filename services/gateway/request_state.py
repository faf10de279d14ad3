"""What the steps of one request hand on beside their arguments, under typed keys."""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Literal

from aiohttp import web

from gateway.accounts.caller import Caller
from gateway.accounts.rate_limits import RateState


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


REQUEST_ID = web.RequestKey("request_id", str)
CALLER = web.RequestKey("caller", Caller)
RATE: web.RequestKey[RateState | None] = web.RequestKey("rate", RateState)
SERVED_PIXELS = web.RequestKey("served_pixels", int)
OUTCOME = web.RequestKey("outcome", Outcome)
HELD = web.RequestKey("held", ExitStack)
"""What a request holds until its answer has been delivered."""
