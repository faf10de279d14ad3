"""Why a job cannot begin or go on, and why one picture of it fails."""


class UsageError(Exception):
    """What was asked for makes no sense; ``str(error)`` says why, and what does."""


class StopJobError(Exception):
    """No picture can be cut out any more; ``str(error)`` says why, and what to do."""

    def __init__(self, message: str, *, is_wrong_usage: bool = False) -> None:
        super().__init__(message)
        self.is_wrong_usage = is_wrong_usage


class PictureError(Exception):
    """This picture fails, and others may not: it cannot be read, or its cut-out not be written."""

    def __init__(self, code: str, message: str, advice: str) -> None:
        super().__init__(message)
        self.code = code
        self.advice = advice
