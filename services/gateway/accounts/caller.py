"""Who sent a request, and how much they may send. Knows neither HTTP nor the database."""

from dataclasses import dataclass
from typing import Self

from gateway.accounts.keys import KeyRecord, Mode


@dataclass(frozen=True, slots=True)
class RateLimits:
    """What a key, or a plan, may take in a minute. None is no limit."""

    requests_per_minute: int | None
    megapixels_per_minute: int | None


@dataclass(frozen=True, slots=True)
class Account:
    """Whose keys they are. ``plan`` is the name of the account's own plan."""

    account_id: int
    email: str
    plan: str
    suspended: bool


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request. ``limits`` are the key's own where it has any, else its plan's."""

    key_id: str
    mode: Mode
    fingerprint: str
    account: Account
    limits: RateLimits

    @property
    def metered(self) -> bool:
        """Whether requests are counted and limited; those of admins and probes are not."""
        return self.mode == "live"

    @classmethod
    def of(cls, record: KeyRecord) -> Self:
        """The caller who has the key of ``record``."""
        return cls(
            key_id=record.key_id,
            mode=record.mode,
            fingerprint=record.fingerprint,
            account=Account(
                record.account_id, record.email, record.account_plan, record.account_suspended
            ),
            limits=RateLimits(record.requests_per_minute, record.megapixels_per_minute),
        )
