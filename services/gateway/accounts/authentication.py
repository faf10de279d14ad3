"""Finds the key in a request and the caller behind it. The key itself goes nowhere else."""

from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web

from gateway.accounts.caller import Caller
from gateway.accounts.keys import KeyRecord
from gateway.errors import InvalidApiKeyError, MissingApiKeyError, SubscriptionInactiveError

_SCHEMES = frozenset({"bearer", "token", "api-key"})


class Authenticator:
    """Admits callers with a key that ``recognise`` knows.

    ``query`` says whether ``?api_key=`` is accepted too.
    """

    def __init__(
        self, recognise: Callable[[str], Awaitable[KeyRecord | None]], *, query: bool
    ) -> None:
        self._recognise = recognise
        self._query = query

    def key_in(self, request: web.Request, key_header: str | None = None) -> str | None:
        """Returns the key in the head of ``request``: one in a header wins over the query's.

        Where a dialect has a ``key_header`` of its own, that comes first, and the query is no
        place for keys.
        """
        own_key = request.headers.get(key_header, "").strip() if key_header else ""
        if key := own_key or _key_in_headers(request):
            return key
        if key_header:
            return None
        return (self._query and request.query.get("api_key", "").strip()) or None

    async def authenticate(self, key: str | None) -> Caller:
        """Returns the caller who has ``key``.

        Raises:
            MissingApiKeyError: if there is no key.
            InvalidApiKeyError: if the key is none of ours, or no longer one.
            SubscriptionInactiveError: if the key is right and its account suspended.
            UnavailableError: if that cannot be known at the moment.
        """
        if not key:
            raise MissingApiKeyError
        record = await self._recognise(key)
        if record is None:
            raise InvalidApiKeyError
        if record.account_suspended:
            raise SubscriptionInactiveError
        return Caller.of(record)


def _key_in_headers(request: web.Request) -> str:
    if key := request.headers.get("X-Api-Key", "").strip():
        return key
    scheme, _, key = request.headers.get(hdrs.AUTHORIZATION, "").strip().partition(" ")
    return key.strip() if scheme.lower() in _SCHEMES else ""
