"""The parent's end of one guarded child process."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from segmenter.guarded.wire import MAX_PACKET_BYTES, READY
from segmenter.imaging.limits import ImageLimits

# Nothing else of the environment reaches the child: it may hold secrets.
_PASSED_ON = ("LD_LIBRARY_PATH",)

_FLAGS = 6
"""Which field of a process's status has its flags, of those behind its name."""

_EXITING = 0x4
"""The kernel's flag of a process that is past the point where another signal changes its end."""


class ChildGoneError(Exception):
    """The child ended before it answered."""


class Child:
    """One process, which takes one task at a time.

    Spawn it from the event loop of the main thread: the kernel ends it with its thread.
    """

    def __init__(self, process: asyncio.subprocess.Process, channel: socket.socket) -> None:
        self._process = process
        self._channel = channel
        self.tasks_taken = 0

    @classmethod
    async def spawn(cls, limits: ImageLimits) -> "Child":
        """Starts a process. It takes tasks once `ready` returned."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        try:
            return cls(await _started(theirs.fileno(), limits), ours)
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()

    async def ready(self) -> None:
        """Waits until the process takes tasks.

        Raises:
            ChildGoneError: it could not start; the reason stands on standard error.
        """
        if await self.answer() != READY:
            raise ChildGoneError("a guarded child started with something unexpected")

    def take(self, packet: bytes, descriptors: Sequence[int]) -> bool:
        """Hands a task to the idle process; False where it is gone."""
        self.tasks_taken += 1
        try:
            # One small packet on an idle channel never has to wait.
            socket.send_fds(self._channel, [packet], list(descriptors))
        except OSError:
            return False
        return True

    async def answer(self) -> bytes:
        """Waits for what the process says next.

        Raises:
            ChildGoneError: it ended instead.
        """
        try:
            packet = await asyncio.get_running_loop().sock_recv(self._channel, MAX_PACKET_BYTES)
        except OSError as error:
            raise ChildGoneError("a guarded child ended") from error
        if not packet:
            raise ChildGoneError("a guarded child ended")
        return packet

    @property
    def alive(self) -> bool:
        """Whether the process still runs, as far as is known."""
        return self._process.returncode is None

    @property
    def ends_by_itself(self) -> bool:
        """Whether the process has ended or is about to, whatever is done to it. For Linux."""
        if not self.alive:
            return True
        try:
            status = Path(f"/proc/{self._process.pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return True
        return bool(int(status.rpartition(")")[2].split()[_FLAGS]) & _EXITING)

    async def ending_signal(self) -> int:
        """Waits until the process is gone, and tells which signal has ended it; 0 for none."""
        return max(0, -await self._process.wait())

    def kill(self) -> None:
        """Ends the process at once, whatever it does; whoever awaits its answer learns of it."""
        if self.alive:
            # Not by asyncio, which would look for the exit status, and take it from the watcher.
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)

    def discard(self) -> None:
        """Ends the process, for which nobody is waiting any more, and closes the channel."""
        self.kill()
        self._channel.close()

    async def ended(self) -> None:
        """Waits until the process is gone."""
        await self._process.wait()


async def _started(channel: int, limits: ImageLimits) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        # Isolated from the environment and the working directory; no byte code is written.
        "-IB",
        "-m",
        "segmenter.guarded.worker",
        str(channel),
        json.dumps(asdict(limits)),
        pass_fds=[channel],
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        cwd="/",
        env={name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        | {"MALLOC_ARENA_MAX": "1"},
        # Ctrl-C reaches whole groups; the parent ends its children itself, after its requests.
        start_new_session=True,
    )
