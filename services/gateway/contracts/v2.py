"""The ``/v2`` dialect: multipart in, image out, errors in an envelope."""

from collections.abc import Mapping
from urllib.parse import quote

from aiohttp import web

from gateway.accounts.authentication import Authenticator
from gateway.admission import ByteBudget
from gateway.cut_out import CutOut, RemoveBackground
from gateway.delivery import BytesResponse
from gateway.errors import ApiError, MissingImageError, UnsupportedMediaTypeError
from gateway.options import cut_out
from gateway.options.fields import Fields
from gateway.request_state import CALLER, HELD, REQUEST_ID
from gateway.settings import COPIES_HELD
from gateway.upload import BodyReader

IMAGE_FIELDS = frozenset({"image_file"})

_FORM = "multipart/form-data"
_NAME_CHARACTERS = 64


class V2:
    """The handlers of ``/v2``."""

    def __init__(
        self,
        authenticator: Authenticator,
        budget: ByteBudget,
        bodies: BodyReader,
        remove_background: RemoveBackground,
    ) -> None:
        self._authenticator = authenticator
        self._budget = budget
        self._bodies = bodies
        self._remove_background = remove_background

    async def remove_background(self, request: web.Request) -> BytesResponse:
        """Answers with the cut-out of the image in the form."""
        request[CALLER] = self._authenticator.authenticate(request)
        expected_bytes = self._bodies.expected_bytes(request)
        if expected_bytes == 0:
            raise MissingImageError
        if request.content_type != _FORM:
            raise UnsupportedMediaTypeError
        reservation = request[HELD].enter_context(
            self._budget.reserve(COPIES_HELD * expected_bytes)
        )
        form = await self._bodies.read_form(request, IMAGE_FIELDS)
        reservation.resize(COPIES_HELD * form.image_bytes())
        options = cut_out.read_cut_out_options(form.fields)
        made = await self._remove_background(form.take_image(), options, request[REQUEST_ID])
        reservation.resize(COPIES_HELD * len(made.image))
        return _answer(made, form.fields)


def render_error(error: ApiError, answered_id: str) -> web.Response:
    """Puts ``error`` into the envelope."""
    content = {
        "code": error.code,
        "message": str(error),
        "status": error.status,
        "request_id": answered_id,
        "details": error.details,
    }
    return web.json_response({"error": content}, status=error.status, headers=error.headers)


def _answer(made: CutOut, fields: Fields) -> BytesResponse:
    headers = {
        "X-Width": str(made.width_px),
        "X-Height": str(made.height_px),
        "X-Foreground-Found": "true" if made.foreground_found else "false",
        "Server-Timing": _server_timing(made.stages_s),
    }
    if ignored := fields.names_beyond(cut_out.NAMES):
        headers["X-Ignored-Fields"] = ", ".join(_header_safe(name) for name in ignored)
    content_type = cut_out.CONTENT_TYPES[made.output_format]
    return BytesResponse(made.image, content_type=content_type, headers=headers)


def _server_timing(stages_s: Mapping[str, float]) -> str:
    return ", ".join(f"{stage};dur={seconds * 1000:.1f}" for stage, seconds in stages_s.items())


def _header_safe(name: str) -> str:
    return quote(name, safe="")[:_NAME_CHARACTERS]
