"""Why a command cannot do what it was asked for."""


class CommandError(Exception):
    """``str(error)`` is a sentence for the operator, or a line for each of several problems."""
