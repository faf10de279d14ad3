"""Makes images of base64 text, however callers write it."""

import binascii
import io
from collections.abc import Iterator

from gateway.bodies.off_loop import off_loop
from gateway.bodies.submission import ImageText
from gateway.errors import ImageTooLargeError, InvalidBase64Error

PIECE_BYTES = 2**20
MAX_PREFIX_BYTES = 8 * 1024

_BLANKS = b" \t\r\n\v\f"
_STANDARD = bytes.maketrans(b"-_", b"+/")
_PADDING = b"="


async def image_of_text(text: ImageText, limit_bytes: int) -> bytes:
    """Decodes ``text``, off the event loop if it is long.

    The text may begin as a ``data:`` URL with ``;base64``, hold white space anywhere, be in the
    standard and the URL-safe alphabet (RFC 4648, sections 4 and 5), and lack its padding.

    Raises:
        InvalidBase64Error: if it is no base64, or base64 of nothing.
        ImageTooLargeError: if it is base64 of more than ``limit_bytes``, before it is decoded.
    """
    return await off_loop(len(text.text), decode_image, text, limit_bytes)


def decode_image(text: ImageText, limit_bytes: int) -> bytes:
    """Is ``image_of_text`` without an event loop."""
    try:
        start = _end_of_prefix(text.text)
        size_bytes = _decoded_bytes(text.text, start)
        if size_bytes > limit_bytes:
            raise ImageTooLargeError.in_bytes(limit_bytes)
        return _decoded(text.text, start)
    except ValueError as error:
        raise InvalidBase64Error(text.field) from error


def _end_of_prefix(text: bytes) -> int:
    head = text[:MAX_PREFIX_BYTES]
    if not head.translate(None, _BLANKS).lower().startswith(b"data:"):
        return 0
    end = head.find(b",")
    if not head[: max(end, 0)].translate(None, _BLANKS).lower().endswith(b";base64"):
        raise ValueError("a data URL that is not in base64")
    return end + 1


def _decoded_bytes(text: bytes, start: int) -> int:
    """Tells how many bytes there will be, from how many characters there are."""
    blanks = sum(text.count(blank, start) for blank in _BLANKS)
    padding = text.count(_PADDING, start)
    characters = len(text) - start - blanks - padding
    if characters == 0 or characters % 4 == 1 or padding > -characters % 4:
        raise ValueError("no such number of characters")
    return characters * 3 // 4


def _decoded(text: bytes, start: int) -> bytes:
    # By pieces, since each step on the whole would be one more copy of it.
    image = io.BytesIO()
    rest = b""
    for piece in _characters(text, start):
        characters = rest + piece
        whole = len(characters) // 4 * 4
        image.write(binascii.a2b_base64(characters[:whole], strict_mode=True))
        rest = characters[whole:]
    image.write(binascii.a2b_base64(rest + _PADDING * (-len(rest) % 4), strict_mode=True))
    return image.getvalue()


def _characters(text: bytes, start: int) -> Iterator[bytes]:
    """The characters before the padding, in the standard alphabet."""
    view = memoryview(text)
    ended = False
    for position in range(start, len(view), PIECE_BYTES):
        piece = bytes(view[position : position + PIECE_BYTES]).translate(_STANDARD, _BLANKS)
        characters = piece.rstrip(_PADDING)
        if _PADDING in characters or (ended and characters):
            raise ValueError("padding before the end")
        ended = ended or len(characters) < len(piece)
        yield characters
