"""Splits multipart/form-data into parts while it arrives. Pure; repeats no byte in its errors.

The framework's own reader is not used, since it neither bounds nor counts what stands outside
the parts, fails on malformed bodies in a dozen ways, and prints part headers as warnings.
"""

import enum
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.bodies.parameters import ParameterError, parse_parameters

MAX_PREAMBLE_BYTES = 8 * 1024
MAX_PART_HEAD_BYTES = 8 * 1024
MAX_BOUNDARY_BYTES = 70

_PLAIN_ENCODINGS = {"", "7bit", "8bit", "binary"}


class MultipartError(ValueError):
    """The body is no well-formed multipart/form-data; the message is a public sentence."""


@dataclass(frozen=True, slots=True)
class PartStart:
    """A part begins. ``charset`` is what the part itself names, in lower case."""

    name: str
    charset: str | None


@dataclass(frozen=True, slots=True)
class PartData:
    """Some more bytes of the part that began last."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PartEnd:
    """The part that began last is complete."""


Event = PartStart | PartData | PartEnd


class _State(enum.Enum):
    PREAMBLE = enum.auto()
    DELIMITER = enum.auto()
    HEAD = enum.auto()
    DATA = enum.auto()
    EPILOGUE = enum.auto()


class MultipartParser:
    """Parses one body. ``feed`` it as it arrives, then ``close`` it."""

    def __init__(self, boundary: str) -> None:
        if not 1 <= len(boundary) <= MAX_BOUNDARY_BYTES or not boundary.isascii():
            raise MultipartError("The multipart boundary is missing or malformed.")
        self._delimiter = b"\r\n--" + boundary.encode("ascii")
        # The first delimiter may stand at the very start, without the line end before it.
        self._buffer = bytearray(b"\r\n")
        self._state = _State.PREAMBLE

    def feed(self, data: bytes) -> Iterator[Event]:
        """Takes the next bytes and yields what they complete.

        Raises:
            MultipartError: at the first byte that cannot be right.
        """
        self._buffer += data
        while (events := self._step()) is not None:
            yield from events

    def close(self) -> None:
        """Tells that the body has ended.

        Raises:
            MultipartError: if it ended before its closing delimiter.
        """
        if self._state is not _State.EPILOGUE:
            raise MultipartError("The multipart body ends before its closing boundary.")

    def _step(self) -> tuple[Event, ...] | None:
        """Makes the next step; None means that it takes more bytes than have come."""
        match self._state:
            case _State.PREAMBLE:
                return self._skip_preamble()
            case _State.DELIMITER:
                return self._end_delimiter()
            case _State.HEAD:
                return self._read_head()
            case _State.DATA:
                return self._read_data()
            case _State.EPILOGUE:
                self._buffer.clear()
                return None

    def _skip_preamble(self) -> tuple[Event, ...] | None:
        last_end = MAX_PREAMBLE_BYTES + len(self._delimiter)
        start = self._buffer.find(self._delimiter, 0, last_end)
        if start < 0:
            if len(self._buffer) >= last_end:
                raise MultipartError("The multipart body does not begin with its boundary.")
            return None
        del self._buffer[: start + len(self._delimiter)]
        self._state = _State.DELIMITER
        return ()

    def _end_delimiter(self) -> tuple[Event, ...] | None:
        if len(self._buffer) < len(b"--"):
            return None
        if self._buffer.startswith(b"--"):
            self._state = _State.EPILOGUE
            return ()
        line_end = self._buffer.find(b"\r\n", 0, MAX_PART_HEAD_BYTES)
        if self._buffer[: None if line_end < 0 else line_end].strip(b" \t\r"):
            raise MultipartError("A multipart boundary is followed by something else.")
        if line_end < 0:
            self._check_head_length()
            return None
        # The line end stays: with it, a head without any line ends like every other.
        del self._buffer[:line_end]
        self._state = _State.HEAD
        return ()

    def _read_head(self) -> tuple[Event, ...] | None:
        end = self._buffer.find(b"\r\n\r\n", 0, MAX_PART_HEAD_BYTES)
        if end < 0:
            self._check_head_length()
            return None
        head = self._buffer[:end].decode("utf-8", "replace")
        del self._buffer[: end + len(b"\r\n\r\n")]
        self._state = _State.DATA
        return (_part_start(head),)

    def _read_data(self) -> tuple[Event, ...] | None:
        end = self._buffer.find(self._delimiter)
        if end >= 0:
            data = bytes(self._buffer[:end])
            del self._buffer[: end + len(self._delimiter)]
            self._state = _State.DELIMITER
            return (PartData(data), PartEnd()) if data else (PartEnd(),)
        # The last bytes may be the first of a delimiter.
        certain = len(self._buffer) - len(self._delimiter) + 1
        if certain <= 0:
            return None
        data = bytes(self._buffer[:certain])
        del self._buffer[:certain]
        return (PartData(data),)

    def _check_head_length(self) -> None:
        if len(self._buffer) >= MAX_PART_HEAD_BYTES:
            raise MultipartError("The head of a multipart part is too long.")


def _part_start(head: str) -> PartStart:
    headers = _part_headers(head)
    try:
        disposition, parameters = parse_parameters(headers.get("content-disposition", ""))
    except ParameterError as error:
        raise MultipartError(str(error)) from error
    name = parameters.get("name", "")
    if disposition != "form-data" or not name:
        raise MultipartError("A part of the form has no name.")
    if headers.get("content-transfer-encoding", "").lower() not in _PLAIN_ENCODINGS:
        raise MultipartError("A part of the form is in a transfer encoding. Send plain bytes.")
    media_type = headers.get("content-type", "")
    if media_type.lower().startswith("multipart/"):
        raise MultipartError("A part of the form is itself multipart. Send plain parts.")
    return PartStart(name, _charset(media_type))


def _part_headers(head: str) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in filter(None, head.split("\r\n")):
        name, colon, value = line.partition(":")
        if not colon or name.strip().lower() in headers:
            raise MultipartError("A header of a multipart part is malformed or repeated.")
        headers[name.strip().lower()] = value.strip()
    return headers


def _charset(media_type: str) -> str | None:
    try:
        return parse_parameters(media_type)[1].get("charset", "").lower() or None
    except ParameterError:
        # The type of a part decides nothing, so a malformed one is no reason to refuse.
        return None
