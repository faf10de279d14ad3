"""Does something again and again on an event loop, for as long as it runs."""

import asyncio
from collections.abc import Callable

from structlog.typing import FilteringBoundLogger


class Ticker:
    """Calls ``on_tick`` every ``period_s`` seconds.

    One call that fails ends nothing. Of failures in a row the first one is logged.
    """

    def __init__(
        self, on_tick: Callable[[], None], log: FilteringBoundLogger, period_s: float = 1.0
    ) -> None:
        self._on_tick = on_tick
        self._log = log
        self._period_s = period_s
        self._fails = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins on the running loop."""
        self._task = asyncio.create_task(self._tick_forever(), name="ticker")

    async def stop(self) -> None:
        """Ends ticking."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def _tick_forever(self) -> None:
        while True:
            self._tick()
            await asyncio.sleep(self._period_s)

    def _tick(self) -> None:
        try:
            self._on_tick()
        except Exception:  # noqa: BLE001  whatever it is, the next tick may go well
            if not self._fails:
                self._log.exception("unforeseen_error")
            self._fails = True
        else:
            self._fails = False
