"""An engine under watch: for how long it has left calls unanswered, and its being given up."""

import asyncio
import time

import numpy as np
from numpy.typing import NDArray

from segmenter.errors import EngineFailedError, EngineUnavailableError, OverloadedError
from segmenter.inference.engine import Engine, ModelSpec

_FORGOTTEN = 0.95
"""Share of what was usual that is left after each call that took less."""


class WatchedEngine:
    """The way to an engine on which pictures go; who doubts the engine asks it past this one.

    While the engine is given up its calls fail at once, those that run as well: their callers can
    retry elsewhere, rather than wait for their deadlines. Belongs to one event loop.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._running: set[asyncio.Task[NDArray[np.float32]]] = set()
        self._given_up = False
        self._silent_since_s: float | None = None
        self.answers = 0
        """How many calls were answered, with an error or not."""
        self.usual_s = 0.0
        """How long calls lately took at most, their wait behind those of others included."""

    @property
    def silent_s(self) -> float:
        """Seconds for which the engine has left calls unanswered; 0 where none is.

        One that nobody waits for any more counts until something is answered.
        """
        return 0.0 if self._silent_since_s is None else time.monotonic() - self._silent_since_s

    def give_up(self) -> None:
        """Fails all calls until the engine is trusted again."""
        self._given_up = True
        for run in self._running:
            run.cancel()

    def trust(self) -> None:
        """Takes calls again, and notes that the engine has just given an answer."""
        self._given_up = False
        self.note_answer()

    def note_answer(self) -> None:
        """Counts an answer of the engine."""
        self.answers += 1
        self._silent_since_s = time.monotonic() if self._running else None

    async def spec(self, model: str) -> ModelSpec:
        """See `Engine.spec`."""
        return await self._engine.spec(model)

    async def ready(self, model: str) -> bool:
        """See `Engine.ready`."""
        return not self._given_up and await self._engine.ready(model)

    async def close(self) -> None:
        """See `Engine.close`."""
        await self._engine.close()

    async def infer(
        self, model: str, batch_u8: NDArray[np.uint8], timeout_s: float, *, alone: bool = True
    ) -> NDArray[np.float32]:
        """See `Engine.infer`."""
        if self._given_up:
            raise _unavailable()
        started_s = time.monotonic()
        run = asyncio.create_task(self._engine.infer(model, batch_u8, timeout_s, alone=alone))
        self._running.add(run)
        if self._silent_since_s is None:
            self._silent_since_s = time.monotonic()
        try:
            return await run
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if caller is not None and caller.cancelling():
                raise
            raise _unavailable() from None
        finally:
            self._running.discard(run)
            if _is_answer(run):
                self.usual_s = max(time.monotonic() - started_s, _FORGOTTEN * self.usual_s)
                self.note_answer()


def _is_answer(run: "asyncio.Task[NDArray[np.float32]]") -> bool:
    if not run.done() or run.cancelled():
        return False
    return run.exception() is None or isinstance(
        run.exception(), EngineFailedError | OverloadedError
    )


def _unavailable() -> EngineUnavailableError:
    return EngineUnavailableError("The engine does not answer; retry later.")
