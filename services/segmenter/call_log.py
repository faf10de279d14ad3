"""The log of the call that is being answered, bound to its request id."""

from contextvars import ContextVar

from structlog.typing import FilteringBoundLogger

call_log: ContextVar[FilteringBoundLogger] = ContextVar("call_log")
"""Set when a call arrives; tasks made on behalf of the call inherit it."""
