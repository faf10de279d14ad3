"""The dialect of rembg's own server: ``POST`` and ``GET /api/remove``.

Its clients send no key; see the setting ``rembg_key``. Colours of the subject are always freed of
the background here, so that ``dc`` asks for what is done anyway. What only tunes rembg's own
networks and mattes is ignored, and named as such.
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from aiohttp import web

from gateway.bodies.kind import BodyKind
from gateway.bodies.vocabulary import Vocabulary
from gateway.contracts import answering
from gateway.contracts.dialect import Dialect, Route
from gateway.delivery import PiecesResponse
from gateway.errors import ApiError, InvalidFieldsError, MissingImageError
from gateway.options.colour import Colour
from gateway.options.cut_out import CutOutOptions, OutputChannels
from gateway.options.fields import Fields
from gateway.options.reader import OptionReader, Repeated
from gateway.pictures import Slot
from gateway.workshop import Workshop

_VOCABULARY = Vocabulary(
    files={"file": Slot.IMAGE},
    texts={},
    urls={"url": Slot.IMAGE},
    kinds=frozenset({BodyKind.MULTIPART}),
    query=True,
)
_KEY_HEADER = "X-Api-Key"
_URL = "url"
_MASK, _COLOUR, _DECONTAMINATE = "om", "bgc", "dc"
_NAMES = frozenset({_MASK, _COLOUR, _DECONTAMINATE})
_CHANNELS = (3, 4)
_MOST = 255


class Rembg(Dialect):
    """Answers with a PNG, whatever is asked for."""

    name = "rembg"
    trees = ("/api",)

    def __init__(self, workshop: Workshop) -> None:
        key = workshop.settings.rembg_key
        fallback_key = None if key is None else key.get_secret_value()
        self._cut_outs = workshop.cut_outs(_VOCABULARY, _KEY_HEADER, fallback_key=fallback_key)

    def routes(self) -> list[Route]:
        """See `Dialect.routes`."""
        return [
            Route("/api/remove", "POST", self.remove),
            Route("/api/remove", "GET", self.remove),
        ]

    def render_error(
        self,
        error: ApiError,
        request: web.BaseRequest | None,
        answered_id: str,  # noqa: ARG002 - it is in a header, and has no place in this envelope
    ) -> web.Response:
        """Puts a failure into FastAPI's envelope: a list of what is wrong with fields, or a text.

        The former has FastAPI's status too.
        """
        status, detail = error.status, _detail(error, request)
        if isinstance(detail, list):
            status = HTTPStatus.UNPROCESSABLE_ENTITY
        return web.json_response({"detail": detail}, status=status, headers=error.headers)

    async def remove(self, request: web.Request) -> PiecesResponse:
        """Answers with the cut-out of the file in the form, or of the image at a URL."""
        received = await self._cut_outs.receive(request)
        fields = received.submission.fields
        made = await self._cut_outs.make(request, received, read_options(fields))
        return answering.as_bytes(made, answering.facts(made, ignored_names(fields)))


def read_options(fields: Fields) -> CutOutOptions:
    """Reads what has a meaning here.

    Raises:
        InvalidFieldsError: with all bad options.
    """
    reader = OptionReader(fields, Repeated.LAST_COUNTS)
    only_mask = reader.boolean(_MASK)
    reader.boolean(_DECONTAMINATE)
    sentence = f"{_COLOUR} must be three or four numbers from 0 to 255"
    background = reader.parsed(_COLOUR, _colour, sentence, None)
    reader.finish()
    return CutOutOptions(
        channels=OutputChannels.ALPHA if only_mask else OutputChannels.RGBA,
        background=background if background is not None and background.alpha > 0 else None,
    )


def ignored_names(fields: Fields) -> list[str]:
    """The names of fields that change nothing."""
    ignored = fields.names_beyond(_NAMES)
    if str(fields.last(_DECONTAMINATE)).lower() in {"false", "0", "no", "off"}:
        ignored.append(_DECONTAMINATE)
    return ignored


def _colour(text: str) -> Colour:
    values = [int(value) for value in text.split(",")]
    if len(values) not in _CHANNELS or not all(0 <= value <= _MOST for value in values):
        raise ValueError("no colour")
    return Colour(*values)


def _detail(error: ApiError, request: web.BaseRequest | None) -> str | list[dict[str, Any]]:
    if isinstance(error, InvalidFieldsError):
        return list(_problems(error))
    if isinstance(error, MissingImageError):
        in_query = request is not None and request.method in {"GET", "HEAD"}
        place = ["query", _URL] if in_query else ["body", "file"]
        return [{"type": "missing", "loc": place, "msg": "Field required", "input": None}]
    return str(error)


def _problems(error: InvalidFieldsError) -> Iterator[dict[str, Any]]:
    for name, sentence in error.details["fields"].items():
        yield {"type": "value_error", "loc": ["query", name], "msg": sentence}
