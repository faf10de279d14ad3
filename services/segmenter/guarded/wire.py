"""The messages between the parent and its guarded children.

Each is one packet of JSON on a Unix socket, images travel beside it as descriptors. What comes
from a child is read as if from a stranger: it may have been taken over by the image it decoded.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from segmenter.errors import (
    InvalidImageError,
    MissingImageError,
    SegmenterError,
    TooManyBytesError,
    TooManyPixelsError,
    UnsupportedImageFormatError,
)
from segmenter.guarded.pixels import PictureLayout
from segmenter.imaging.header import Header
from segmenter.imaging.sniff import ImageFormat

MAX_PACKET_BYTES = 16_384
READY = b"ready"

_MAX_MESSAGE_CHARACTERS = 500
_ERRORS: dict[str, type[SegmenterError]] = {
    error.__name__: error
    for error in (
        InvalidImageError,
        MissingImageError,
        TooManyBytesError,
        TooManyPixelsError,
        UnsupportedImageFormatError,
    )
}

_METADATA = frozenset({"format", "limit_bytes", "limit_pixels", "width_px", "height_px"})


@dataclass(frozen=True, slots=True)
class Budget:
    """What one task may use up before its process is ended."""

    cpu_s: float
    memory_bytes: int
    """Address space on top of what the process takes when it starts."""


@dataclass(frozen=True, slots=True)
class Task:
    """Asks for the header of an image, or, given that, for its pixels."""

    encoded_bytes: int
    pixel_memory_bytes: int
    budget: Budget
    header: Header | None


class ChildError(Exception):
    """What went wrong in a child: the name of the exception, for the log."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Says that a task failed: the parts of an error, which is made where it is raised."""

    error: str
    """The name of its class."""

    message: str
    metadata: dict[str, str]
    cause: str
    """The name of what went wrong in the decoder, for the log; empty where nothing did."""

    def to_error(self) -> SegmenterError:
        """Makes the error."""
        error = _ERRORS[self.error](self.message, **self.metadata)
        if self.cause:
            error.__cause__ = ChildError(self.cause)
        return error


def refusal_of(error: SegmenterError) -> Refusal:
    """Takes an error apart."""
    cause = type(error.__cause__).__name__ if error.__cause__ else ""
    return Refusal(type(error).__name__, str(error), error.metadata, cause)


Reply: TypeAlias = Header | PictureLayout | Refusal
"""What was asked for, or why there is none."""


class BrokenReplyError(Exception):
    """A child answered with something that is no reply."""


def task_to_packet(task: Task) -> bytes:
    """Writes a task."""
    return json.dumps(asdict(task)).encode()


def task_from_packet(packet: bytes) -> Task:
    """Reads what `task_to_packet` wrote."""
    fields = json.loads(packet)
    header = fields.pop("header")
    return Task(
        budget=Budget(**fields.pop("budget")),
        header=_header(header) if header else None,
        **fields,
    )


def reply_to_packet(reply: Reply) -> bytes:
    """Writes a reply."""
    return json.dumps(_fields(reply)).encode()


def reply_from_packet(packet: bytes) -> Reply:
    """Reads a reply.

    Raises:
        BrokenReplyError: it is none.
    """
    try:
        ((kind, fields),) = json.loads(packet).items()
        return _READERS[kind](fields)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise BrokenReplyError("a guarded child sent something that is no reply") from error


def _fields(reply: Reply) -> dict[str, object]:
    match reply:
        case Header():
            return {"header": asdict(reply)}
        case PictureLayout():
            return {"picture": asdict(reply)}
        case Refusal():
            return {"refusal": asdict(reply)}


def _header(fields: dict[str, Any]) -> Header:
    return Header(
        ImageFormat(fields["format"]),
        _natural(fields["width_px"]),
        _natural(fields["height_px"]),
        bool(fields["intricate"]),
    )


def _layout(fields: dict[str, Any]) -> PictureLayout:
    return PictureLayout(
        _natural(fields["width_px"]),
        _natural(fields["height_px"]),
        bool(fields["has_alpha"]),
        _natural(fields["profile_bytes"], least=0),
        bool(fields["was_turned"]),
    )


def _refusal(fields: dict[str, Any]) -> Refusal:
    if fields["error"] not in _ERRORS or not fields["metadata"].keys() <= _METADATA:
        raise ValueError("no error that a child may report")
    cause = str(fields["cause"])
    return Refusal(
        error=fields["error"],
        message=str(fields["message"])[:_MAX_MESSAGE_CHARACTERS],
        metadata={name: str(value) for name, value in fields["metadata"].items()},
        cause=cause if cause.isidentifier() else "",
    )


def _natural(value: object, least: int = 1) -> int:
    if not isinstance(value, int) or value < least:
        raise ValueError("no natural number")
    return value


_READERS: Mapping[str, Callable[[dict[str, Any]], Reply]] = {
    "header": _header,
    "picture": _layout,
    "refusal": _refusal,
}
