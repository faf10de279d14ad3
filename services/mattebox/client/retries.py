"""When a failed request is made again, and after how long."""

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from mattebox.client.errors import ApiError, MatteboxError, TimedOutError

_log = logging.getLogger("mattebox.client")


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How often and how patiently a request is made again; a cut-out has no effects, so it may be.

    It is made again after 408, 429 and 5xx, and where the connection failed or broke; never after
    any other 4xx, nor when ``timeout_s`` of the client has passed. The pause is a random share of a
    time that starts at ``base_s`` and doubles (full jitter), on top of what ``Retry-After`` says.
    """

    attempts: int = 3
    """The most requests that are made, the first included; 1 makes none again."""

    base_s: float = 0.5
    """The longest pause after the first failure, in seconds."""

    longest_s: float = 20.0
    """No pause is longer than this, be it asked for or chosen. Where ``Retry-After`` asks for more,
    the error is raised instead; its ``retry_after_s`` tells the caller."""

    total_s: float | None = None
    """No attempt begins later than so many seconds after the first; without it, any may."""

    chance: Callable[[], float] = field(default=random.random, repr=False, compare=False)
    """Gives the share of each pause, from 0 to 1."""

    clock: Callable[[], float] = field(default=time.monotonic, repr=False, compare=False)
    """Gives seconds, for ``total_s``."""

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ValueError("attempts must be 1 or more")
        if self.base_s < 0 or self.longest_s < 0:
            raise ValueError("base_s and longest_s must not be negative")


DEFAULT_RETRIES = Retries()
NO_RETRIES = Retries(attempts=1)


class Attempts:
    """The attempts of one request, from the first on."""

    def __init__(self, retries: Retries) -> None:
        self._retries = retries
        self._begun_s = retries.clock()
        self._failed = 0

    def pause_s(self, error: MatteboxError) -> float:
        """Counts a failed attempt; returns the seconds to wait before the next.

        Raises:
            MatteboxError: ``error`` itself, where there is none.
        """
        self._failed += 1
        retries = self._retries
        asked_s = (error.retry_after_s or 0.0) if isinstance(error, ApiError) else 0.0
        # Who has waited for all of `timeout_s` has waited enough.
        is_final = not error.may_pass or isinstance(error, TimedOutError)
        if is_final or self._failed >= retries.attempts or asked_s > retries.longest_s:
            raise error
        longest_s = retries.longest_s - asked_s
        bound_s = min(longest_s, retries.base_s * 2.0 ** min(self._failed - 1, 60))
        pause_s = asked_s + retries.chance() * bound_s
        begins_s = retries.clock() - self._begun_s + pause_s
        if retries.total_s is not None and begins_s > retries.total_s:
            raise error
        _log.info("%s; trying again in %.1f s", error, pause_s)
        return pause_s
