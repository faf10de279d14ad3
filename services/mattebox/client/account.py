"""What the service tells of a key and its account."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """A key, its account, and what the account has used this month."""

    mode: str
    """What the key is for: ``live``, ``admin`` or ``synthetic``."""

    fingerprint: str
    """Names the key without giving it away; logs call it so."""

    email: str
    plan: str

    subscription_status: str
    """``active`` or ``suspended``."""

    period: str
    """The month that the next two are of, in UTC, such as ``2026-11``."""

    images: int
    megapixels: float
