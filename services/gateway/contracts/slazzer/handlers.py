"""Slazzer's dialect: the removal, and the balance of an account."""

from aiohttp import web

from gateway.bodies.kind import BodyKind
from gateway.bodies.vocabulary import Vocabulary
from gateway.contracts import answering
from gateway.contracts.dialect import Dialect, Route, is_at
from gateway.contracts.slazzer import envelope
from gateway.contracts.slazzer.options import VOCABULARY, read_asked
from gateway.delivery import PiecesResponse
from gateway.errors import ApiError
from gateway.workshop import Workshop

_KEY_HEADER = "API-KEY"
_KEY_FIELD = "api_key"
_BALANCE = "/v2.0/account_balance"
_FORM = Vocabulary(files={}, texts={}, urls={}, kinds=frozenset(BodyKind))


class Slazzer(Dialect):
    """Answers below ``/v2.0``."""

    name = "slazzer"
    trees = ("/v2.0",)
    asked_headers = (_KEY_HEADER.lower(),)

    def __init__(self, workshop: Workshop) -> None:
        self._gate = workshop.gate
        self._credits = workshop.settings.credits
        self._cut_outs = workshop.cut_outs(VOCABULARY, _KEY_HEADER, workshop.settings.slazzer_mb)
        self._forms = workshop.forms(_FORM)

    def routes(self) -> list[Route]:
        """See `Dialect.routes`."""
        return [
            Route("/v2.0/remove_image_background", "POST", self.remove_background),
            Route(_BALANCE, "POST", self.account_balance),
        ]

    def render_error(
        self,
        error: ApiError,
        request: web.BaseRequest | None,
        answered_id: str,  # noqa: ARG002 - a header tells it
    ) -> web.Response:
        """See `Dialect.render_error`."""
        if is_at(request, _BALANCE):
            return envelope.render_account_error(error)
        return envelope.render_error(error)

    async def remove_background(self, request: web.Request) -> PiecesResponse:
        """Answers with the cut-out of the one image that the request brings or names."""
        received = await self._cut_outs.receive(request)
        submission = received.submission
        asked = read_asked(submission.fields)
        made = await self._cut_outs.make(request, received, asked.options)
        ignored = [*asked.ignored, *submission.ignored_query]
        return answering.as_bytes(made, answering.facts(made, ignored))

    async def account_balance(self, request: web.Request) -> web.Response:
        """Answers with credits that nothing is ever taken from; the key may stand in the form."""
        key = self._gate.key_in(request, _KEY_HEADER) or await self._key_in_form(request)
        await self._gate.admit(request, key)
        return web.json_response({"total_credits": self._credits})

    async def _key_in_form(self, request: web.Request) -> str | None:
        written = (await self._forms.read(request)).fields.last(_KEY_FIELD)
        return written if isinstance(written, str) else None
