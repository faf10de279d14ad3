"""Watches the engine, and says whether requests can be served."""

import asyncio
from collections.abc import Callable

from structlog.typing import FilteringBoundLogger

from segmenter.engine_watch import EngineWatch
from segmenter.errors import DeadlinePassedError, OverloadedError, SegmenterError
from segmenter.health_servicer import HealthServicer
from segmenter.served_models import ServedModels

LIVENESS, READINESS, OVERALL = "liveness", "readiness", ""

_FAILURES_BEFORE_UNREADY = 2


class _UndecidedError(Exception):
    """A look told nothing: things stay as they are, and the next look asks again."""


class HealthMonitor:
    """Ready means: the engine has every model, and computed a known answer rightly.

    The comparison is made at the start, after every loss of the engine, and whenever an engine
    call failed or goes unanswered for long: a server can go on calling itself ready over a dead
    or hung backend. One failed look may be a hiccup; two in a row make the service unready, and so
    does an engine that leaves the comparison unanswered as well. Then it is given up, so that no
    call waits for it.
    """

    def __init__(
        self,
        models: ServedModels,
        watch: EngineWatch,
        on_change: Callable[[bool], None],
        log: FilteringBoundLogger,
        interval_s: float = 1.0,
    ) -> None:
        self.servicer = HealthServicer((LIVENESS, READINESS, OVERALL))
        self._models = models
        self._watch = watch
        self._on_change = on_change
        self._log = log
        self._interval_s = interval_s
        self._ready = False
        self._failures = 0
        self._last_problem = ""
        self._task: asyncio.Task[None] | None = None

    @property
    def ready(self) -> bool:
        """Whether requests can be served."""
        return self._ready

    def start(self) -> None:
        """Begins to watch."""
        self.servicer.set(LIVENESS, serving=True)
        self._task = asyncio.create_task(self._look_forever(), name="health")

    async def stop(self) -> None:
        """Says "not serving" for good."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        self._publish(ready=False)
        self.servicer.end_watches()

    async def _look_forever(self) -> None:
        while True:
            await self._look()
            await asyncio.sleep(self._interval_s)

    async def _look(self) -> None:
        try:
            problem = await self._problem()
        except _UndecidedError:
            self._watch.raise_suspicion()
            return
        if problem is None:
            self._failures = 0
            self._last_problem = ""
            if not self._ready:
                self._publish(ready=True)
            return
        self._failures += 1
        self._watch.look_failed()
        if problem != self._last_problem:
            self._log.warning("engine_not_ready", detail=problem)
            self._last_problem = problem
        if self._ready and self._failures >= _FAILURES_BEFORE_UNREADY:
            self._models.watched.give_up()
            self._watch.engine_lost()
            self._publish(ready=False)

    async def _problem(self) -> str | None:
        try:
            if self._watch.take_suspicion() or self._is_silent():
                await self._prove()
            elif not await self._models.ready():
                return "The engine does not have the model at hand."
        except OverloadedError as error:
            # A full queue says nothing about what the engine computes.
            raise _UndecidedError from error
        except _UndecidedError:
            raise
        except DeadlinePassedError:
            self._failures = _FAILURES_BEFORE_UNREADY
            return "The engine answers nothing."
        except SegmenterError as error:
            cause = f" ({error.__cause__})" if error.__cause__ else ""
            return f"{error}{cause}"
        except Exception as error:  # noqa: BLE001 - a watch that ends would freeze readiness
            return f"Something unforeseen failed: {type(error).__name__}: {error}"
        return None

    def _is_silent(self) -> bool:
        return self._models.watched.silent_s > self._models.patience_s

    async def _prove(self) -> None:
        answers = self._models.watched.answers
        try:
            await self._models.prove()
        except DeadlinePassedError as error:
            if self._models.watched.answers == answers:
                raise
            raise _UndecidedError from error  # it was busy with other pictures
        else:
            self._models.watched.trust()

    def _publish(self, *, ready: bool) -> None:
        self._ready = ready
        self.servicer.set(OVERALL, serving=ready)
        self.servicer.set(READINESS, serving=ready)
        self._on_change(ready)
        self._log.info("serving" if ready else "not_serving")
