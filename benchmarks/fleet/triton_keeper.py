"""Triton as `mattebox up` keeps it: watched every second, and started anew when it is in trouble.

What watches and restarts it is the very code of `mattebox up`.
"""

import os
import signal
import threading
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Self

from bounds.cores import available_cores
from mattebox.up import keeper, ports, triton_files, triton_server, triton_wheel
from mattebox.up.kept_process import KeptProcess
from mattebox.up.service import Service
from mattebox.up.triton_server import TritonPorts, TritonSettings

_TICK_S = 1.0
_END_S = 30.0


class TritonKeeper:
    """One server with some models, up as long as the context."""

    def __init__(self, folder: Path, repository: Path, models: tuple[str, ...]) -> None:
        """Makes ready to start one.

        Raises:
            SystemExit: Triton cannot run here.
        """
        wheel = triton_wheel.locate()
        if (reason := triton_wheel.why_not(wheel)) is not None or wheel is None:
            raise SystemExit(f"Triton cannot run here. {reason}")
        files = triton_files.put_together(
            folder / "triton", wheel, [repository / model for model in models]
        )
        self.ports = TritonPorts(*ports.free_ports(3))
        settings = TritonSettings(models, available_cores(), shm_prefix=f"{folder.name}-")
        plan = triton_server.plan(wheel, files, self.ports, settings)
        self._ended: SimpleQueue[KeptProcess] = SimpleQueue()
        self._service = Service(plan, self._ended.put)
        self._stop = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="triton", daemon=True)
        self.restarts = 0
        self.restarts_at_strike = 0

    @property
    def pid(self) -> int:
        """The server's process id; 0 while it is down."""
        return self._service.pid

    @property
    def model_pids(self) -> list[int]:
        """Those of the processes in which it runs its models."""
        return keeper.children_of(self.pid)

    def strike(self, number: signal.Signals) -> None:
        """Sends the server a signal: SIGKILL, SIGSTOP or SIGCONT."""
        self.restarts_at_strike = self.restarts
        os.kill(self.pid, number)

    def strike_model(self, number: signal.Signals) -> None:
        """Sends one to the first process in which it runs a model."""
        self.restarts_at_strike = self.restarts
        os.kill(self.model_pids[0], number)

    def __enter__(self) -> Self:
        self._service.start()
        while not self._service.check_ready():
            if self._service.overdue() or not self._ended.empty():
                raise SystemExit(f"Triton did not start:\n{self._service.tail}")
            self._stop.wait(0.1)
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._watcher.join()
        self._service.kill()
        if self._service.running:
            self._ended.get(timeout=_END_S)

    def _watch(self) -> None:
        while not self._stop.is_set():
            try:
                process = self._ended.get(timeout=_TICK_S)
            except Empty:
                pass
            else:
                if self._service.owns(process):
                    self._service.plan_restart()
            if self._service.look_after():
                self.restarts += 1
