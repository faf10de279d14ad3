"""Lets callers in: their key first, then their rate, then whether there is room."""

from aiohttp import web

from gateway.accounts.authentication import Authenticator
from gateway.accounts.caller import Caller
from gateway.accounts.rate_limits import RateLimiter
from gateway.backpressure import Backpressure
from gateway.request_state import CALLER, RATE
from telemetry.tracing import step


class Gate:
    """Stands before everything that takes a key."""

    def __init__(
        self, authenticator: Authenticator, limiter: RateLimiter, backpressure: Backpressure
    ) -> None:
        self._authenticator = authenticator
        self._limiter = limiter
        self._backpressure = backpressure

    def key_in(self, request: web.Request, key_header: str | None = None) -> str | None:
        """The key in the head of ``request``, if there is one; see `Authenticator.key_in`."""
        return self._authenticator.key_in(request, key_header)

    async def admit(self, request: web.Request, key: str | None) -> Caller:
        """Returns who sent ``request``, and counts it.

        Raises:
            MissingApiKeyError, InvalidApiKeyError: there is no key, or none of ours.
            SubscriptionInactiveError: the account is suspended.
            RateLimitedError: the key has used up what it may.
            UnavailableError: the key cannot be looked up now.
        """
        with step("gate"):
            caller = await self._authenticator.authenticate(key)
            request[CALLER] = caller
            request[RATE] = await self._limiter.admit(caller)
            return caller

    async def expect_room(self, caller: Caller) -> None:
        """Returns if the picture of a caller who was admitted is likely to be made.

        Raises:
            OverloadedError, UnavailableError: it would be refused after its body was read.
        """
        with step("room"):
            await self._backpressure.check(caller.fingerprint)

    async def debit(self, caller: Caller, pixels: int) -> None:
        """Counts the pixels of an answer that is about to be delivered."""
        with step("debit"):
            await self._limiter.debit(caller, pixels)
