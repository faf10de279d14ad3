"""``POST /remove-background/v1``."""

from aiohttp import web

from gateway.contracts import answering
from gateway.contracts.clipdrop.envelope import render_error
from gateway.contracts.clipdrop.options import NAMES, VOCABULARY, read_options
from gateway.contracts.dialect import Dialect, Route
from gateway.delivery import PiecesResponse
from gateway.errors import ApiError
from gateway.settings import MEGAPIXEL
from gateway.workshop import Workshop

_KEY_HEADER = "X-Api-Key"


class Clipdrop(Dialect):
    """Answers as Clipdrop's removal of backgrounds; its other calls are not spoken."""

    name = "clipdrop"
    trees = ("/remove-background",)
    told_headers = ("X-Remaining-Credits", "X-Credits-Consumed")

    def __init__(self, workshop: Workshop) -> None:
        settings = workshop.settings
        self._cut_outs = workshop.cut_outs(VOCABULARY, _KEY_HEADER, settings.clipdrop_mb)
        self._max_input_pixels = settings.clipdrop_mp * MEGAPIXEL
        # There are no quotas: nothing is consumed.
        self._credits = {
            "X-Remaining-Credits": str(settings.credits),
            "X-Credits-Consumed": "0",
        }

    def routes(self) -> list[Route]:
        """See `Dialect.routes`."""
        return [Route("/remove-background/v1", "POST", self.remove_background)]

    def render_error(
        self,
        error: ApiError,
        request: web.BaseRequest | None,  # noqa: ARG002 - its words are the same everywhere
        answered_id: str,  # noqa: ARG002 - it stands in no body here
    ) -> web.Response:
        """See `Dialect.render_error`."""
        return render_error(error)

    async def remove_background(self, request: web.Request) -> PiecesResponse:
        """Answers with the cut-out, of the size of its image."""
        received = await self._cut_outs.receive(request)
        submission = received.submission
        accept = answering.accept(request)
        options = read_options(submission.fields, accept, self._max_input_pixels)
        made = await self._cut_outs.make(request, received, options)
        ignored = submission.names_beyond(NAMES)
        return answering.as_bytes(made, answering.facts(made, ignored) | self._credits)
