"""The table of what is answered where, and the answers to everything else."""

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from operator import attrgetter
from typing import NoReturn

from aiohttp import web

from gateway.bodies.arrival import defer_continue
from gateway.contracts.clipdrop.handlers import Clipdrop
from gateway.contracts.dialect import Dialect, Handler, Route
from gateway.contracts.photoroom.handlers import Photoroom
from gateway.contracts.picsart.handlers import Picsart
from gateway.contracts.rembg import Rembg
from gateway.contracts.removebg.errors import NotAvailableError, UnknownForegroundError
from gateway.contracts.removebg.handlers import RemoveBg
from gateway.contracts.slazzer.handlers import Slazzer
from gateway.dialects import Dialects
from gateway.errors import ApiError, MethodNotAllowedError, NotFoundError
from gateway.health import Health
from gateway.playground.handlers import Playground
from gateway.reference.handlers import Reference
from gateway.settings import DialectName
from gateway.workshop import Workshop

DIALECTS: Mapping[DialectName, Callable[[Workshop], Dialect]] = {
    "removebg": RemoveBg,
    "photoroom": Photoroom,
    "clipdrop": Clipdrop,
    "slazzer": Slazzer,
    "picsart": Picsart,
    "rembg": Rembg,
}
"""The dialects beside the native one, by the names that the settings have for them."""

_OWN_ERRORS: Mapping[DialectName, tuple[type[ApiError], ...]] = {
    "removebg": (NotAvailableError, UnknownForegroundError),
}
"""What single dialects add to the errors of all."""

UNKNOWN = "unknown"
"""What stands for all paths that are in no table."""

_ANY_METHOD = "*"
_ANY_PATH = "/{path:.*}"


def routes(
    dialects: Dialects, health: Health, reference: Reference, playground: Playground | None = None
) -> list[Route]:
    """All routes, those of one path together."""
    own = [
        Route("/", "GET", health.end_to_end, is_probe=True),
        Route("/health", "GET", health.end_to_end, is_probe=True),
        Route("/docs", "GET", reference.page),
        Route("/openapi.json", "GET", reference.openapi),
        Route("/v2/health", "GET", health.end_to_end, is_probe=True),
        Route("/v2/health/live", "GET", health.live, is_probe=True),
        Route("/v2/health/ready", "GET", health.ready, is_probe=True),
    ]
    pages = [] if playground is None else playground.routes()
    return sorted([*own, *pages, *dialects.routes()], key=attrgetter("path"))


def own_codes(enabled: Iterable[DialectName]) -> set[str]:
    """The codes of the errors that these dialects alone have."""
    return {kind.code for name in enabled for kind in _OWN_ERRORS.get(name, ())}


def add_routes(app: web.Application, table: Iterable[Route]) -> None:
    """Adds ``table`` to ``app``, and what answers 404 and 405.

    Each path and each method has a handler in the end, so that no answer is the framework's own.
    """
    for path, group in groupby(table, key=attrgetter("path")):
        handlers = _by_method(group)
        if "GET" in handlers:
            handlers["HEAD"] = handlers["GET"]
        handlers[_ANY_METHOD] = _refuse_method(", ".join(sorted(handlers)))
        for spelling in {path, f"{path.rstrip('/')}/"}:
            _add(app, spelling, handlers)
    _add(app, _ANY_PATH, {_ANY_METHOD: _refuse_path})


def route_template(request: web.Request) -> str:
    """The path in the table that ``request`` was sent to, or ``UNKNOWN``."""
    resource = request.match_info.route.resource
    if resource is None or resource.canonical == "/{path}":
        return UNKNOWN
    return resource.canonical.rstrip("/") or "/"


def _by_method(table: Iterable[Route]) -> dict[str, Handler]:
    """The handlers of one path. Those for some requests come before those for all."""
    handlers: dict[str, Handler] = {}
    for route in sorted(table, key=lambda route: route.claims is not None):
        handler = route.handler
        if route.claims is not None:
            handler = _either(route.claims, handler, handlers[route.method])
        handlers[route.method] = handler
    return handlers


def _either(
    claims: Callable[[web.BaseRequest], bool], handler: Handler, otherwise: Handler
) -> Handler:
    async def choose(request: web.Request) -> web.StreamResponse:
        chosen = handler if claims(request) else otherwise
        return await chosen(request)

    return choose


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
