"""What the store answers with that no other module has a name for."""

from dataclasses import dataclass
from datetime import date

from gateway.accounts.caller import RateLimits


@dataclass(frozen=True, slots=True)
class Plan:
    """The limits of all keys that have none of their own."""

    name: str
    limits: RateLimits


@dataclass(frozen=True, slots=True)
class UsageRow:
    """What one key was used for on one day (UTC)."""

    day: date
    email: str
    key_id: str
    key_name: str
    images: int
    pixels: int
