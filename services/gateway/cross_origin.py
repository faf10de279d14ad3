"""What browsers are told of which pages may call this service (CORS). Without origins, nothing."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from aiohttp import hdrs, web
from aiohttp.typedefs import Middleware

from gateway.contracts.dialect import Handler
from gateway.dialects import Dialects
from gateway.errors import MethodNotAllowedError
from gateway.origins import ANY_ORIGIN

_ASKED_FOR = ("authorization", "content-type", "x-api-key", "x-request-id")
_TOLD = (
    "Allow",
    "Retry-After",
    "Server-Timing",
    "WWW-Authenticate",
    "X-Foreground-Found",
    "X-Height",
    "X-Ignored-Fields",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-Request-Id",
    "X-Width",
)
# As long as any browser keeps it. A page that is no longer allowed may ask, and not read.
_KEPT_S = 7200


class CrossOrigin:
    """Knows the ``origins`` whose pages may call, or ``*`` for all, and the headers of dialects.

    Credentials of the browser's own are never asked for: keys are sent by the pages themselves.
    """

    def __init__(self, origins: Sequence[str], dialects: Dialects) -> None:
        self._origins = frozenset(origins)
        self._dialects = dialects

    def headers(self, request: web.BaseRequest) -> Mapping[str, str]:
        """The headers that the answer to ``request`` has for the browser, whatever it is."""
        if not self._origins:
            return {}
        headers: dict[str, str] = {}
        if ANY_ORIGIN in self._origins:
            headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = ANY_ORIGIN
        else:
            headers[hdrs.VARY] = hdrs.ORIGIN
            if self._allows(request):
                headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = request.headers[hdrs.ORIGIN]
        if hdrs.ACCESS_CONTROL_ALLOW_ORIGIN in headers:
            told = (*_TOLD, *self._dialects.of(request).told_headers)
            headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = ", ".join(told)
        return headers

    def answer_preflights(self) -> Middleware:
        """Makes the middleware that answers what browsers ask before they send a request.

        No key is needed for it, and nothing is counted.
        """

        @web.middleware
        async def answer_preflight(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                return await handler(request)
            except MethodNotAllowedError as refusal:
                if not (_is_preflight(request) and self._allows(request)):
                    raise
                asked_for = (*_ASKED_FOR, *self._dialects.of(request).asked_headers)
                return web.Response(
                    status=HTTPStatus.NO_CONTENT,
                    headers={
                        hdrs.ACCESS_CONTROL_ALLOW_METHODS: refusal.headers[hdrs.ALLOW],
                        hdrs.ACCESS_CONTROL_ALLOW_HEADERS: ", ".join(asked_for),
                        hdrs.ACCESS_CONTROL_MAX_AGE: str(_KEPT_S),
                    },
                )

        return answer_preflight

    def _allows(self, request: web.BaseRequest) -> bool:
        return not self._origins.isdisjoint({ANY_ORIGIN, request.headers.get(hdrs.ORIGIN)})


def _is_preflight(request: web.Request) -> bool:
    return (
        request.method == hdrs.METH_OPTIONS
        and hdrs.ORIGIN in request.headers
        and hdrs.ACCESS_CONTROL_REQUEST_METHOD in request.headers
    )
