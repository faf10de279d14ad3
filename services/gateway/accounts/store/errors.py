"""The failure of the database, whatever it was."""


class StoreError(Exception):
    """The database is away, or it failed; ``str(error)`` is a sentence without secrets."""
