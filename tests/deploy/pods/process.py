"""One run of a container: a process in a sandbox, in the network and memory of its pod."""

import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.images.sandbox import Identity
from tests.deploy.pods.memory import MemoryGroup
from tests.deploy.pods.namespaces import Namespace

_JOINED = 'echo $$ > "$0" && exec "$@"'
_LOOK_S = 0.002


@dataclass(frozen=True, slots=True)
class Launch:
    """How to run it."""

    line: Sequence[str]
    """The sandbox and what runs in it."""
    env: Mapping[str, str]
    identity: Identity
    network: Namespace
    memory: MemoryGroup | None
    log: Path


class Process:
    """A running container. Whoever made it has to `wait` for it."""

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        line = launch.network.command(*launch.line)
        if launch.memory is not None:
            line = ["/bin/sh", "-c", _JOINED, str(launch.memory.entrance), *line]
        with launch.log.open("ab") as log:
            self._outer = subprocess.Popen(
                line, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        self._ended = threading.Event()
        self._main = self._find_main()

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self._ended.is_set()

    def wait(self) -> int:
        """Waits for its end, in one thread only; returns its status."""
        status = self._outer.wait()
        self._ended.set()
        return status

    def await_end(self, timeout_s: float) -> bool:
        """Waits for its end while another thread is in `wait`; False where it does not come."""
        return self._ended.wait(timeout_s)

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to its process 1."""
        if self._main is not None and not self.ended:
            try:
                os.kill(self._main, number)
            except ProcessLookupError:
                return

    def kill(self) -> None:
        """Ends it and all that runs in it at once."""
        if self._main is None:
            self._outer.kill()
        self.signal(signal.SIGKILL)

    def run(
        self, argv: Sequence[str], timeout_s: float = 60.0
    ) -> "subprocess.CompletedProcess[str]":
        """Runs a command beside it, with its environment, as `kubectl exec` does.

        Raises:
            subprocess.TimeoutExpired: it takes longer.
        """
        identity = self._launch.identity
        groups = ",".join(map(str, (identity.group, *identity.more_groups)))
        line = [
            shutil.which("nsenter") or "nsenter", f"--target={self._main}", "--mount", "--pid",
            "--ipc", "--uts", "--net", "--", "/usr/bin/setpriv", f"--reuid={identity.user}",
            f"--regid={identity.group}", f"--groups={groups}", "--no-new-privs",
            "--bounding-set=-all", "--inh-caps=-all", "--", *argv,
        ]  # fmt: skip
        return subprocess.run(
            line,
            env=dict(self._launch.env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def _find_main(self) -> int | None:
        """Process 1 of the sandbox, once it is made; None if it could not be."""
        children = Path(f"/proc/{self._outer.pid}/task/{self._outer.pid}/children")
        while self._outer.poll() is None:
            with contextlib.suppress(OSError):  # it has ended meanwhile, or is no sandbox yet
                found = children.read_text().split()
                if found and Path(f"/proc/{found[0]}/exe").readlink().name != "bwrap":
                    return int(found[0])
            time.sleep(_LOOK_S)
        return None
