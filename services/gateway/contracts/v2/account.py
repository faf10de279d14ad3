"""The handler of ``GET /v2/account``: what a key is and what it has used, and nothing secret."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime

from aiohttp import web

from gateway.accounts.caller import Caller
from gateway.accounts.usage import UsageCount
from gateway.gate import Gate
from gateway.settings import MEGAPIXEL

UsageSince = Callable[[Caller, date], Awaitable[UsageCount]]
"""What the account of a caller has used since a day. Raises UnavailableError."""


class AccountPage:
    """Tells callers about their key and account."""

    def __init__(self, gate: Gate, usage_since: UsageSince) -> None:
        self._gate = gate
        self._usage_since = usage_since

    async def account(self, request: web.Request) -> web.Response:
        """Answers with the key's validity and the account's usage in this month (UTC)."""
        caller = await self._gate.admit(request, self._gate.key_in(request))
        first_day = datetime.now(UTC).date().replace(day=1)
        used = await self._usage_since(caller, first_day)
        return web.json_response(
            {
                "status": "ok",
                "api_key": {
                    "valid": True,
                    "mode": caller.mode,
                    "fingerprint": caller.fingerprint,
                },
                "account": {
                    "email": caller.account.email,
                    "plan": caller.account.plan,
                    # Callers of suspended accounts do not come this far.
                    "subscription_status": "active",
                    "billing_model": "metered_monthly",
                    "usage_unit": "image",
                },
                "usage": {
                    "period": f"{first_day:%Y-%m}",
                    "images": used.images,
                    "megapixels": round(used.pixels / MEGAPIXEL, 3),
                },
            }
        )
