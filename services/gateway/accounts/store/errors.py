"""The failures of the database: whatever it was, and those that pass by themselves."""


class StoreError(Exception):
    """The database is away, or it failed; ``str(error)`` is a sentence without secrets."""


class StoreAwayError(StoreError):
    """The database cannot be reached or does not answer, which may be over in a moment."""
