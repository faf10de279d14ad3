"""What Triton's answers mean. The one place that knows its message texts.

UNAVAILABLE has three meanings and only the message tells them apart; a test holds the texts
against the real server.
"""

from enum import Enum, auto

from tritonclient.utils import InferenceServerException

from segmenter.errors import (
    DeadlinePassedError,
    EngineFailedError,
    EngineUnavailableError,
    OverloadedError,
    SegmenterError,
    Shortage,
)

QUEUE_FULL = "Exceeds maximum queue size"
EXPIRED_IN_QUEUE = "Request timeout expired"
UNLOADING = ("Request for unknown model", "has no available versions")
BACKEND_DIED = "is not healthy"
SHUTTING_DOWN = ("Server is stopping", "server is exiting", "in exiting state")

_STATUS = "StatusCode."


class Meaning(Enum):
    """What an error of Triton says about the request and the server."""

    OVERLOADED = auto()
    EXPIRED = auto()
    GONE = auto()
    """This replica is down, starting or unloading: another attempt may find a better one."""

    BROKEN = auto()
    """The server answers, but its backend died: it must be restarted, retrying is pointless."""

    FAILED = auto()


def status_name(error: InferenceServerException) -> str:
    """Gives gRPC's name of the status; errors of the client library itself have none."""
    return (error.status() or "UNKNOWN").removeprefix(_STATUS)


def meaning_of(error: InferenceServerException) -> Meaning:
    """Classifies by message first, then by status code."""
    status, message = error.status() or "", error.message() or ""
    if QUEUE_FULL in message:
        return Meaning.OVERLOADED
    if EXPIRED_IN_QUEUE in message or status == f"{_STATUS}DEADLINE_EXCEEDED":
        return Meaning.EXPIRED
    if BACKEND_DIED in message:
        return Meaning.BROKEN
    if (
        status in (f"{_STATUS}UNAVAILABLE", f"{_STATUS}CANCELLED")
        or any(text in message for text in UNLOADING)
        or any(text in message for text in SHUTTING_DOWN)
    ):
        return Meaning.GONE
    return Meaning.FAILED


def translate(error: InferenceServerException) -> SegmenterError:
    """Makes the segmenter's error of it. Triton's own text stays in the cause."""
    match meaning_of(error):
        case Meaning.OVERLOADED:
            return OverloadedError(
                "The queue of the inference server is full; retry later.", Shortage.ENGINE_QUEUE
            )
        case Meaning.EXPIRED:
            return DeadlinePassedError("The deadline passed in the inference server's queue.")
        case Meaning.GONE:
            return EngineUnavailableError("The inference server is not reachable; retry later.")
        case Meaning.BROKEN:
            return EngineUnavailableError("The inference server is restarting; retry later.")
        case Meaning.FAILED:
            return EngineFailedError("The inference server failed on this picture.")
