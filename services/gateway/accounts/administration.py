"""What operators do to accounts, plans and keys. Knows no command line and prints nothing."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from gateway.accounts.caller import Account, RateLimits
from gateway.accounts.keys import (
    KeyRecord,
    KeyTerms,
    Mode,
    NewKey,
    digest,
    generate_key,
    key_id,
)
from gateway.accounts.pepper import check_pepper
from gateway.accounts.rules import (
    AdministrationError,
    check_key,
    check_limits,
    check_plan_name,
    check_rotatable,
    end_of_overlap,
    kept_address,
    meant_key_id,
    renewed,
)
from gateway.accounts.store import AccountStore, Plan

DEFAULT_PLAN = "standard"
BOOTSTRAP_EMAIL = "local@mattebox.internal"
BOOTSTRAP_PLAN = "local"
BOOTSTRAP_NAME = "bootstrap"


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Administration:
    """Makes and changes what is in ``store``, with keys hashed under ``pepper``.

    Every call may raise StoreError, those that make keys PepperError where the database's keys
    were hashed under another pepper.
    """

    def __init__(
        self, store: AccountStore, pepper: bytes, now: Callable[[], datetime] = _utc_now
    ) -> None:
        self._store = store
        self._pepper = pepper
        self._now = now

    async def create_account(self, email: str, plan: str = DEFAULT_PLAN) -> Account:
        """Adds an account. ``email`` counts without regard to case and is kept in small letters.

        Raises:
            AdministrationError: the address is none or taken, or there is no such plan.
        """
        address = kept_address(email)
        await self._require_plan(plan)
        account = await self._store.add_account(address, plan, self._now())
        if account is None:
            raise AdministrationError(
                f"There is an account of {address} already. `mattebox keys create` makes keys"
                " of it."
            )
        return account

    async def accounts(self) -> Sequence[Account]:
        """Returns all accounts by address."""
        return await self._store.accounts()

    async def suspend_account(self, email: str) -> Account:
        """Has the account's keys refused until it is active again. May be repeated.

        Raises:
            AdministrationError: there is no such account.
        """
        return await self._set_suspended(email, self._now())

    async def activate_account(self, email: str) -> Account:
        """Takes the suspension of an account back. May be repeated.

        Raises:
            AdministrationError: there is no such account.
        """
        return await self._set_suspended(email, None)

    async def delete_account(self, email: str) -> tuple[Account, int]:
        """Removes an account with its keys and their usage, for good; returns how many keys too.

        Gateways refuse the keys as soon as they look again, which is when revoked ones are.

        Raises:
            AdministrationError: there is no such account.
        """
        account = await self._account(email)
        keys = await self._store.remove_account(account.email)
        if keys is None:
            raise _no_account(account.email)
        return account, keys

    async def plans(self) -> Sequence[Plan]:
        """Returns all plans by name."""
        return await self._store.plans()

    async def set_plan(self, name: str, limits: RateLimits) -> Plan:
        """Adds a plan, or gives the one of that name new limits, which hold within seconds.

        Raises:
            AdministrationError: the name or a limit is out of bounds.
        """
        check_plan_name(name)
        check_limits(limits.requests_per_minute, limits.megapixels_per_minute)
        plan = Plan(name, limits)
        await self._store.set_plan(plan)
        return plan

    async def create_key(
        self, email: str, *, mode: Mode = "live", name: str = "", terms: KeyTerms | None = None
    ) -> tuple[str, KeyRecord]:
        """Makes a key of an account. The key itself cannot be had again.

        Raises:
            AdministrationError: there is no such account, mode or plan, or a term is out of bounds.
        """
        agreed = terms or KeyTerms()
        account = await self._account(email)
        check_key(mode, name, agreed, self._now())
        if agreed.plan is not None:
            await self._require_plan(agreed.plan)
        key, new_key = await self._new_key(mode, name, agreed)
        await self._store.add_key(new_key, account.account_id)
        return key, await self._key(new_key.key_id)

    async def keys(self, email: str | None = None) -> Sequence[KeyRecord]:
        """Returns the keys of one account or of all, the oldest first.

        Raises:
            AdministrationError: there is no such account.
        """
        if email is None:
            return await self._store.keys()
        account = await self._account(email)
        return await self._store.keys(account.account_id)

    async def rotate_key(self, old_id: str, overlap: timedelta) -> tuple[str, KeyRecord]:
        """Makes a key to take over from another, on its terms and for as long again.

        ``old_id`` is its id, or the key itself.

        The old one is accepted until ``overlap`` is over, or until its own end if that is sooner;
        with no overlap it is revoked.

        Raises:
            AdministrationError: there is no such key, it is accepted no longer, or it has been
                rotated before; or the overlap is negative.
        """
        now = self._now()
        if overlap < timedelta(0):
            raise AdministrationError("The overlap cannot be negative.")
        old = await self._key(meant_key_id(old_id))
        check_rotatable(old, now)
        key, new_key = await self._new_key(old.mode, old.name, renewed(old, now))
        ends_at = end_of_overlap(old, now, overlap)
        if not await self._store.replace_key(old.key_id, new_key, ends_at):
            raise AdministrationError(
                f"The key {old.key_id} was changed at the same time. Look again with"
                " `mattebox keys list`."
            )
        return key, await self._key(new_key.key_id)

    async def revoke_key(self, revoked_id: str) -> KeyRecord:
        """Has a key refused from now on; one that was revoked before stays as it is.

        ``revoked_id`` is its id, or the key itself.

        Raises:
            AdministrationError: there is no such key.
        """
        meant_id = meant_key_id(revoked_id)
        await self._key(meant_id)
        await self._store.revoke_key(meant_id, self._now())
        return await self._key(meant_id)

    async def replace_bootstrap_key(self) -> str:
        """Returns a new key of the local account, whose earlier bootstrap keys it revokes."""
        now = self._now()
        await self._store.add_account(BOOTSTRAP_EMAIL, BOOTSTRAP_PLAN, now)
        account = await self._account(BOOTSTRAP_EMAIL)
        key, new_key = await self._new_key("live", BOOTSTRAP_NAME, KeyTerms())
        await self._store.replace_keys_named(new_key, account.account_id)
        return key

    async def _set_suspended(self, email: str, suspended_at: datetime | None) -> Account:
        address = kept_address(email)
        if not await self._store.set_suspended(address, suspended_at):
            raise _no_account(address)
        return await self._account(address)

    async def _account(self, email: str) -> Account:
        address = kept_address(email)
        account = await self._store.find_account(address)
        if account is None:
            raise _no_account(address)
        return account

    async def _key(self, sought_id: str) -> KeyRecord:
        record = await self._store.find_key(sought_id)
        if record is None:
            raise AdministrationError(
                f"There is no key {sought_id!r}. `mattebox keys list` shows those there are."
            )
        return record

    async def _require_plan(self, name: str) -> None:
        names = [plan.name for plan in await self._store.plans()]
        if name not in names:
            raise AdministrationError(
                f"There is no plan {name!r}; there are {', '.join(names)}. Name one of these, or"
                " make one with `mattebox plans set`."
            )

    async def _new_key(self, mode: Mode, name: str, terms: KeyTerms) -> tuple[str, NewKey]:
        await check_pepper(self._pepper, self._store)
        key = generate_key(mode)
        made_id = key_id(key)
        if made_id is None:
            raise ValueError("not a key")
        return key, NewKey(made_id, mode, name, digest(key, self._pepper), self._now(), terms)


def _no_account(address: str) -> AdministrationError:
    return AdministrationError(
        f"There is no account of {address}. `mattebox accounts list` shows all, and `mattebox"
        " accounts create` makes one."
    )
