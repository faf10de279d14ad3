"""Reads request bodies as streams, within limits of size and time. Writes nothing to disk."""

import asyncio
from collections.abc import AsyncIterator, Container

from aiohttp import HttpVersion11, StreamReader, hdrs, web
from aiohttp.http_exceptions import HttpProcessingError

from gateway.errors import (
    BadRequestError,
    ImageTooLargeError,
    RequestTimeoutError,
    UnsupportedMediaTypeError,
)
from gateway.form import Form, FormBuilder
from gateway.multipart import MultipartError, MultipartParser, parse_parameters
from gateway.settings import UploadSettings

_CONTINUE = "100-continue"


async def defer_continue(_request: web.Request) -> None:
    """Is every route's answer to ``Expect: 100-continue``: none yet.

    The caller is asked for the body where the body is read, after every check that can refuse it.
    """


class BodyReader:
    """Reads the bodies of all dialects."""

    def __init__(self, limits: UploadSettings) -> None:
        self._limits = limits

    def expected_bytes(self, request: web.Request) -> int:
        """Returns the most bytes that the body can have, judging by its head.

        Raises:
            BadRequestError: if something else is expected of the server than to ask for the body.
            UnsupportedMediaTypeError: if the body is compressed.
            ImageTooLargeError: if the declared length is over the limit.
        """
        if request.headers.get(hdrs.EXPECT, _CONTINUE).lower() != _CONTINUE:
            raise BadRequestError("The Expect header may hold 100-continue only.")
        encoding = request.headers.get(hdrs.CONTENT_ENCODING, "identity")
        if encoding.strip().lower() != "identity":
            raise UnsupportedMediaTypeError("Compressed bodies are not accepted. Send plain bytes.")
        declared_bytes = request.content_length
        if declared_bytes is None:
            return self._limits.body_bytes if request.body_exists else 0
        if declared_bytes > self._limits.body_bytes:
            raise ImageTooLargeError.in_bytes(self._limits.image_bytes)
        return declared_bytes

    async def read_form(self, request: web.Request, image_names: Container[str]) -> Form:
        """Reads a multipart/form-data body.

        Raises:
            ApiError: if it is malformed, too slow or over a limit.
        """
        builder = FormBuilder(self._limits, image_names)
        try:
            _, parameters = parse_parameters(request.headers.get(hdrs.CONTENT_TYPE, ""))
            parser = MultipartParser(parameters.get("boundary", ""))
            async for chunk in self._chunks(request):
                for event in parser.feed(chunk):
                    builder.take(event)
            parser.close()
        except MultipartError as error:
            raise BadRequestError(str(error)) from error
        return builder.finish()

    async def _chunks(self, request: web.Request) -> AsyncIterator[bytes]:
        deadline_s = asyncio.get_running_loop().time() + self._limits.body_timeout_s
        await _ask_for_body(request)
        total_bytes = 0
        while chunk := await self._next_chunk(request.content, deadline_s):
            total_bytes += len(chunk)
            if total_bytes > self._limits.body_bytes:
                raise ImageTooLargeError.in_bytes(self._limits.image_bytes)
            yield chunk

    async def _next_chunk(self, content: StreamReader, deadline_s: float) -> bytes:
        now_s = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(min(deadline_s, now_s + self._limits.read_timeout_s)):
                return await content.readany()
        except TimeoutError as error:
            raise RequestTimeoutError from error
        except (web.RequestPayloadError, HttpProcessingError) as error:
            raise BadRequestError("The request body is malformed.") from error


async def _ask_for_body(request: web.Request) -> None:
    if hdrs.EXPECT in request.headers and request.version >= HttpVersion11:
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        # What follows is still the first byte of the answer.
        request.writer.output_size = 0
