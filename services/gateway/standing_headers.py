"""The headers that every answer has, whatever it is and whoever words it."""

from aiohttp import hdrs, web

from gateway.cross_origin import CrossOrigin
from telemetry import request_id

# None of it is a page, and no page shows any of it as its own. Where an answer is a page it says
# so itself, and what it says holds.
_HEADERS = {
    hdrs.CACHE_CONTROL: "no-store",
    hdrs.CONTENT_SECURITY_POLICY: "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    hdrs.REFERRER_POLICY: "no-referrer",
    hdrs.SERVER: "mattebox",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class StandingHeaders:
    """Adds them, with what ``cross_origin`` has for browsers."""

    def __init__(self, cross_origin: CrossOrigin) -> None:
        self._cross_origin = cross_origin

    def add(
        self, response: web.StreamResponse, request: web.BaseRequest | None, answered_id: str
    ) -> None:
        """Completes the answer to ``request``, or to a connection of which none is read."""
        response.headers[request_id.HEADER] = answered_id
        of_origin = {} if request is None else self._cross_origin.headers(request)
        for name, value in (_HEADERS | dict(of_origin)).items():
            if name == hdrs.VARY and name in response.headers:
                response.headers[name] += f", {value}"
            response.headers.setdefault(name, value)
