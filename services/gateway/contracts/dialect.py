"""What a dialect is: its paths, the words of its errors, and what each of its answers has."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from aiohttp import web

from gateway.errors import ApiError
from gateway.request_state import RATE

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """A handler's place. GET brings HEAD with it; a trailing slash is accepted."""

    path: str
    method: str
    handler: Handler
    is_probe: bool = False
    claims: Callable[[web.BaseRequest], bool] | None = None
    """Where another route has the same path and method: tells which requests this one answers."""


def is_at(request: web.BaseRequest | None, path: str) -> bool:
    """Tells whether there is a request, and it was sent to ``path``, with a slash behind or not."""
    return request is not None and request.path.rstrip("/") == path


class Dialect(ABC):
    """One provider's way of asking and answering."""

    name: ClassVar[str]
    """In settings, metrics and the log."""

    trees: ClassVar[Sequence[str]] = ()
    """Paths at and below which all answers are in its words, those for unknown paths too.

    They are compared by whole segments: `/v1` has nothing of `/v1.0`.
    """

    asked_headers: ClassVar[Sequence[str]] = ()
    """Headers of its requests, beside those of /v2, that pages of other origins may send."""

    told_headers: ClassVar[Sequence[str]] = ()
    """Headers of its answers, beside those of /v2, that they may read."""

    @abstractmethod
    def routes(self) -> list[Route]:
        """What it answers, all within its trees."""

    def claims(self, request: web.BaseRequest) -> bool:  # noqa: ARG002 - for those that do
        """Tells whether a request outside of its trees is in this dialect all the same."""
        return False

    @abstractmethod
    def render_error(
        self, error: ApiError, request: web.BaseRequest | None, answered_id: str
    ) -> web.Response:
        """Words a failure. There is no request where a connection was refused before one."""

    def complete(self, request: web.Request, response: web.StreamResponse) -> None:
        """Adds what every answer to a caller has: where the key stands, unless it is told already.

        It is called for errors too, with the request at whatever point it ended.
        """
        rate = request.get(RATE)
        if rate is not None:
            for name, value in rate.headers().items():
                response.headers.setdefault(name, value)
