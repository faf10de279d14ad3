"""A container: its process, kept running, probed, and ended in order."""

import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.deploy.pods.container_spec import ContainerSpec
from tests.deploy.pods.handlers import Handler, ProbeSpec
from tests.deploy.pods.namespaces import Namespace
from tests.deploy.pods.probes import GrpcProber, Probing, succeeds
from tests.deploy.pods.process import Launch, Process

_LEAST_AFTER_A_HOOK_S = 2.0
"""What a process has to end in when a hook has used up its pod's grace period."""


@dataclass(frozen=True, slots=True)
class Kubelet:
    """What containers are kept with."""

    node: Namespace
    grpc: GrpcProber
    first_backoff_s: float = 10.0
    longest_backoff_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Setting:
    """What a container has from its pod and its image."""

    launch: Launch
    address: str
    grace_s: float
    stop_signal: signal.Signals


class Container:
    """Runs until it is stopped, again after each end; ``changed`` is told of its readiness."""

    def __init__(
        self, spec: ContainerSpec, setting: Setting, kubelet: Kubelet, changed: Callable[[], None]
    ) -> None:
        self.spec = spec
        self.restarts = 0
        self.kills = 0
        """How often its process did not end within its grace period."""
        self.changed_s = time.monotonic()
        """When its readiness changed last, on the monotonic clock."""
        self._setting, self._kubelet, self._changed = setting, kubelet, changed
        self._ready = False
        self._stopping = threading.Event()
        self._process: Process | None = None
        self._first = threading.Event()
        self._probings: list[Probing] = []
        self._thread = threading.Thread(target=self._keep, name=f"keep-{spec.name}", daemon=True)
        self._thread.start()
        self._first.wait()

    @property
    def ready(self) -> bool:
        """Whether its probes say that it serves."""
        return self._ready

    @property
    def process(self) -> Process:
        """Its process.

        Raises:
            RuntimeError: it has none at this moment.
        """
        if self._process is None or self._process.ended:
            raise RuntimeError(f"{self.spec.name} does not run")
        return self._process

    @property
    def oom_kills(self) -> int:
        """How many of its processes were killed since memory ran out."""
        memory = self._setting.launch.memory
        return 0 if memory is None else memory.killed

    def stop(self) -> None:
        """Ends it for good, as its pod's end asks for; returns when it has ended."""
        self._stopping.set()
        if self._process is not None:
            self._end(self._process)
        self._thread.join()

    def kill(self) -> None:
        """Ends it for good at once."""
        self._stopping.set()
        if self._process is not None:
            self._process.kill()
        self._thread.join()

    def _keep(self) -> None:
        backoff_s = self._kubelet.first_backoff_s
        while not self._stopping.is_set():
            process = self._process = Process(self._setting.launch)
            self._first.set()
            if self._stopping.is_set():
                process.kill()
            self._begin_probing(process)
            process.wait()
            for probing in self._probings:
                probing.stop()
            self._is_ready(False)
            if self._stopping.is_set():
                return
            self.restarts += 1
            self._changed()
            self._stopping.wait(backoff_s)
            backoff_s = min(2 * backoff_s, self._kubelet.longest_backoff_s)

    def _begin_probing(self, process: Process) -> None:
        """Begins with the startup probe, if there is one; the others wait for it."""
        self._probings = []
        if self.spec.startup is None:
            self._begun(process)
            return

        def found(ok: bool) -> bool:
            (self._begun if ok else self._end)(process)
            return False

        self._probing(self.spec.startup, process, found)

    def _begun(self, process: Process) -> None:
        def alive(ok: bool) -> bool:
            if not ok:
                self._end(process)
            return ok

        if self.spec.liveness is not None:
            self._probing(self.spec.liveness, process, alive)
        if self.spec.readiness is not None:
            self._probing(self.spec.readiness, process, self._is_ready)
        else:
            self._is_ready(True)

    def _probing(self, probe: ProbeSpec, process: Process, found: Callable[[bool], bool]) -> None:
        def check(handler: Handler, timeout_s: float) -> bool:
            return self._succeeds(handler, process, timeout_s)

        self._probings.append(Probing(probe, self._kubelet.node, check, found))

    def _succeeds(self, handler: Handler, process: Process, timeout_s: float) -> bool:
        return succeeds(handler, self._setting.address, process, self._kubelet.grpc, timeout_s)

    def _is_ready(self, ready: bool) -> bool:
        if ready != self._ready:
            self._ready, self.changed_s = ready, time.monotonic()
            self._changed()
        return True

    def _end(self, process: Process) -> None:
        """Ends one process: the hook, the signal, and after the grace period the axe."""
        for probing in self._probings:
            probing.stop()
        due_s = time.monotonic() + self._setting.grace_s
        if self.spec.pre_stop is not None:
            with self._kubelet.node.entered():
                self._succeeds(self.spec.pre_stop, process, self._setting.grace_s)
        process.signal(self._setting.stop_signal)
        if not process.await_end(max(due_s - time.monotonic(), _LEAST_AFTER_A_HOOK_S)):
            self.kills += 1
            process.kill()
            process.await_end(_LEAST_AFTER_A_HOOK_S)
