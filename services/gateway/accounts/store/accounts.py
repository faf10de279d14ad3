"""The statements about accounts and plans."""

from datetime import datetime

from sqlalchemy import Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.accounts.caller import Account, RateLimits
from gateway.accounts.store.rows import Plan
from gateway.accounts.store.upsert import insert
from gateway.accounts.tables import AccountTable, FactTable, KeyTable, PlanTable, UsageTable

_ACCOUNT = select(
    AccountTable.id, AccountTable.email, AccountTable.plan, AccountTable.suspended_at
).order_by(AccountTable.email)
_PLAN = select(
    PlanTable.name, PlanTable.requests_per_minute, PlanTable.megapixels_per_minute
).order_by(PlanTable.name)


async def add(
    connection: AsyncConnection, email: str, plan: str, created_at: datetime
) -> Account | None:
    """Adds an account; None where there is one of that address."""
    added = await connection.execute(
        insert(connection, AccountTable)
        .values(email=email, plan=plan, created_at=created_at)
        .on_conflict_do_nothing()
        .returning(AccountTable.id)
    )
    account_id = added.scalar_one_or_none()
    return None if account_id is None else Account(account_id, email, plan, suspended=False)


async def find(connection: AsyncConnection, email: str) -> Account | None:
    """Returns the account of that address."""
    row = (await connection.execute(_ACCOUNT.where(AccountTable.email == email))).one_or_none()
    return None if row is None else _account_from_row(row)


async def all_accounts(connection: AsyncConnection) -> list[Account]:
    """Returns the accounts by address."""
    return [_account_from_row(row) for row in await connection.execute(_ACCOUNT)]


async def set_suspended(
    connection: AsyncConnection, email: str, suspended_at: datetime | None
) -> bool:
    """Suspends or activates; says whether there is such an account."""
    changed = await connection.execute(
        update(AccountTable).where(AccountTable.email == email).values(suspended_at=suspended_at)
    )
    return changed.rowcount > 0


async def remove(connection: AsyncConnection, email: str) -> int | None:
    """Removes an account with its keys and their usage; returns how many keys it had."""
    sought = select(AccountTable.id).where(AccountTable.email == email).with_for_update()
    account_id = (await connection.execute(sought)).scalar_one_or_none()
    if account_id is None:
        return None
    # Locked in the order in which usage is written, so that neither waits for the other for ever.
    its_keys = select(KeyTable.id).where(KeyTable.account_id == account_id).order_by(KeyTable.id)
    key_ids = (await connection.scalars(its_keys.with_for_update())).all()
    await connection.execute(
        delete(UsageTable).where(
            UsageTable.key_id.in_(select(KeyTable.id).where(KeyTable.account_id == account_id))
        )
    )
    await connection.execute(delete(KeyTable).where(KeyTable.account_id == account_id))
    await connection.execute(delete(AccountTable).where(AccountTable.id == account_id))
    return len(key_ids)


async def all_plans(connection: AsyncConnection) -> list[Plan]:
    """Returns the plans by name."""
    rows = await connection.execute(_PLAN)
    return [Plan(name, RateLimits(requests, megapixels)) for name, requests, megapixels in rows]


async def set_plan(connection: AsyncConnection, plan: Plan) -> None:
    """Adds a plan, or gives it other limits."""
    limits = {
        "requests_per_minute": plan.limits.requests_per_minute,
        "megapixels_per_minute": plan.limits.megapixels_per_minute,
    }
    await connection.execute(
        insert(connection, PlanTable)
        .values(name=plan.name, **limits)
        .on_conflict_do_update(index_elements=[PlanTable.name], set_=limits)
    )


async def settle_fact(connection: AsyncConnection, name: str, value: str) -> str:
    """Returns the value of a fact, which is ``value`` if there was none."""
    await connection.execute(
        insert(connection, FactTable).values(name=name, value=value).on_conflict_do_nothing()
    )
    found = await connection.execute(select(FactTable.value).where(FactTable.name == name))
    return found.scalar_one()


def _account_from_row(row: Row[int, str, str, datetime | None]) -> Account:
    account_id, email, plan, suspended_at = row
    return Account(account_id, email, plan, suspended_at is not None)
