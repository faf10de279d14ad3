"""The handler of ``POST /v2``."""

from aiohttp import hdrs, web

from gateway.bodies.kind import BodyKind
from gateway.bodies.submission import Submission
from gateway.contracts.v2 import answers
from gateway.cut_out import CutOut, Origin, RemoveBackground
from gateway.delivery import PiecesResponse
from gateway.errors import InvalidImageError, UnsupportedMediaTypeError
from gateway.intake import Intake, Received
from gateway.options import cut_out
from gateway.options.cut_out import CutOutOptions, OutputChannels
from gateway.request_state import HELD, REQUEST_ID, SERVED_PIXELS


class V2:
    """Answers with cut-outs."""

    def __init__(self, intake: Intake, remove_background: RemoveBackground) -> None:
        self._intake = intake
        self._remove_background = remove_background

    async def remove_background(self, request: web.Request) -> PiecesResponse:
        """Answers with the cut-out of the one image that the request brings or names."""
        received = await self._intake.receive(request)
        submission = received.submission
        default = OutputChannels.ALPHA if submission.is_legacy_image else OutputChannels.RGBA
        options = cut_out.read_cut_out_options(submission.fields, default_channels=default)
        made = await self._made(request, received, options)
        request[HELD].callback(made.close)
        await self._intake.settle(received, made)
        request[SERVED_PIXELS] = made.width_px * made.height_px
        ignored = [*submission.fields.names_beyond(cut_out.NAMES), *submission.ignored_query]
        headers = answers.facts(made, ignored)
        accept = ", ".join(request.headers.getall(hdrs.ACCEPT, ()))
        if submission.kind is BodyKind.JSON and not answers.prefers_bytes(accept):
            return answers.as_json(made, options.channels, headers)
        return answers.as_bytes(made, headers)

    async def _made(
        self, request: web.Request, received: Received, options: CutOutOptions
    ) -> CutOut:
        """Makes the cut-out. No name here holds the image, so that it goes when it was sent."""
        try:
            return await self._remove_background(
                await self._intake.image(received),
                options,
                Origin(request[REQUEST_ID], received.caller.fingerprint),
                on_sent=received.let_go,
            )
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
