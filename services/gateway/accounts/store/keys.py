"""The statements about keys."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.accounts.keys import KeyRecord, KeyTerms, NewKey
from gateway.accounts.store.upsert import insert
from gateway.accounts.tables import AccountTable, KeyTable, PlanTable

_RECORD = (
    select(
        KeyTable,
        AccountTable.email,
        AccountTable.plan.label("account_plan"),
        AccountTable.suspended_at,
        PlanTable.name.label("plan_in_force"),
        PlanTable.requests_per_minute.label("plan_requests_per_minute"),
        PlanTable.megapixels_per_minute.label("plan_megapixels_per_minute"),
    )
    .join(AccountTable, AccountTable.id == KeyTable.account_id)
    .join(PlanTable, PlanTable.name == func.coalesce(KeyTable.plan, AccountTable.plan))
    .order_by(KeyTable.created_at, KeyTable.id)
)


async def find(connection: AsyncConnection, key_id: str) -> KeyRecord | None:
    """Returns the record of one key."""
    row = (await connection.execute(_RECORD.where(KeyTable.id == key_id))).one_or_none()
    return None if row is None else _record_from_row(row)


async def all_keys(connection: AsyncConnection, account_id: int | None) -> list[KeyRecord]:
    """Returns the keys of one account or of all, the oldest first."""
    chosen = _RECORD if account_id is None else _RECORD.where(KeyTable.account_id == account_id)
    return [_record_from_row(row) for row in await connection.execute(chosen)]


async def add(connection: AsyncConnection, key: NewKey, account_id: int) -> None:
    """Adds a key."""
    await connection.execute(
        insert(connection, KeyTable).values(
            id=key.key_id,
            account_id=account_id,
            mode=key.mode,
            name=key.name,
            digest=key.digest,
            created_at=key.created_at,
            plan=key.terms.plan,
            requests_per_minute=key.terms.requests_per_minute,
            megapixels_per_minute=key.terms.megapixels_per_minute,
            expires_at=key.terms.expires_at,
        )
    )


async def replace(connection: AsyncConnection, old_id: str, key: NewKey, ends_at: datetime) -> bool:
    """Adds a key that takes over; says no where the old one is revoked or replaced already."""
    old = await connection.execute(
        select(KeyTable.account_id)
        .where(KeyTable.id == old_id, KeyTable.revoked_at.is_(None), KeyTable.replaced_by.is_(None))
        .with_for_update()
    )
    account_id = old.scalar_one_or_none()
    if account_id is None:
        return False
    await add(connection, key, account_id)
    end = {"expires_at": ends_at} if ends_at > key.created_at else {"revoked_at": key.created_at}
    await connection.execute(
        update(KeyTable).where(KeyTable.id == old_id).values(replaced_by=key.key_id, **end)
    )
    return True


async def replace_named(connection: AsyncConnection, key: NewKey, account_id: int) -> None:
    """Adds a key, and revokes all others of its account that have its name."""
    await add(connection, key, account_id)
    await connection.execute(
        update(KeyTable)
        .where(
            KeyTable.account_id == account_id,
            KeyTable.name == key.name,
            KeyTable.id != key.key_id,
            KeyTable.revoked_at.is_(None),
        )
        .values(revoked_at=key.created_at, replaced_by=key.key_id)
    )


async def revoke(connection: AsyncConnection, key_id: str, revoked_at: datetime) -> None:
    """Revokes a key, unless it is revoked."""
    await connection.execute(
        update(KeyTable)
        .where(KeyTable.id == key_id, KeyTable.revoked_at.is_(None))
        .values(revoked_at=revoked_at)
    )


async def note_use(connection: AsyncConnection, key_id: str, used_at: datetime) -> None:
    """Notes that a key was used, unless a later use is known."""
    await connection.execute(
        update(KeyTable)
        .where(
            KeyTable.id == key_id,
            KeyTable.last_used_at.is_(None) | (KeyTable.last_used_at < used_at),
        )
        .values(last_used_at=used_at)
    )


def _record_from_row(row: Row[*tuple[Any, ...]]) -> KeyRecord:
    own = KeyTerms(row.plan, row.requests_per_minute, row.megapixels_per_minute, row.expires_at)
    return KeyRecord(
        key_id=row.id,
        mode=row.mode,
        name=row.name,
        digest=row.digest,
        account_id=row.account_id,
        email=row.email,
        account_plan=row.account_plan,
        account_suspended=row.suspended_at is not None,
        plan=row.plan_in_force,
        requests_per_minute=_first(own.requests_per_minute, row.plan_requests_per_minute),
        megapixels_per_minute=_first(own.megapixels_per_minute, row.plan_megapixels_per_minute),
        terms=own,
        created_at=row.created_at,
        revoked_at=row.revoked_at,
        replaced_by=row.replaced_by,
        last_used_at=row.last_used_at,
    )


def _first(own: int | None, plans: int | None) -> int | None:
    return own if own is not None else plans
