"""Reads the body of a request, whatever its kind, into a submission."""

import io
from collections.abc import AsyncIterator, Mapping

from aiohttp import hdrs, web

from gateway.bodies.arrival import OnArrival, chunks
from gateway.bodies.excess import too_many_fields
from gateway.bodies.form import FormBuilder
from gateway.bodies.gathering import Gatherer
from gateway.bodies.json_body import parse_json
from gateway.bodies.kind import BodyKind, body_kind, most_body_bytes
from gateway.bodies.multipart import MultipartError, MultipartParser
from gateway.bodies.off_loop import off_loop
from gateway.bodies.parameters import ParameterError, parse_parameters
from gateway.bodies.submission import Submission
from gateway.bodies.urlencoded import parse_urlencoded
from gateway.bodies.vocabulary import Meaning, Role, Vocabulary, is_key_name
from gateway.errors import BadRequestError, ImageTooLargeError, UnsupportedMediaTypeError
from gateway.pictures import Slot
from gateway.settings import UploadSettings

_CONTINUE = "100-continue"
_CHARSETS = frozenset({"utf-8", "utf8", "us-ascii"})


class BodyReader:
    """Reads bodies within ``limits``, in which ``vocabulary`` holds."""

    def __init__(self, limits: UploadSettings, vocabulary: Vocabulary) -> None:
        self._limits = limits
        self._vocabulary = vocabulary

    @property
    def image_bytes(self) -> int:
        """The largest image."""
        return self._limits.image_bytes

    @property
    def url_characters(self) -> int:
        """The most characters of a URL of a picture."""
        return self._vocabulary.url_characters

    def url_field(self, slot: Slot) -> str:
        """See `Vocabulary.url_field`."""
        return self._vocabulary.url_field(slot)

    @property
    def reads_query(self) -> bool:
        """Whether a request without a body can bring an image."""
        return self._vocabulary.query

    def expected_bytes(self, request: web.Request) -> int:
        """Returns the most bytes that the body can have, judging by its head.

        Raises:
            BadRequestError: if something else is expected of the server than to ask for the body.
            UnsupportedMediaTypeError: if the body is compressed, or of a kind that is not read.
            ImageTooLargeError: if the declared length is over the limit of its kind.
        """
        if request.headers.get(hdrs.EXPECT, _CONTINUE).lower() != _CONTINUE:
            raise BadRequestError("The Expect header may hold 100-continue only.")
        encodings = request.headers.getall(hdrs.CONTENT_ENCODING, ())
        if any(encoding.strip().lower() != "identity" for encoding in encodings):
            raise UnsupportedMediaTypeError("Compressed bodies are not accepted. Send plain bytes.")
        declared_bytes = request.content_length
        if declared_bytes == 0 or not request.body_exists:
            return 0
        kind = body_kind(request)
        if kind not in self._vocabulary.kinds:
            raise UnsupportedMediaTypeError
        most_bytes = self._most_bytes(kind)
        if declared_bytes is None:
            return most_bytes
        if declared_bytes > most_bytes:
            raise ImageTooLargeError.in_bytes(self._limits.image_bytes)
        return declared_bytes

    async def read(
        self, request: web.Request, on_arrival: OnArrival = lambda _: None
    ) -> Submission:
        """Reads the body, which may lack a source: that shows when the source is taken.

        Raises:
            ApiError: if it is malformed, too slow, over a limit, or brings several sources; or
                what ``on_arrival`` raises.
        """
        kind = body_kind(request)
        gatherer = Gatherer(self._vocabulary)
        ignored = self._read_query(request, kind, gatherer)
        arriving = chunks(request, self._limits, self._most_bytes(kind), on_arrival)
        if kind is BodyKind.RAW:
            gatherer.put_file("", Meaning(Role.FILE), await _whole(arriving))
        else:
            await self._read_fields(kind, _parameters(request), arriving, gatherer)
        return Submission(kind, gatherer.gathered, ignored)

    async def _read_fields(
        self,
        kind: BodyKind,
        parameters: Mapping[str, str],
        arriving: AsyncIterator[bytes],
        gatherer: Gatherer,
    ) -> None:
        if kind is BodyKind.MULTIPART:
            await self._read_form(parameters.get("boundary", ""), arriving, gatherer)
            return
        if parameters.get("charset", "utf-8").lower() not in _CHARSETS:
            raise UnsupportedMediaTypeError("Unsupported charset. Send UTF-8.")
        parse = parse_json if kind is BodyKind.JSON else parse_urlencoded
        body = await _whole(arriving)
        await off_loop(len(body), parse, body, self._limits, gatherer)

    async def _read_form(
        self, boundary: str, arriving: AsyncIterator[bytes], gatherer: Gatherer
    ) -> None:
        builder = FormBuilder(self._limits, gatherer)
        arrived = False
        try:
            parser = MultipartParser(boundary)
            async for chunk in arriving:
                arrived = True
                for event in parser.feed(chunk):
                    builder.take(event)
            if arrived:
                parser.close()
        except MultipartError as error:
            raise BadRequestError(str(error)) from error

    def _read_query(
        self, request: web.Request, kind: BodyKind, gatherer: Gatherer
    ) -> tuple[str, ...]:
        """Reads the fields of the query where they count, and returns the names of the others.

        The key is none of them: it must not be repeated anywhere.
        """
        fields = [
            (_encodable(name), _encodable(value))
            for name, value in request.query.items()
            if name and not is_key_name(name)
        ]
        if len(fields) > self._limits.parts:
            raise too_many_fields(self._limits.parts)
        if kind is BodyKind.RAW and not self._vocabulary.query:
            gatherer.gathered.pairs += fields
            return ()
        if not self._vocabulary.query:
            return tuple(dict.fromkeys(name for name, _ in fields))
        for name, value in fields:
            meaning = self._vocabulary.meaning(name, BodyKind.URLENCODED)
            if meaning.role is Role.URL:
                gatherer.put_url(name, meaning, value)
            else:
                gatherer.gathered.pairs.append((name, value))
        return ()

    def _most_bytes(self, kind: BodyKind) -> int:
        return most_body_bytes(kind, self._limits, self._vocabulary.pictures_in(kind))


async def _whole(arriving: AsyncIterator[bytes]) -> bytes:
    content = io.BytesIO()
    async for chunk in arriving:
        content.write(chunk)
    return content.getvalue()


def _parameters(request: web.Request) -> dict[str, str]:
    try:
        return parse_parameters(request.headers.get(hdrs.CONTENT_TYPE, ""))[1]
    except ParameterError as error:
        raise BadRequestError(str(error)) from error


def _encodable(text: str) -> str:
    """Replaces bytes of the request line that are no UTF-8, which headers could not hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
