"""The database's schema, step by step. Alembic is loaded only where one is to be taken."""

REVISIONS = ("0001",)
"""Every revision of the schema, the oldest first."""
