"""The table of what is answered where, and the answers to everything else."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import NoReturn

from aiohttp import web

from gateway.bodies.arrival import defer_continue
from gateway.contracts.v2.account import AccountPage
from gateway.contracts.v2.handlers import V2
from gateway.errors import MethodNotAllowedError, NotFoundError
from gateway.health import Health
from gateway.reference.handlers import Reference

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_ANY_METHOD = "*"
_ANY_PATH = "/{path:.*}"


@dataclass(frozen=True, slots=True)
class Route:
    """A handler's place. GET brings HEAD with it; a trailing slash is accepted."""

    path: str
    method: str
    handler: Handler
    is_probe: bool = False


def routes(v2: V2, account: AccountPage, health: Health, reference: Reference) -> list[Route]:
    """All routes, those of one path together."""
    return [
        Route("/", "GET", health.end_to_end, is_probe=True),
        Route("/health", "GET", health.end_to_end, is_probe=True),
        Route("/docs", "GET", reference.page),
        Route("/openapi.json", "GET", reference.openapi),
        Route("/v2", "POST", v2.remove_background),
        Route("/v2/account", "GET", account.account),
        Route("/v2/health", "GET", health.end_to_end, is_probe=True),
        Route("/v2/health/live", "GET", health.live, is_probe=True),
        Route("/v2/health/ready", "GET", health.ready, is_probe=True),
    ]


def add_routes(app: web.Application, table: Iterable[Route]) -> None:
    """Adds ``table`` to ``app``, and what answers 404 and 405.

    Each path and each method has a handler in the end, so that no answer is the framework's own.
    """
    for path, group in groupby(table, key=attrgetter("path")):
        handlers = {route.method: route.handler for route in group}
        if "GET" in handlers:
            handlers["HEAD"] = handlers["GET"]
        handlers[_ANY_METHOD] = _refuse_method(", ".join(sorted(handlers)))
        for spelling in {path, f"{path.rstrip('/')}/"}:
            _add(app, spelling, handlers)
    _add(app, _ANY_PATH, {_ANY_METHOD: _refuse_path})


def route_template(request: web.Request) -> str:
    """The path in the table that ``request`` was sent to, or ``unknown``."""
    resource = request.match_info.route.resource
    if resource is None or resource.canonical == "/{path}":
        return "unknown"
    return resource.canonical.rstrip("/") or "/"


def _add(app: web.Application, path: str, handlers: dict[str, Handler]) -> None:
    resource = app.router.add_resource(path)
    for method, handler in handlers.items():
        resource.add_route(method, handler, expect_handler=defer_continue)


def _refuse_method(allowed: str) -> Handler:
    async def refuse(_request: web.Request) -> NoReturn:
        raise MethodNotAllowedError(allowed)

    return refuse


async def _refuse_path(_request: web.Request) -> NoReturn:
    raise NotFoundError
