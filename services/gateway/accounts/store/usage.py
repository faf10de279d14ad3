"""The statements about usage."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import BigInteger, Cast, cast, delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import InstrumentedAttribute

from gateway.accounts.store.rows import UsageRow
from gateway.accounts.store.upsert import insert
from gateway.accounts.tables import AccountTable, KeyTable, UsageBatchTable, UsageTable
from gateway.accounts.usage import UsageBatch, UsageCount

_BATCHES_KEPT = timedelta(days=7)
"""A batch that could not be written for longer than this is taken for a new one."""


async def write(connection: AsyncConnection, batch: UsageBatch) -> None:
    """Adds a batch to what is counted, unless it has been added before.

    What keys were used for that are no more is left out.
    """
    now = datetime.now(UTC)
    added = await connection.execute(
        insert(connection, UsageBatchTable)
        .values(batch_id=batch.batch_id, written_at=now)
        .on_conflict_do_nothing()
    )
    if added.rowcount == 0:
        return
    there = await _there(connection, {slot.key_id for slot in batch.counts})
    # In one order, so that no two gateways wait for each other.
    slots = sorted(
        ((slot, count) for slot, count in batch.counts.items() if slot.key_id in there),
        key=lambda item: (item[0].key_id, item[0].day),
    )
    if slots:
        statement = insert(connection, UsageTable)
        await connection.execute(
            statement.on_conflict_do_update(
                index_elements=[UsageTable.key_id, UsageTable.day],
                set_={
                    "images": UsageTable.images + statement.excluded.images,
                    "pixels": UsageTable.pixels + statement.excluded.pixels,
                },
            ),
            [
                {
                    "key_id": slot.key_id,
                    "day": slot.day,
                    "images": count.images,
                    "pixels": count.pixels,
                }
                for slot, count in slots
            ],
        )
    await connection.execute(
        delete(UsageBatchTable).where(UsageBatchTable.written_at < now - _BATCHES_KEPT)
    )


async def of_account(
    connection: AsyncConnection,
    account_id: int,
    first_day: date,
    unwritten: Sequence[UsageBatch] = (),
) -> UsageCount:
    """Sums up what the keys of an account were used for from ``first_day`` on.

    Each batch of ``unwritten`` counts once, whether it has been added meanwhile or not.
    """
    # One statement sees the sums and the batches in them at one moment.
    added = [exists().where(UsageBatchTable.batch_id == batch.batch_id) for batch in unwritten]
    found = await connection.execute(
        select(_sum(UsageTable.images), _sum(UsageTable.pixels), *added)
        .join(KeyTable, KeyTable.id == UsageTable.key_id)
        .where(KeyTable.account_id == account_id, UsageTable.day >= first_day)
    )
    images, pixels, *is_added = found.one()
    missing = [batch for batch, there in zip(unwritten, is_added, strict=True) if not there]
    key_ids = await _key_ids(connection, account_id) if missing else set()
    return sum(
        (
            count
            for batch in missing
            for slot, count in batch.counts.items()
            if slot.key_id in key_ids and slot.day >= first_day
        ),
        start=UsageCount(images, pixels),
    )


async def rows(
    connection: AsyncConnection, first_day: date, last_day: date, key_id: str | None
) -> list[UsageRow]:
    """Returns the usage of all keys or of one in the days from ``first_day`` to ``last_day``."""
    chosen = (
        select(
            UsageTable.day,
            AccountTable.email,
            UsageTable.key_id,
            KeyTable.name,
            UsageTable.images,
            UsageTable.pixels,
        )
        .join(KeyTable, KeyTable.id == UsageTable.key_id)
        .join(AccountTable, AccountTable.id == KeyTable.account_id)
        .where(UsageTable.day.between(first_day, last_day))
        .order_by(UsageTable.day, AccountTable.email, UsageTable.key_id)
    )
    if key_id is not None:
        chosen = chosen.where(UsageTable.key_id == key_id)
    return [UsageRow(*row) for row in await connection.execute(chosen)]


async def _there(connection: AsyncConnection, key_ids: Collection[str]) -> set[str]:
    """Which of these keys there are; they stay until the transaction ends."""
    found = select(KeyTable.id).where(KeyTable.id.in_(key_ids)).order_by(KeyTable.id)
    return set(await connection.scalars(found.with_for_update(read=True, key_share=True)))


async def _key_ids(connection: AsyncConnection, account_id: int) -> set[str]:
    return set(
        await connection.scalars(select(KeyTable.id).where(KeyTable.account_id == account_id))
    )


def _sum(column: InstrumentedAttribute[int]) -> Cast[int]:
    # A sum of 64-bit integers is a decimal number to PostgreSQL.
    return cast(func.coalesce(func.sum(column), 0), BigInteger)
