"""``POST /v1/segment``, ``GET /v1/account``, and ``GET /v2/account`` for Photoroom's host."""

from aiohttp import web

from gateway.contracts import answering
from gateway.contracts.answering import PICTURE
from gateway.contracts.dialect import Dialect, Route, is_at
from gateway.contracts.photoroom import envelope
from gateway.contracts.photoroom.options import VOCABULARY, read_options
from gateway.cut_out import CutOut
from gateway.delivery import PiecesResponse, base64_bytes
from gateway.errors import ApiError
from gateway.options.cut_out import NAMES
from gateway.workshop import Workshop

_KEY_HEADER = "X-Api-Key"
_HOST = "image-api.photoroom.com"

_ACCOUNT = "/v1/account"
_HOSTS_ACCOUNT = "/v2/account"


class Photoroom(Dialect):
    """Answers as Photoroom's basic endpoint; its editing calls are not spoken."""

    name = "photoroom"
    trees = ("/v1",)
    told_headers = ("X-Uncertainty-Score",)

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._credits = workshop.settings.credits
        self._has_host = workshop.settings.photoroom_host
        self._cut_outs = workshop.cut_outs(VOCABULARY, _KEY_HEADER, workshop.settings.photoroom_mb)

    def routes(self) -> list[Route]:
        """See `Dialect.routes`."""
        own = [Route("/v1/segment", "POST", self.segment), Route(_ACCOUNT, "GET", self.account)]
        if self._has_host:
            own.append(Route(_HOSTS_ACCOUNT, "GET", self.account_of_host, claims=self.claims))
        return own

    def claims(self, request: web.BaseRequest) -> bool:
        """See `Dialect.claims`."""
        return self._has_host and is_at(request, _HOSTS_ACCOUNT) and _host(request) == _HOST

    def render_error(
        self,
        error: ApiError,
        request: web.BaseRequest | None,
        answered_id: str,  # noqa: ARG002 - it stands in no body here
    ) -> web.Response:
        """See `Dialect.render_error`."""
        if is_at(request, _ACCOUNT) or (request is not None and self.claims(request)):
            return envelope.render_account_error(error)
        return envelope.render_error(error)

    async def segment(self, request: web.Request) -> PiecesResponse:
        """Answers with the cut-out, as a file, or as JSON where nothing else is accepted."""
        received = await self._cut_outs.receive(request)
        submission = received.submission
        options = read_options(submission.fields)
        made = await self._cut_outs.make(request, received, options)
        ignored = submission.names_beyond(NAMES)
        headers = answering.facts(made, ignored) | _uncertainty(made)
        if not answering.wants_json(answering.accept(request)):
            return answering.as_bytes(made, headers)
        # It stands in the answer twice, and comes once.
        received.held.grow(base64_bytes(made.image_bytes))
        return answering.as_json(made, {"base64img": PICTURE, "result_b64": PICTURE}, headers)

    async def account(self, request: web.Request) -> web.Response:
        """Tells of credits, which are never used up."""
        await self._workshop.admit(request, _KEY_HEADER)
        return web.json_response({"credits": self._balance()})

    async def account_of_host(self, request: web.Request) -> web.Response:
        """Tells the same in the words of the version that its path names."""
        caller = await self._workshop.admit(request, _KEY_HEADER)
        return web.json_response({"images": self._balance(), "plan": caller.account.plan})

    def _balance(self) -> dict[str, int]:
        return {"available": self._credits, "subscription": self._credits}


def _uncertainty(made: CutOut) -> dict[str, str]:
    return {"X-Uncertainty-Score": f"{made.uncertainty:.4f}"}


def _host(request: web.BaseRequest) -> str:
    return request.host.partition(":")[0].lower()
