"""The native dialect: ``POST /v2``, ``GET /v2/account``, and the words for every other path."""

from aiohttp import hdrs, web

from gateway.bodies.kind import BodyKind
from gateway.bodies.submission import Submission
from gateway.contracts import answering
from gateway.contracts.dialect import Dialect, Route
from gateway.contracts.v2 import answers
from gateway.contracts.v2.account import AccountPage
from gateway.contracts.v2.envelope import render_error
from gateway.cut_out import CutOut
from gateway.cut_outs import CutOuts
from gateway.delivery import PiecesResponse
from gateway.errors import ApiError, InvalidImageError, UnsupportedMediaTypeError
from gateway.intake import Received
from gateway.options import cut_out
from gateway.options.cut_out import CutOutOptions, OutputChannels


class V2(Dialect):
    """Answers with cut-outs. It has no tree, since it answers wherever no other dialect does."""

    name = "v2"

    def __init__(self, cut_outs: CutOuts, account: AccountPage) -> None:
        self._cut_outs = cut_outs
        self._account = account

    def routes(self) -> list[Route]:
        """See `Dialect.routes`."""
        return [
            Route("/v2", "POST", self.remove_background),
            Route("/v2/account", "GET", self._account.account),
        ]

    def render_error(
        self,
        error: ApiError,
        request: web.BaseRequest | None,  # noqa: ARG002 - its words are the same everywhere
        answered_id: str,
    ) -> web.Response:
        """See `Dialect.render_error`."""
        return render_error(error, answered_id)

    async def remove_background(self, request: web.Request) -> PiecesResponse:
        """Answers with the cut-out of the one image that the request brings or names."""
        received = await self._cut_outs.receive(request)
        submission = received.submission
        default = OutputChannels.ALPHA if submission.is_legacy_image else OutputChannels.RGBA
        options = cut_out.read_cut_out_options(submission.fields, default_channels=default)
        made = await self._made(request, received, options)
        ignored = submission.names_beyond(cut_out.NAMES)
        headers = answering.facts(made, ignored)
        accept = answering.accept(request)
        if submission.kind is BodyKind.JSON and not answers.prefers_bytes(accept):
            return answers.as_json(made, options.channels, headers)
        return answering.as_bytes(made, headers)

    async def _made(
        self, request: web.Request, received: Received, options: CutOutOptions
    ) -> CutOut:
        try:
            return await self._cut_outs.make(request, received, options)
        except InvalidImageError as error:
            # With a format it is an image, though a broken one, whatever type it came under.
            if _names_no_image(request, received.submission) and "format" not in error.details:
                raise UnsupportedMediaTypeError from error
            raise


def _names_no_image(request: web.Request, submission: Submission) -> bool:
    """Tells whether a raw body came under a type that no image has."""
    media_type = request.headers.get(hdrs.CONTENT_TYPE, "").partition(";")[0].strip().lower()
    if submission.kind is not BodyKind.RAW or media_type in {"", "application/octet-stream"}:
        return False
    return not media_type.startswith("image/")
