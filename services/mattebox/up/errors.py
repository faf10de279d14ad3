"""Why `mattebox up` cannot start or go on."""


class CannotStartError(Exception):
    """Something `up` needs is missing or taken; ``str(error)`` says what, and what to do."""


class ServiceFailedError(CannotStartError):
    """A service ended or stayed silent while it was being started."""

    def __init__(self, service: str, message: str, tail: str) -> None:
        super().__init__(f"{message} Its last lines:\n{tail.rstrip()}" if tail else message)
        self.service = service
        self.tail = tail
