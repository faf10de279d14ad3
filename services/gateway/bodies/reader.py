"""Reads the body of a request, whatever its kind, into a submission."""

import io
from collections.abc import AsyncIterator, Mapping

from aiohttp import hdrs, web

from gateway.bodies.arrival import OnArrival, chunks
from gateway.bodies.excess import too_many_fields
from gateway.bodies.form import FormBuilder
from gateway.bodies.json_body import parse_json
from gateway.bodies.kind import BodyKind, body_kind, most_body_bytes
from gateway.bodies.multipart import MultipartError, MultipartParser
from gateway.bodies.off_loop import off_loop
from gateway.bodies.parameters import ParameterError, parse_parameters
from gateway.bodies.roles import is_key_name
from gateway.bodies.submission import Gathered, ImageBytes, Submission
from gateway.bodies.urlencoded import parse_urlencoded
from gateway.errors import BadRequestError, ImageTooLargeError, UnsupportedMediaTypeError
from gateway.settings import UploadSettings

_CONTINUE = "100-continue"
_CHARSETS = frozenset({"utf-8", "utf8", "us-ascii"})


class BodyReader:
    """Reads bodies within ``limits``."""

    def __init__(self, limits: UploadSettings) -> None:
        self._limits = limits

    @property
    def image_bytes(self) -> int:
        """The largest image."""
        return self._limits.image_bytes

    def expected_bytes(self, request: web.Request) -> int:
        """Returns the most bytes that the body can have, judging by its head.

        Raises:
            BadRequestError: if something else is expected of the server than to ask for the body.
            UnsupportedMediaTypeError: if the body is compressed.
            ImageTooLargeError: if the declared length is over the limit of its kind.
        """
        if request.headers.get(hdrs.EXPECT, _CONTINUE).lower() != _CONTINUE:
            raise BadRequestError("The Expect header may hold 100-continue only.")
        encodings = request.headers.getall(hdrs.CONTENT_ENCODING, ())
        if any(encoding.strip().lower() != "identity" for encoding in encodings):
            raise UnsupportedMediaTypeError("Compressed bodies are not accepted. Send plain bytes.")
        most_bytes = most_body_bytes(body_kind(request), self._limits)
        declared_bytes = request.content_length
        if declared_bytes is None:
            return most_bytes if request.body_exists else 0
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
        query = self._query(request)
        most_bytes = most_body_bytes(kind, self._limits)
        arriving = chunks(request, self._limits, most_bytes, on_arrival)
        if kind is BodyKind.RAW:
            body = await _whole(arriving)
            return Submission(kind, Gathered(ImageBytes(body) if body else None, [*query]))
        gathered = await self._read_fields(kind, _parameters(request), arriving)
        return Submission(kind, gathered, tuple(dict.fromkeys(name for name, _ in query)))

    async def _read_fields(
        self, kind: BodyKind, parameters: Mapping[str, str], arriving: AsyncIterator[bytes]
    ) -> Gathered:
        if kind is BodyKind.MULTIPART:
            return await self._read_form(parameters.get("boundary", ""), arriving)
        if parameters.get("charset", "utf-8").lower() not in _CHARSETS:
            raise UnsupportedMediaTypeError("Unsupported charset. Send UTF-8.")
        parse = parse_json if kind is BodyKind.JSON else parse_urlencoded
        body = await _whole(arriving)
        return await off_loop(len(body), parse, body, self._limits)

    async def _read_form(self, boundary: str, arriving: AsyncIterator[bytes]) -> Gathered:
        builder = FormBuilder(self._limits)
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
        return builder.finish()

    def _query(self, request: web.Request) -> list[tuple[str, str]]:
        """The fields of the query. The key is none of them: it must not be repeated anywhere."""
        fields = [
            (_encodable(name), _encodable(value))
            for name, value in request.query.items()
            if name and not is_key_name(name)
        ]
        if len(fields) > self._limits.parts:
            raise too_many_fields(self._limits.parts)
        return fields


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
