"""The life of `mattebox up`: start in order, watch, restart, drain in the opposite order."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from mattebox.up.errors import ServiceFailedError
from mattebox.up.kept_process import KeptProcess
from mattebox.up.say import say
from mattebox.up.service import Service, ServicePlan

_START_TICK_S = 0.1
_WATCH_TICK_S = 1.0
_KILL_DEADLINE_S = 10.0


@dataclass(frozen=True, slots=True)
class StopAsked:
    """A signal asked to stop."""

    signal_number: int


@dataclass(frozen=True, slots=True)
class Ended:
    """A child has ended, with all it had started."""

    process: KeptProcess


Events = SimpleQueue[StopAsked | Ended]


class Supervisor:
    """Keeps services up until it is asked to stop. Signals reach it through `events` only."""

    def __init__(
        self,
        plans: Sequence[ServicePlan],
        events: Events,
        announce: Callable[[Mapping[str, int]], None],
    ) -> None:
        """`announce` gets the process ids by name once all is up, and whenever they have changed.

        The services are started in the order of `plans`; each may rely on those before it.
        """
        self._events = events
        self._announce = announce
        self._services = [Service(plan, self._note_end) for plan in plans]

    def run(self) -> int:
        """Returns the exit code: 0 after a drain, that of the second signal if one cut it short.

        Raises:
            ServiceFailedError: a service did not come up; those that had are stopped again.
        """
        try:
            if self._start_all():
                self._announce(self._pids())
                self._watch()
        except ServiceFailedError:
            self._drain()
            raise
        return self._drain()

    def _start_all(self) -> bool:
        """Returns whether all is up; False if a signal came first."""
        for service in self._services:
            service.start()
            while not service.check_ready():
                match self._next_event(_START_TICK_S):
                    case StopAsked():
                        return False
                    case Ended(process):
                        raise self._failure_of(process)
                    case None if service.overdue():
                        limit_s = service.plan.start_deadline_s
                        raise _failed(service, f"did not answer within {limit_s:g} s")
                    case None:
                        pass
        return True

    def _watch(self) -> None:
        while True:
            match self._next_event(_WATCH_TICK_S):
                case StopAsked():
                    return
                case Ended(process):
                    self._owner(process).plan_restart()
                case None:
                    pass
            for service in self._services:
                if service.look_after():
                    self._announce(self._pids())
                    say(f"{service.plan.name} is up again (pid {service.pid}).")

    def _drain(self) -> int:
        for service in reversed(self._services):
            service.terminate()
            stop = self._await_end(service, service.plan.drain_deadline_s)
            if service.running and stop is None:
                say(f"{service.plan.name} did not finish in time and is ended.")
                service.kill()
                stop = self._await_end(service, _KILL_DEADLINE_S)
            if stop is not None:
                self._kill_all()
                return 128 + stop.signal_number
        return 0

    def _kill_all(self) -> None:
        for service in self._services:
            service.kill()
        for service in self._services:
            while service.running and self._await_end(service, _KILL_DEADLINE_S):
                pass  # a third signal cannot make it any faster

    def _await_end(self, service: Service, limit_s: float) -> StopAsked | None:
        """Waits until a service is down, the time is over or a signal comes, which it returns."""
        deadline_s = time.monotonic() + limit_s
        while service.running and (remaining_s := deadline_s - time.monotonic()) > 0:
            match self._next_event(remaining_s):
                case StopAsked() as stop:
                    return stop
                case Ended(process):
                    self._owner(process).forget_child()
                case None:
                    pass
        return None

    def _next_event(self, timeout_s: float) -> StopAsked | Ended | None:
        try:
            return self._events.get(timeout=timeout_s)
        except Empty:
            return None

    def _note_end(self, process: KeptProcess) -> None:
        self._events.put(Ended(process))

    def _owner(self, process: KeptProcess) -> Service:
        return next(service for service in self._services if service.owns(process))

    def _failure_of(self, process: KeptProcess) -> ServiceFailedError:
        service = self._owner(process)
        error = _failed(service, service.how_it_ended())
        service.forget_child()
        return error

    def _pids(self) -> dict[str, int]:
        return {service.plan.name: service.pid for service in self._services}


_ADVICE = "`mattebox doctor` looks for what is missing here."


def _failed(service: Service, how: str) -> ServiceFailedError:
    name = service.plan.name
    return ServiceFailedError(name, f"The start failed: {name} {how}. {_ADVICE}", service.tail)
