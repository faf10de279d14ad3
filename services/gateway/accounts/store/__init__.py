"""The database of accounts, plans, keys and usage."""

from gateway.accounts.store.account_store import AccountStore
from gateway.accounts.store.errors import StoreAwayError, StoreError
from gateway.accounts.store.opening import open_store, reach_server
from gateway.accounts.store.places import sqlite_path
from gateway.accounts.store.rows import Plan, UsageRow

__all__ = [
    "AccountStore",
    "Plan",
    "StoreAwayError",
    "StoreError",
    "UsageRow",
    "open_store",
    "reach_server",
    "sqlite_path",
]
