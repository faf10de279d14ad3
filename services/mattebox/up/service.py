"""A service that is to be up: started, watched, and started again after a wait when it ends."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from mattebox.up.backoff import Backoff
from mattebox.up.health import Health
from mattebox.up.kept_process import KeptProcess, Launch
from mattebox.up.say import say


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """What a service is; the same for each of its starts."""

    name: str
    launch: Launch
    health: Callable[[int], Health]
    """Makes a watch for the child with this process id."""

    start_deadline_s: float = 60.0
    """How long it may take until it answers."""

    drain_deadline_s: float = 40.0
    """How long it may take to finish what it has begun, once it was asked to end."""


class Stage(Enum):
    """Where a service stands between two starts."""

    DOWN = auto()
    STARTING = auto()
    UP = auto()
    ENDING = auto()


class Service:
    """One service over all its starts."""

    def __init__(
        self,
        plan: ServicePlan,
        on_end: Callable[[KeptProcess], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.plan = plan
        self.stage = Stage.DOWN
        self._on_end = on_end
        self._clock = clock
        self._backoff = Backoff()
        self._process: KeptProcess | None = None
        self._health: Health | None = None
        self._started_at_s = 0.0
        self._up_at_s: float | None = None
        self._due_at_s = 0.0

    @property
    def pid(self) -> int:
        """The child's process id; 0 while it is down."""
        return self._process.pid if self._process else 0

    @property
    def running(self) -> bool:
        """Tells whether a child is there, in whatever stage."""
        return self._process is not None

    @property
    def tail(self) -> str:
        """The last lines of its output."""
        return self._process.tail if self._process else ""

    def owns(self, process: KeptProcess) -> bool:
        """Tells whether this process is the service's present one."""
        return process is self._process

    def start(self) -> None:
        """Starts a child.

        Raises:
            OSError: the system cannot start any process.
        """
        self._started_at_s = self._clock()
        self._up_at_s = None
        self._process = KeptProcess(self.plan.launch, self._on_end)
        self._health = self.plan.health(self._process.pid)
        self.stage = Stage.STARTING

    def check_ready(self) -> bool:
        """Looks whether the child that was started answers by now."""
        if self._health is not None and self._health.ready():
            self.stage = Stage.UP
            self._up_at_s = self._clock()
        return self.stage is Stage.UP

    def overdue(self) -> bool:
        """Tells whether the child should have answered by now."""
        return self._clock() - self._started_at_s > self.plan.start_deadline_s

    def look_after(self) -> bool:
        """Does what is due; returns whether the service is up again after a restart."""
        match self.stage:
            case Stage.DOWN if self._clock() >= self._due_at_s:
                self._start_again()
            case Stage.STARTING if self.check_ready():
                return True
            # One that is late but alive waits for another service, and is not ended for that.
            case Stage.STARTING if self.overdue():
                self._end_if_in_trouble()
            case Stage.UP:
                self._end_if_in_trouble()
            case _:
                pass
        return False

    def plan_restart(self) -> None:
        """Notes that the child has ended, and when the next one is due."""
        self._wait_to_start(f"{self.plan.name} (pid {self.pid}) {self.how_it_ended()}")
        self.forget_child()

    def forget_child(self) -> None:
        """Notes that the child has ended, whether or not another is to follow."""
        self._process = None
        self.stage = Stage.DOWN

    def how_it_ended(self) -> str:
        """Says how the present child has ended, as the rest of a sentence."""
        code = self._process.exit_code if self._process else None
        if code is None:
            return "is not running"
        if code - 128 not in signal.valid_signals():
            return f"ended with exit code {code}"
        return f"was ended by {signal.Signals(code - 128).name}"

    def terminate(self) -> None:
        """Asks the child to finish and end."""
        if self._process:
            self._process.terminate()

    def kill(self) -> None:
        """Ends the child and all it started, at once."""
        if self._process:
            self._process.kill()
            self.stage = Stage.ENDING

    def _start_again(self) -> None:
        try:
            self.start()
        except OSError as error:  # the machine is short of processes or memory, for now
            self._wait_to_start(f"{self.plan.name} cannot be started ({error.strerror})")

    def _wait_to_start(self, reason: str) -> None:
        up_s = 0.0 if self._up_at_s is None else self._clock() - self._up_at_s
        delay_s = self._backoff.delay_s(up_s)
        self._due_at_s = self._clock() + delay_s
        say(f"{reason}; it starts again {f'in {delay_s:g} s' if delay_s else 'at once'}.")

    def _end_if_in_trouble(self) -> None:
        if self._health is not None and (trouble := self._health.trouble()):
            say(f"{self.plan.name} (pid {self.pid}) is ended: {trouble}.")
            self.kill()
