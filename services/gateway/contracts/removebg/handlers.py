"""remove.bg's dialect: the removal, the account, and the refusal of pictures for training."""

from typing import NoReturn

from aiohttp import web

from gateway.contracts import answering
from gateway.contracts.dialect import Dialect, Route
from gateway.contracts.removebg import answers, envelope
from gateway.contracts.removebg.errors import NotAvailableError, UnknownForegroundError
from gateway.contracts.removebg.options import NAMES, VOCABULARY, read_asked
from gateway.delivery import PiecesResponse
from gateway.errors import ApiError
from gateway.settings import MEGAPIXEL
from gateway.workshop import Workshop

_KEY_HEADER = "X-Api-Key"


class RemoveBg(Dialect):
    """Answers below ``/v1.0``."""

    name = "removebg"
    trees = ("/v1.0",)
    told_headers = answers.HEADERS

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        settings = workshop.settings
        self._cut_outs = workshop.cut_outs(VOCABULARY, _KEY_HEADER, settings.removebg_mb)
        self._max_input_pixels = settings.removebg_mp * MEGAPIXEL
        self._credit_count = settings.credits

    def routes(self) -> list[Route]:
        """See `Dialect.routes`."""
        return [
            Route("/v1.0/removebg", "POST", self.remove_background),
            Route("/v1.0/account", "GET", self.account),
            Route("/v1.0/improve", "POST", self.improve),
        ]

    def render_error(
        self,
        error: ApiError,
        request: web.BaseRequest | None,  # noqa: ARG002 - its words are the same everywhere
        answered_id: str,  # noqa: ARG002 - a header tells it
    ) -> web.Response:
        """See `Dialect.render_error`."""
        return envelope.render_error(error)

    async def remove_background(self, request: web.Request) -> PiecesResponse:
        """Answers with the cut-out of the one image that the request brings or names."""
        received = await self._cut_outs.receive(request)
        submission = received.submission
        asked = read_asked(submission.fields, self._max_input_pixels)
        made = await self._cut_outs.make(request, received, asked.options)
        if made.subject is None:
            raise UnknownForegroundError
        unknown = submission.names_beyond(NAMES)
        return answers.render(made, made.subject, asked, unknown, answering.accept(request))

    async def account(self, request: web.Request) -> web.Response:
        """Answers with credits that nothing is ever taken from."""
        await self._workshop.admit(request, _KEY_HEADER)
        return web.json_response(answers.account(self._credit_count))

    async def improve(self, request: web.Request) -> NoReturn:
        """Refuses what is offered, and reads none of it."""
        await self._workshop.admit(request, _KEY_HEADER)
        raise NotAvailableError
