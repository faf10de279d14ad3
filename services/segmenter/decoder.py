"""From encoded bytes to pixels without blocking the event loop: chooses where an image is decoded.

JPEG, PNG and WebP, whose decoders are the most tested ones, are decoded in threads. All else is
decoded in guarded child processes. So are files built to keep a decoder busy, since a thread
cannot be stopped, and very large WebP, of which Pillow copies the pixels with all threads halted.
"""

import asyncio
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from segmenter.errors import (
    DeadlinePassedError,
    InvalidImageError,
    UnsupportedImageFormatError,
)
from segmenter.guarded.decoder import GuardedDecoder
from segmenter.guarded.ends import ChildEnd
from segmenter.guarded.limits import GuardLimits
from segmenter.imaging.decode import decode
from segmenter.imaging.header import Header, identify, read_header
from segmenter.imaging.limits import ImageLimits
from segmenter.imaging.picture import Picture
from segmenter.imaging.sniff import ImageFormat
from segmenter.in_thread import in_thread

_IN_THREADS = frozenset({ImageFormat.JPEG, ImageFormat.PNG, ImageFormat.WEBP})
_LARGE_WEBP_PX = 16_000_000


class Decoder:
    """Reads headers and decodes images. Belongs to one event loop, that of the main thread.

    Guarded children need Linux; elsewhere what they would decode is refused. `on_child_end` is told
    why one of them ended that will be replaced.
    """

    def __init__(
        self,
        executor: Executor,
        limits: ImageLimits,
        guard: GuardLimits,
        on_child_end: Callable[[ChildEnd], None] = lambda _: None,
    ) -> None:
        self._executor = executor
        self._limits = limits
        self._guarded = GuardedDecoder(executor, limits, guard, on_child_end)

    async def read_header(self, data: bytes) -> Header:
        """Reads format and size of an image and refuses what is over a limit.

        Raises:
            MissingImageError, UnsupportedImageFormatError, InvalidImageError, TooManyBytesError,
            TooManyPixelsError: what is wrong with the image.
            SegmenterError: no guarded child could be started.
        """
        image_format = identify(data, self._limits)
        with _naming(image_format):
            if image_format in _IN_THREADS:
                return read_header(data, self._limits)
            _require_guard(image_format)
            return await self._guarded.read_header(data)

    async def decode(
        self,
        data: bytes,
        header: Header,
        timeout_s: float,
        enough_px: tuple[int, int] | None = None,
    ) -> Picture:
        """Decodes an image of which `read_header` gave the header.

        In a thread a JPEG may be decoded at a fraction of its size, if width and height are
        `enough_px` then; see `imaging.decode.decode`.

        A guarded child that is still decoding when the time is over is ended. A thread cannot be:
        it is waited for, so that what is booked for its picture stays booked as long as it is held.

        Raises:
            DeadlinePassedError: `timeout_s` passed.
            InvalidImageError: the image is broken, or cannot be decoded safely.
            SegmenterError: no guarded child could be started.
        """
        try:
            with _naming(header.format):
                async with asyncio.timeout(timeout_s):
                    return await self._decoded(data, header, enough_px)
        except TimeoutError as error:
            raise DeadlinePassedError("The deadline passed while the image was decoded.") from error

    async def close(self) -> None:
        """Ends the guarded children. The executor is the caller's to close."""
        await self._guarded.close()

    async def _decoded(
        self, data: bytes, header: Header, enough_px: tuple[int, int] | None
    ) -> Picture:
        if _suits_a_thread(header):
            return await in_thread(self._executor, decode, data, header, self._limits, enough_px)
        _require_guard(header.format)
        return await self._guarded.decode(data, header)


@contextmanager
def _naming(image_format: ImageFormat) -> Iterator[None]:
    """Adds the format, which was recognised, to what is told of a broken image."""
    try:
        yield
    except InvalidImageError as error:
        error.metadata["format"] = image_format.value
        raise


def _suits_a_thread(header: Header) -> bool:
    large_webp = header.format is ImageFormat.WEBP and header.pixels > _LARGE_WEBP_PX
    return header.format in _IN_THREADS and not header.intricate and not large_webp


def _require_guard(image_format: ImageFormat) -> None:
    if sys.platform != "linux":
        raise UnsupportedImageFormatError(
            "This image can be decoded safely on Linux only. Send a plain JPEG, PNG or WebP.",
            format=image_format,
        )
