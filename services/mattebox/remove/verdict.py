"""What a failed request means for the job, and what people can do about it."""

from enum import Enum, auto

from mattebox.client import ApiError, MatteboxError, TimedOutError
from mattebox.remove.sources import printable


class Verdict(Enum):
    """What follows from a failure."""

    SLOW_DOWN = auto()
    """The service has too much to do: again, and fewer at a time."""
    AGAIN = auto()
    """It may pass."""
    FAIL = auto()
    """This picture will never do."""
    STOP = auto()
    """No picture would."""


_TOO_MUCH = frozenset({429, 503, 504})
_STOPS = frozenset({401, 402, 403, 404, 405, 407, 501})
"""Of these no other picture would come to anything else: the key, the account, the URL."""

_WRONG_COLOUR = "invalid_bg_color"

_ADVICE = {
    "missing_api_key": "Give a key with --key or in MATTEBOX_KEY;"
    " `mattebox keys create` makes one.",
    "invalid_api_key": "Look at --key or MATTEBOX_KEY; `mattebox keys create` makes a new key.",
    "subscription_inactive": "Ask who runs the service to activate the account"
    " (`mattebox accounts activate`).",
    _WRONG_COLOUR: "Give --bg-color as '#ffcc00', a name as teal, or rgb().",
    "invalid_image": "Look whether it opens in a viewer; if it is damaged, get it anew.",
    "unsupported_image_format": "Convert it to JPEG or PNG.",
    "image_too_large": "Make it smaller.",
    "rate_limited": "Try again later with --resume, or ask for a higher limit of the key.",
    "overloaded": "Try again with --resume and fewer --jobs.",
    "unavailable": "Try again with --resume once the service is well.",
    "timeout": "Try again with --resume and fewer --jobs.",
}
_IF_NOT_THERE = "Look at --url: it is the address of a Mattebox without a path behind it."
_IF_UNREACHABLE = "Look whether the service runs and the address is right, then use --resume."
_IF_OPTION = "Look at the options."
_IF_FAILED = "The log of the service says more; --resume tries again what has failed."


def judge(error: MatteboxError) -> Verdict:
    """Tells what follows from a failure."""
    if isinstance(error, ApiError):
        if error.status in _TOO_MUCH:
            return Verdict.SLOW_DOWN
        if error.status in _STOPS or error.status < 400 or is_wrong_usage(error):
            return Verdict.STOP
    return Verdict.AGAIN if error.may_pass else Verdict.FAIL


def is_wrong_usage(error: MatteboxError) -> bool:
    """Tells whether it is what was asked for that stops the job."""
    return isinstance(error, ApiError) and error.code == _WRONG_COLOUR


def code_of(error: MatteboxError) -> str:
    """Names a failure for programs."""
    if isinstance(error, ApiError):
        return error.code
    return "timed_out" if isinstance(error, TimedOutError) else "connection_failed"


def message_of(error: MatteboxError) -> str:
    """Says what has failed, as a sentence."""
    message = error.message if isinstance(error, ApiError) else str(error)
    message = printable(" ".join(message.split()))
    ending = "" if message.endswith((".", "!", "?")) else "."
    request_id = error.request_id if isinstance(error, ApiError) else ""
    return f"{message}{ending}" + (
        f" Its log calls the request {request_id}." if request_id and is_servers(error) else ""
    )


def is_servers(error: MatteboxError) -> bool:
    """Tells whether it is the service that has failed, so that its log has more."""
    return isinstance(error, ApiError) and error.status >= 500


def advice_on(error: MatteboxError) -> str:
    """Says what people can do about a failure."""
    if not isinstance(error, ApiError):
        return _IF_UNREACHABLE
    if error.code in _ADVICE:
        return _ADVICE[error.code]
    if error.status in _STOPS or error.status < 400:
        return _IF_NOT_THERE
    return _IF_FAILED if is_servers(error) else _IF_OPTION
