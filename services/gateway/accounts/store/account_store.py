"""All that is asked of the database, each in one transaction. The statements stand beside it."""

from collections.abc import Sequence
from datetime import date, datetime

from gateway.accounts.caller import Account
from gateway.accounts.keys import KeyRecord, NewKey
from gateway.accounts.store import accounts, keys, usage
from gateway.accounts.store.database import Database
from gateway.accounts.store.rows import Plan, UsageRow
from gateway.accounts.usage import UsageBatch, UsageCount


class AccountStore:
    """Accounts, plans, keys and usage in ``database``.

    Every call raises StoreError where the database is away, too slow or failing; whether a change
    was made is then unknown. All of them may be called at the same time.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_account(self, email: str, plan: str, created_at: datetime) -> Account | None:
        """Adds an account on an existing plan. None where there is one of that address."""
        return await self._database.write(lambda c: accounts.add(c, email, plan, created_at))

    async def find_account(self, email: str) -> Account | None:
        """Returns the account of an address in small letters."""
        return await self._database.read(lambda c: accounts.find(c, email))

    async def accounts(self) -> Sequence[Account]:
        """Returns all accounts by address."""
        return await self._database.read(accounts.all_accounts)

    async def set_suspended(self, email: str, suspended_at: datetime | None) -> bool:
        """Suspends an account, or with None activates it. False where there is no such account."""
        return await self._database.write(lambda c: accounts.set_suspended(c, email, suspended_at))

    async def remove_account(self, email: str) -> int | None:
        """Removes an account with its keys and their usage; None where there is no such account.

        Returns how many keys it had. Usage that gateways have not written yet is dropped.
        """
        return await self._database.write(lambda c: accounts.remove(c, email))

    async def plans(self) -> Sequence[Plan]:
        """Returns all plans by name."""
        return await self._database.read(accounts.all_plans)

    async def set_plan(self, plan: Plan) -> None:
        """Adds a plan, or gives the one of that name other limits."""
        await self._database.write(lambda c: accounts.set_plan(c, plan))

    async def settle_fact(self, name: str, value: str) -> str:
        """Returns the fact of that name: ``value`` if none was known."""
        return await self._database.write(lambda c: accounts.settle_fact(c, name, value))

    async def find_key(self, key_id: str) -> KeyRecord | None:
        """Returns a key with what its account and its plan say, whatever its state."""
        return await self._database.read(lambda c: keys.find(c, key_id))

    async def keys(self, account_id: int | None = None) -> Sequence[KeyRecord]:
        """Returns the keys of one account or of all, the oldest first, whatever their state."""
        return await self._database.read(lambda c: keys.all_keys(c, account_id))

    async def add_key(self, key: NewKey, account_id: int) -> None:
        """Adds a key to an account."""
        await self._database.write(lambda c: keys.add(c, key, account_id))

    async def replace_key(self, old_id: str, key: NewKey, ends_at: datetime) -> bool:
        """Adds a key beside the old one of its account, which ends at ``ends_at``.

        One that would end before the new one begins is revoked. False, and no key added, where
        the old one is revoked or replaced already.
        """
        return await self._database.write(lambda c: keys.replace(c, old_id, key, ends_at))

    async def replace_keys_named(self, key: NewKey, account_id: int) -> None:
        """Adds a key to an account, and revokes all others there that have its name."""
        await self._database.write(lambda c: keys.replace_named(c, key, account_id))

    async def revoke_key(self, key_id: str, revoked_at: datetime) -> None:
        """Revokes a key; one that was revoked before stays as it is."""
        await self._database.write(lambda c: keys.revoke(c, key_id, revoked_at))

    async def note_use(self, key_id: str, used_at: datetime) -> None:
        """Keeps when a key was last used."""
        await self._database.write(lambda c: keys.note_use(c, key_id, used_at))

    async def write_usage(self, batch: UsageBatch) -> None:
        """Adds a batch to the usage. One that was added in the last seven days adds nothing."""
        await self._database.write(lambda c: usage.write(c, batch))

    async def account_usage(
        self, account_id: int, first_day: date, unwritten: Sequence[UsageBatch] = ()
    ) -> UsageCount:
        """Sums up the usage of an account's keys from ``first_day`` (UTC) on.

        Each batch of ``unwritten`` counts once, whether it has been added meanwhile or not.
        """
        return await self._database.read(
            lambda c: usage.of_account(c, account_id, first_day, unwritten)
        )

    async def usage_rows(
        self, first_day: date, last_day: date, key_id: str | None = None
    ) -> Sequence[UsageRow]:
        """Returns usage by day, account and key, for the days named (UTC), both included."""
        return await self._database.read(lambda c: usage.rows(c, first_day, last_day, key_id))
