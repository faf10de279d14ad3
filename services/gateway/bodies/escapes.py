"""Resolves the escapes in long texts by pieces, so that each step copies a piece only. Pure."""

import io
from collections.abc import Callable

PIECE_BYTES = 2**20


def resolved(
    escaped: memoryview,
    mark: bytes,
    longest_bytes: int,
    resolve: Callable[[bytes], bytes],
    piece_bytes: int = PIECE_BYTES,
) -> bytes:
    """Returns ``escaped`` after ``resolve``, which gets pieces that cut no escape in two.

    Escapes begin with ``mark``, a single byte, and are two bytes long or more.
    """
    text = io.BytesIO()
    position = 0
    while position < len(escaped):
        piece = bytes(escaped[position : position + piece_bytes])
        position += len(piece)
        if position < len(escaped) and (cut := piece.find(mark, 1 - longest_bytes)) > 0:
            # The next piece gets the whole of it.
            position -= len(piece) - cut
            piece = piece[:cut]
        text.write(resolve(piece))
    return text.getvalue()
