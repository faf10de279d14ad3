"""``POST /tools/1.0/removebg``, the URLs of its results, and ``GET /tools/1.0/balance``."""

import re
import time
from http import HTTPStatus

from aiohttp import hdrs, web

from gateway.contracts import answering
from gateway.contracts.dialect import Dialect, Route
from gateway.contracts.picsart import envelope
from gateway.contracts.picsart.options import NAMES, VOCABULARY, read_asked
from gateway.delivery import PiecesResponse
from gateway.errors import ApiError, NotFoundError
from gateway.options.cut_out import CONTENT_TYPES, OutputFormat
from gateway.pictures import Slot
from gateway.request_state import HELD, RATE, REQUEST_ID
from gateway.results import Result
from gateway.workshop import Workshop

_KEY_HEADER = "X-Picsart-API-Key"

# Pages of any origin may show a result, as they do those of the upstream. No cache keeps it: it is
# gone when its time is over.
_OF_RESULTS = {
    hdrs.CACHE_CONTROL: "private, no-store",
    "Cross-Origin-Resource-Policy": "cross-origin",
}

_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
"""A name or an address, and a port: nothing that a URL could go on with."""


class Picsart(Dialect):
    """Answers with URLs, and with what is behind them."""

    name = "picsart"
    trees = ("/tools/1.0", "/results")
    asked_headers = (_KEY_HEADER.lower(),)
    told_headers = (
        "X-Picsart-Ratelimit-Limit",
        "X-Picsart-Ratelimit-Available",
        "X-Picsart-Ratelimit-Reset-Time",
        "X-Picsart-Credit-Available",
        "X-Picsart-Correlation-Id",
    )

    def __init__(self, workshop: Workshop) -> None:
        settings = workshop.settings
        self._workshop = workshop
        self._cut_outs = workshop.cut_outs(VOCABULARY, _KEY_HEADER, settings.picsart_mb)
        self._results = workshop.results
        self._credits = settings.credits
        self._public_url = settings.public_url

    def routes(self) -> list[Route]:
        """See `Dialect.routes`."""
        return [
            Route("/tools/1.0/removebg", "POST", self.remove_background),
            Route("/tools/1.0/balance", "GET", self.balance),
            Route("/results/{name}", "GET", self.result),
        ]

    def render_error(
        self, error: ApiError, request: web.BaseRequest | None, answered_id: str
    ) -> web.Response:
        """See `Dialect.render_error`."""
        response = envelope.render_error(error)
        # A request whose key was refused, or that cannot be read, has no rate of its own.
        rate = (request.get(RATE) if request is not None else None) or error.headers
        response.headers.update(self._standing(rate, answered_id))
        return response

    def complete(self, request: web.Request, response: web.StreamResponse) -> None:
        """See `Dialect.complete`. The native rate headers are not Picsart's."""
        for name, value in self._standing(request.get(RATE), request[REQUEST_ID]).items():
            response.headers.setdefault(name, value)

    async def remove_background(self, request: web.Request) -> web.Response:
        """Answers with the URL of the cut-out, which can be fetched by then."""
        received = await self._cut_outs.receive(request)
        submission = received.submission
        asked = read_asked(submission.fields, has_background=submission.has(Slot.BACKGROUND))
        holder = received.caller.fingerprint
        await self._results.expect(holder)
        made = await self._cut_outs.make(request, received, asked.options)
        extension = made.output_format.value
        name = await self._results.keep(holder, extension, made.image_bytes, made.chunks)
        ignored = [
            *submission.fields.names_beyond(NAMES),
            *asked.ignored,
            *submission.ignored_query,
        ]
        data = {
            "id": name.removesuffix(f".{extension}"),
            "url": f"{self._public_url or _origin(request)}/results/{name}",
        }
        return web.json_response(
            {"status": "success", "data": data}, headers=answering.facts(made, ignored)
        )

    async def result(self, request: web.Request) -> web.StreamResponse:
        """Answers with the cut-out of that name, whoever asks for it."""
        name = request.match_info["name"]
        result = await self._results.find(name)
        if result is None:
            raise NotFoundError("There is no such result, or no longer.")
        request[HELD].callback(result.close)
        content_type = CONTENT_TYPES[OutputFormat(name.rpartition(".")[2])]
        if request.method == hdrs.METH_HEAD:
            return _head(result, content_type)
        return PiecesResponse(
            result.pieces,
            size_bytes=result.size_bytes,
            content_type=content_type,
            headers=_OF_RESULTS,
        )

    async def balance(self, request: web.Request) -> web.Response:
        """Answers with the credits, of which none are ever used up."""
        await self._workshop.admit(request, _KEY_HEADER)
        return web.json_response({"credits": self._credits})

    def _standing(self, rate: envelope.Rate, answered_id: str) -> dict[str, str]:
        return envelope.standing(rate, self._credits, answered_id, time.time())


def _head(result: Result, content_type: str) -> web.Response:
    headers = {**_OF_RESULTS, hdrs.CONTENT_LENGTH: str(result.size_bytes)}
    return web.Response(status=HTTPStatus.OK, content_type=content_type, headers=headers)


def _origin(request: web.Request) -> str:
    """Where the client has reached this service, as far as the request tells."""
    host = request.headers.get(hdrs.HOST, "")
    if not _HOST.fullmatch(host) and request.transport is not None:
        address, port, *_ = request.transport.get_extra_info("sockname")
        host = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    return f"{request.scheme}://{host}"
