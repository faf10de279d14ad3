"""Reads the body of an answer within bounds of size and pace."""

import asyncio
import io
from collections.abc import Callable
from dataclasses import dataclass, replace

from aiohttp import ClientResponse, hdrs

from gateway.errors import ImageTooLargeError
from gateway.fetch.outcomes import Outcome, fetch_failed

MIN_BYTES_PER_S = 1024
"""Slower bodies are given up, however steadily they drip."""


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """The largest body, and the seconds over which its pace is taken."""

    image_bytes: int
    window_s: float

    def within(self, image_bytes: int | None) -> "BodyLimits":
        """The same with a largest body of so many bytes, if that is less."""
        if image_bytes is None or image_bytes >= self.image_bytes:
            return self
        return replace(self, image_bytes=image_bytes)


async def read_body(
    limits: BodyLimits, on_size: Callable[[int], None], response: ClientResponse
) -> bytes:
    """Reads all of a body; ``on_size`` hears the most bytes it can have first, and may refuse.

    Raises:
        FetchFailedError: if the body is encoded or too slow.
        ImageTooLargeError: if it is longer than allowed, or is going to be.
        aiohttp.ClientError: if it breaks off.
    """
    _refuse_encoded(response)
    declared_bytes = response.content_length
    if declared_bytes is not None and declared_bytes > limits.image_bytes:
        raise _too_large(limits)
    on_size(limits.image_bytes if declared_bytes is None else declared_bytes)
    pace = _Pace(limits.window_s)
    content = io.BytesIO()
    while chunk := await response.content.readany():
        if content.tell() + len(chunk) > limits.image_bytes:
            raise _too_large(limits)
        content.write(chunk)
        pace.take(len(chunk))
    # Unlike joining a list of chunks, this copies nothing.
    return content.getvalue()


class _Pace:
    """Watches the pace of a stream over windows of time. Silence is for others to notice."""

    def __init__(self, window_s: float) -> None:
        self._clock = asyncio.get_running_loop().time
        self._window_s = window_s
        self._since_s = self._clock()
        self._bytes = 0

    def take(self, size_bytes: int) -> None:
        self._bytes += size_bytes
        elapsed_s = self._clock() - self._since_s
        if elapsed_s < self._window_s:
            return
        if self._bytes < MIN_BYTES_PER_S * elapsed_s:
            raise fetch_failed(Outcome.TOO_SLOW)
        self._since_s += elapsed_s
        self._bytes = 0


def _refuse_encoded(response: ClientResponse) -> None:
    content_encoding = response.headers.get(hdrs.CONTENT_ENCODING, "identity")
    transfer_encoding = response.headers.get(hdrs.TRANSFER_ENCODING, "chunked")
    if (content_encoding.strip().lower(), transfer_encoding.strip().lower()) != (
        "identity",
        "chunked",
    ):
        raise fetch_failed(Outcome.ENCODED_ANSWER)


def _too_large(limits: BodyLimits) -> ImageTooLargeError:
    error = ImageTooLargeError.in_bytes(limits.image_bytes)
    error.detail = Outcome.TOO_LARGE.value
    return error
