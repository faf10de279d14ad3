"""One child process in the hands of a keeper. Knows nothing of what the child does."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Thread

from mattebox.up import keeper

_TAIL_LINES = 30
_LONGEST_LINE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Launch:
    """What to start, and how."""

    command: tuple[str, ...]
    env: Mapping[str, str]
    folder: Path = field(default_factory=Path.cwd)
    shm_prefix: str = ""
    """The names that its shared memory begins with, to be removed with it; empty for none."""
    is_quiet: bool = False
    """Whether its output is held only, and not handed on."""


class KeptProcess:
    """A child, and all it starts in turn, which cannot outlive this process.

    Its output goes to this process's standard error, unless it is quiet; the last lines are also
    held here.
    """

    def __init__(self, launch: Launch, on_end: Callable[["KeptProcess"], None]) -> None:
        """Starts it. `on_end` is called once, on a thread of its own, after all of it has ended.

        Raises:
            OSError: the system cannot start a process.
        """
        self._launch = launch
        self._on_end = on_end
        self._tail: deque[bytes] = deque(maxlen=_TAIL_LINES)
        self._lifeline, theirs = socket.socketpair()
        output, their_output = os.pipe()
        with theirs, os.fdopen(their_output, "wb"):
            try:
                self._keeper = _start_keeper(launch, theirs.fileno(), their_output)
            except OSError:
                self._lifeline.close()
                os.close(output)
                raise
        self.pid = int(self._lifeline.recv(32) or 0)
        """The child's own process id, not the keeper's; 0 if the keeper itself did not start."""
        self._pump = Thread(target=self._hand_on, args=(output,), daemon=True)
        self._pump.start()
        Thread(target=self._await_end, daemon=True).start()

    @property
    def exit_code(self) -> int | None:
        """As a shell gives it, so that 128 + n is the end by signal n; None while it runs."""
        code = self._keeper.returncode
        return 128 - code if code is not None and code < 0 else code

    @property
    def tail(self) -> str:
        """The last lines of its output."""
        return b"".join(self._tail).decode(errors="replace")

    def terminate(self) -> None:
        """Asks the child to end, which leaves it to finish what it has begun."""
        self._keeper.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends the child and all it started, at once."""
        self._lifeline.close()

    def _hand_on(self, output: int) -> None:
        with os.fdopen(output, "rb") as lines:
            for line in iter(partial(lines.readline, _LONGEST_LINE_BYTES), b""):
                self._tail.append(line)
                if self._launch.is_quiet:
                    continue
                with contextlib.suppress(OSError):  # a child must not stop where nobody reads
                    os.write(2, line)

    def _await_end(self) -> None:
        if self._keeper.wait() < 0:
            self._clean_up_for_keeper()
        self._pump.join()
        self._lifeline.close()
        self._on_end(self)

    def _clean_up_for_keeper(self) -> None:
        """Does what a keeper that was killed itself could not do any more."""
        if self.pid:
            with contextlib.suppress(OSError):  # where nobody is left in the child's group
                os.killpg(self.pid, signal.SIGKILL)
        keeper.unlink_shared_memory(self._launch.shm_prefix)


def _start_keeper(launch: Launch, parent: int, output: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        # Isolated and without site-packages: small, and the same wherever it is started.
        [sys.executable, "-I", "-S", keeper.__file__, launch.shm_prefix, *launch.command],
        stdin=parent,
        stdout=output,
        stderr=output,
        env=launch.env,
        cwd=launch.folder,
        # Ctrl-C in a terminal is for this process alone, which stops them in order.
        start_new_session=True,
    )
