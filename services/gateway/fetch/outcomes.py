"""How downloads end: a closed set of words, for metrics and the log, that tell nothing of where."""

from enum import StrEnum

from gateway.errors import FetchFailedError


class Outcome(StrEnum):
    """The end of a download."""

    OK = "ok"
    SWITCHED_OFF = "switched_off"
    URL_REFUSED = "url_refused"
    ADDRESS_REFUSED = "address_refused"
    UNRESOLVED = "unresolved"
    UNREACHABLE = "unreachable"
    TLS_FAILED = "tls_failed"
    TIMEOUT = "timeout"
    TOO_SLOW = "too_slow"
    BROKEN_ANSWER = "broken_answer"
    ENCODED_ANSWER = "encoded_answer"
    STATUS = "status"
    REDIRECT_REFUSED = "redirect_refused"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    TOO_LARGE = "too_large"
    TOO_MANY_DOWNLOADS = "too_many_downloads"
    NOT_ADMITTED = "not_admitted"
    CANCELLED = "cancelled"
    FAILED = "failed"


def fetch_failed(outcome: Outcome) -> FetchFailedError:
    """Makes the one error of refused and unreachable alike; only the log tells them apart."""
    error = FetchFailedError()
    error.detail = outcome.value
    return error
