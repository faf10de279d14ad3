"""How accounts, plans and keys look to the operator: rows of tables, and JSON for programs."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gateway.accounts.caller import Account
from gateway.accounts.keys import KeyRecord

if TYPE_CHECKING:
    from gateway.accounts.store import Plan

Json = dict[str, object]

ACCOUNT_HEADER = ("account", "plan", "state")
PLAN_HEADER = ("plan", "requests/minute", "megapixels/minute")
KEY_HEADER = (
    *("id", "fingerprint", "account", "mode", "name", "plan", "requests/min", "MP/min"),
    *("state", "created", "expires", "last used"),
)
RIGHT = ("requests/minute", "megapixels/minute", "requests/min", "MP/min")
"""The columns of numbers."""

_NOTHING = "-"


def account_to_json(account: Account) -> Json:
    """Makes what `--json` shows of an account."""
    return {"email": account.email, "plan": account.plan, "state": _account_state(account)}


def account_to_row(account: Account) -> tuple[str, ...]:
    """Makes the cells under `ACCOUNT_HEADER`."""
    return (account.email, account.plan, _account_state(account))


def plan_to_json(plan: "Plan") -> Json:
    """Makes what `--json` shows of a plan; a limit of null is none."""
    return {
        "name": plan.name,
        "requests_per_minute": plan.limits.requests_per_minute,
        "megapixels_per_minute": plan.limits.megapixels_per_minute,
    }


def plan_to_row(plan: "Plan") -> tuple[str, ...]:
    """Makes the cells under `PLAN_HEADER`."""
    limits = plan.limits
    return (plan.name, _limit(limits.requests_per_minute), _limit(limits.megapixels_per_minute))


def key_to_json(key: KeyRecord) -> Json:
    """Makes what `--json` shows of a key: never the key itself or its hash.

    A limit of null is none: only live keys are limited, whatever the plans of others say.
    """
    limited = key.mode == "live"
    return {
        "id": key.key_id,
        "fingerprint": key.fingerprint,
        "account": key.email,
        "account_suspended": key.account_suspended,
        "mode": key.mode,
        "name": key.name,
        "plan": key.plan,
        "requests_per_minute": key.requests_per_minute if limited else None,
        "megapixels_per_minute": key.megapixels_per_minute if limited else None,
        "state": key.state_at(datetime.now(UTC)),
        "created_at": _iso(key.created_at),
        "expires_at": _iso(key.terms.expires_at),
        "revoked_at": _iso(key.revoked_at),
        "replaced_by": key.replaced_by,
        "last_used_at": _iso(key.last_used_at),
    }


def key_to_row(key: KeyRecord) -> tuple[str, ...]:
    """Makes the cells under `KEY_HEADER`."""
    if key.mode == "live":
        limits = (_limit(key.requests_per_minute), _limit(key.megapixels_per_minute))
    else:
        limits = (_NOTHING, _NOTHING)  # such keys are not limited, whatever their plan says
    return (
        *(key.key_id, key.fingerprint, key.email, key.mode, key.name or _NOTHING, key.plan),
        *limits,
        _key_state(key),
        *(moment(key.created_at), moment(key.terms.expires_at), moment(key.last_used_at)),
    )


def moment(at: datetime | None) -> str:
    """Writes a moment for people, in UTC."""
    return _NOTHING if at is None else at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _account_state(account: Account) -> str:
    return "suspended" if account.suspended else "active"


def _key_state(key: KeyRecord) -> str:
    state = key.state_at(datetime.now(UTC))
    refused = state in {"expired", "revoked"}
    return "suspended" if key.account_suspended and not refused else state


def _limit(per_minute: int | None) -> str:
    return "unlimited" if per_minute is None else str(per_minute)


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds")
