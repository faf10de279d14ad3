"""Reads the image that a caller names, and never more of it than any service takes."""

import asyncio
import os
from pathlib import Path
from typing import BinaryIO, TypeAlias

from mattebox.client.api_errors import ImageTooLargeError

MAX_IMAGE_BYTES = 30 * 2**20
"""The contract's limit; services may have lower ones, which they tell of."""

ImageSource: TypeAlias = bytes | bytearray | memoryview | os.PathLike[str] | BinaryIO
"""An encoded image: its bytes, the path of its file, or a file open for reading bytes, which is
read from where it stands to its end, and stays open."""

_PIECE_BYTES = 2**20


def read_image(source: ImageSource) -> bytes:
    """Reads ``source``.

    Raises:
        ImageTooLargeError: it has more than 30 MB; nothing was sent.
        OSError: it cannot be read.
        TypeError: it is no image: a path is a ``pathlib.Path``, not a text.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        return bounded_image(bytes(source))
    if isinstance(source, os.PathLike):
        with Path(source).open("rb") as stream:
            return _read(stream)
    if hasattr(source, "read"):
        return _read(source)
    kind = type(source).__name__
    raise TypeError(f"an image is bytes, a pathlib.Path or a file opened with 'rb', not {kind}")


def bounded_image(image: bytes) -> bytes:
    """Returns ``image``.

    Raises:
        ImageTooLargeError: it has more than 30 MB.
    """
    if len(image) > MAX_IMAGE_BYTES:
        raise ImageTooLargeError(f"image too large (>{MAX_IMAGE_BYTES // 2**20} MB).")
    return image


async def read_image_on_a_thread(source: ImageSource) -> bytes:
    """Reads ``source`` as `read_image`, and holds up no other task meanwhile."""
    if isinstance(source, bytes):
        return read_image(source)
    return await asyncio.to_thread(read_image, source)


def _read(stream: BinaryIO) -> bytes:
    held = bytearray()
    while piece := stream.read(min(_PIECE_BYTES, MAX_IMAGE_BYTES + 1 - len(held))):
        if not isinstance(piece, bytes):
            raise TypeError("the file gives text: open it with 'rb'")
        held += piece
        if len(held) > MAX_IMAGE_BYTES:
            break
    return bounded_image(bytes(held))
