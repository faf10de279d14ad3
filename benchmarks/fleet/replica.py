"""One process of a fleet, in the hands of whoever restarts and harms it."""

import os
import signal
import time
from dataclasses import dataclass

from mattebox.up.http_status import http_status
from mattebox.up.kept_process import KeptProcess, Launch

_START_S = 90.0
_END_S = 90.0
_TICK_S = 0.05


class ReplicaError(Exception):
    """A process did not do what it was asked in time."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a process listens: its own port, and that of its metrics and probes."""

    port: int
    metrics_port: int


class Replica:
    """A gateway or a segmenter. It cannot outlive this process, however that ends."""

    def __init__(self, name: str, place: Place, launch: Launch) -> None:
        """Starts it, and does not wait."""
        self.name = name
        self.place = place
        self.launch = launch
        self._process = KeptProcess(launch, lambda _process: None)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """As a shell gives it; None while it runs."""
        return self._process.exit_code

    def says(self, page: str) -> bool:
        """Tells whether /live or /ready is answered with 200."""
        return http_status(f"http://127.0.0.1:{self.place.metrics_port}/{page}", 2.0) == 200

    def await_ready(self) -> None:
        """Waits until it says that it is ready.

        Raises:
            ReplicaError: it does not, or ended.
        """
        give_up_s = time.monotonic() + _START_S
        while not self.says("ready"):
            if self.exit_code is not None or time.monotonic() > give_up_s:
                raise ReplicaError(f"{self.name} did not start:\n{self._process.tail}")
            time.sleep(_TICK_S)

    def terminate(self) -> None:
        """Asks it to end, as an orchestrator does."""
        self._process.terminate()

    def await_end(self) -> int:
        """Waits for its end; returns its exit code.

        Raises:
            ReplicaError: it goes on.
        """
        give_up_s = time.monotonic() + _END_S
        while (code := self.exit_code) is None:
            if time.monotonic() > give_up_s:
                raise ReplicaError(f"{self.name} did not end:\n{self._process.tail}")
            time.sleep(_TICK_S)
        return code

    def strike(self, number: signal.Signals) -> None:
        """Sends it a signal: SIGKILL, SIGSTOP or SIGCONT."""
        os.kill(self.pid, number)

    def end(self) -> None:
        """Ends it at once, if it runs."""
        if self.exit_code is None:
            self._process.kill()
            self.await_end()
