"""Finds the key in a request and the caller behind it. The key itself goes nowhere else."""

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import hdrs, web

from gateway.accounts.keys import KeyRecord, Mode
from gateway.errors import InvalidApiKeyError, MissingApiKeyError

_SCHEMES = frozenset({"bearer", "token", "api-key"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request."""

    key_id: str
    mode: Mode
    fingerprint: str


class Authenticator:
    """Admits requests with a key that ``recognise`` knows.

    ``query`` says whether ``?api_key=`` is accepted too.
    """

    def __init__(self, recognise: Callable[[str], KeyRecord | None], *, query: bool) -> None:
        self._recognise = recognise
        self._query = query

    def authenticate(self, request: web.Request) -> Caller:
        """Returns the caller.

        Raises:
            MissingApiKeyError: if there is no key.
            InvalidApiKeyError: if the key is none of ours, or no longer one.
        """
        key = _key_in_headers(request)
        if not key and self._query:
            key = request.query.get("api_key", "")
        if not key:
            raise MissingApiKeyError
        record = self._recognise(key)
        if record is None:
            raise InvalidApiKeyError
        return Caller(record.key_id, record.mode, record.fingerprint)


def _key_in_headers(request: web.Request) -> str:
    if key := request.headers.get("X-Api-Key", "").strip():
        return key
    scheme, _, key = request.headers.get(hdrs.AUTHORIZATION, "").strip().partition(" ")
    return key.strip() if scheme.lower() in _SCHEMES else ""
