"""Accounts, plans, keys and usage."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_LARGE_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes the tables, and the two plans that every installation starts with."""
    _make_plans()
    op.create_table(
        "accounts",
        sa.Column("id", _LARGE_INTEGER, nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("plan", sa.String(64), nullable=False),
        sa.Column("suspended_at", _MOMENT),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("email", name="uq_accounts_email"),
        sa.ForeignKeyConstraint(["plan"], ["plans.name"], name="fk_accounts_plan"),
    )
    _make_keys()
    _make_usage()
    op.create_table(
        "facts",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("value", sa.String(255), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_facts"),
    )


def downgrade() -> None:
    """Takes everything away."""
    for table in ("facts", "usage_batches", "usage", "api_keys", "accounts", "plans"):
        op.drop_table(table)


def _make_plans() -> None:
    plans = op.create_table(
        "plans",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("requests_per_minute", sa.Integer()),
        sa.Column("megapixels_per_minute", sa.Integer()),
        sa.PrimaryKeyConstraint("name", name="pk_plans"),
    )
    op.bulk_insert(
        plans,
        [
            {"name": "standard", "requests_per_minute": 600, "megapixels_per_minute": 6000},
            {"name": "local", "requests_per_minute": 6000, "megapixels_per_minute": None},
        ],
    )


def _make_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(12), nullable=False),
        sa.Column("account_id", _LARGE_INTEGER, nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("plan", sa.String(64)),
        sa.Column("requests_per_minute", sa.Integer()),
        sa.Column("megapixels_per_minute", sa.Integer()),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT),
        sa.Column("revoked_at", _MOMENT),
        sa.Column("replaced_by", sa.String(12)),
        sa.Column("last_used_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_api_keys_account_id"),
        sa.ForeignKeyConstraint(["plan"], ["plans.name"], name="fk_api_keys_plan"),
        sa.ForeignKeyConstraint(["replaced_by"], ["api_keys.id"], name="fk_api_keys_replaced_by"),
        sa.CheckConstraint("mode IN ('live', 'admin', 'synthetic')", name="ck_api_keys_mode"),
    )
    op.create_index("ix_api_keys_account_id", "api_keys", ["account_id"])


def _make_usage() -> None:
    op.create_table(
        "usage",
        sa.Column("key_id", sa.String(12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("images", sa.BigInteger(), nullable=False),
        sa.Column("pixels", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", "day", name="pk_usage"),
    )
    op.create_table(
        "usage_batches",
        sa.Column("batch_id", sa.String(32), nullable=False),
        sa.Column("written_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("batch_id", name="pk_usage_batches"),
    )
    op.create_index("ix_usage_batches_written_at", "usage_batches", ["written_at"])
