"""The tables of accounts, keys and usage, the same on SQLite and PostgreSQL."""

import datetime as dt

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    TypeDecorator,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from gateway.accounts.keys import Mode


class UtcDateTime(TypeDecorator[dt.datetime]):
    """A moment, in UTC in the database and in Python. One without a time zone is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: dt.datetime | None, _dialect: Dialect
    ) -> dt.datetime | None:
        """Turns a moment into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(dt.UTC)

    def process_result_value(
        self, value: dt.datetime | None, _dialect: Dialect
    ) -> dt.datetime | None:
        """Gives a moment the time zone that SQLite does not keep."""
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=dt.UTC)


LARGE_INTEGER = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits on both databases; only under this name does SQLite number the rows itself."""


class Table(DeclarativeBase):
    """What the tables share: how times are kept and constraints are named."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {dt.datetime: UtcDateTime()}  # noqa: RUF012  # as it is read


class PlanTable(Table):
    """Limits that keys share. NULL is no limit."""

    __tablename__ = "plans"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    requests_per_minute: Mapped[int | None]
    megapixels_per_minute: Mapped[int | None]


class AccountTable(Table):
    """Owners of keys. ``email`` is kept in small letters, so that case makes no second account."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(LARGE_INTEGER, primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    plan: Mapped[str] = mapped_column(ForeignKey("plans.name"))
    suspended_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]


class KeyTable(Table):
    """The keys, by the id that they carry. A NULL plan or limit leaves it to the account's plan."""

    __tablename__ = "api_keys"
    __table_args__ = (CheckConstraint("mode IN ('live', 'admin', 'synthetic')", name="mode"),)

    id: Mapped[str] = mapped_column(String(12), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    mode: Mapped[Mode] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(100))
    digest: Mapped[str] = mapped_column(String(64))
    plan: Mapped[str | None] = mapped_column(ForeignKey("plans.name"))
    requests_per_minute: Mapped[int | None]
    megapixels_per_minute: Mapped[int | None]
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime | None]
    revoked_at: Mapped[dt.datetime | None]
    replaced_by: Mapped[str | None] = mapped_column(ForeignKey("api_keys.id"))
    last_used_at: Mapped[dt.datetime | None]


class UsageTable(Table):
    """What was delivered, by key and day (UTC).

    ``key_id`` refers to no row: a key deleted by hand must not keep a batch from being written.
    """

    __tablename__ = "usage"
    __table_args__ = (PrimaryKeyConstraint("key_id", "day"),)

    key_id: Mapped[str] = mapped_column(String(12))
    day: Mapped[dt.date] = mapped_column(Date)
    images: Mapped[int] = mapped_column(BigInteger)
    pixels: Mapped[int] = mapped_column(BigInteger)


class UsageBatchTable(Table):
    """The batches that usage holds already, for as long as one of them may be sent again."""

    __tablename__ = "usage_batches"

    batch_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    written_at: Mapped[dt.datetime] = mapped_column(index=True)


class FactTable(Table):
    """What is to be remembered of the database as a whole."""

    __tablename__ = "facts"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(String(255))
