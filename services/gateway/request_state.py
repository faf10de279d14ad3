"""What the steps of one request hand on beside their arguments, under typed keys."""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Literal

from aiohttp import web

from gateway.accounts.authentication import Caller


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
    key_fingerprint: str | None
    method: str
    route: str
    status: int
    outcome: Outcome
    bytes_in: int
    bytes_out: int
    duration_s: float


REQUEST_ID = web.RequestKey("request_id", str)
CALLER = web.RequestKey("caller", Caller)
OUTCOME = web.RequestKey("outcome", Outcome)
HELD = web.RequestKey("held", ExitStack)
"""What a request holds until its answer has been delivered."""
