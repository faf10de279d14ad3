"""Keeps one child process and whatever it starts, and ends it all when the parent is gone.

A program of its own, run by its path in an isolated interpreter: `keeper.py SHM_PREFIX COMMAND…`.
It imports little and nothing of ours, since one stands beside every child for as long as it lives.

Standard input is a socket to the parent. The child's process id goes out on it; nothing comes in,
so that its end means that the parent has ended, however that happened.
"""

# ruff: noqa: PTH108, PTH123, PTH208 - pathlib would load as much again as all the rest here

import contextlib
import ctypes
import os
import select
import signal
import sys

_PARENT = 0
_KILLED = 128 + signal.SIGKILL
_FORWARDED = (signal.SIGTERM, signal.SIGINT)
_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)
_SHARED_MEMORY = "/dev/shm"  # noqa: S108 - where Linux keeps it
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def main(shm_prefix: str, command: list[str]) -> int:
    """Runs a command to its end, or to the parent's; returns its exit code as a shell gives it."""
    wake_up = _wake_up_on_signals()
    # Grandchildren whose own parent died come to this process, so none can slip away.
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    child = _start(command)
    try:
        return _stay_beside(child, wake_up)
    finally:
        _end_all(child)
        unlink_shared_memory(shm_prefix)


def parent_of(pid: int) -> int | None:
    """Tells the parent of a process; None where the process has ended, reaped or not."""
    fields = _stat(pid)
    return None if not fields or fields[0] in b"ZX" else int(fields[1])


def cpu_s(pid: int) -> float:
    """Tells the processor time that a process has used; 0 where it has ended."""
    fields = _stat(pid)
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def children_of(parent: int) -> list[int]:
    """Lists the running children of a process; empty where the system has no /proc."""
    pids = [int(name) for name in _names_in("/proc") if name.isdigit()]
    return [pid for pid in pids if parent_of(pid) == parent]


def unlink_shared_memory(prefix: str) -> None:
    """Removes the shared memory whose names begin so; none where the prefix is empty."""
    for name in _names_in(_SHARED_MEMORY) if prefix else []:
        if name.startswith(prefix):
            with contextlib.suppress(OSError):
                os.unlink(f"{_SHARED_MEMORY}/{name}")


def _stat(pid: int) -> list[bytes]:
    """Lists what the system tells of a process, from its state on; nothing once it is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            # The name before the closing bracket may hold anything, brackets and spaces included.
            return file.read().rpartition(b")")[2].split()
    except OSError:
        return []


def _names_in(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _wake_up_on_signals() -> int:
    """Makes signals readable on the descriptor returned, so that none is lost between two waits."""
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    signal.set_wakeup_fd(writable)
    for number in (*_FORWARDED, signal.SIGCHLD):
        signal.signal(number, lambda _number, _frame: None)
    return readable


def _start(command: list[str]) -> int:
    keeper = os.getpid()
    # A signal between fork and exec would reach a handler of the keeper's in the child.
    signal.pthread_sigmask(signal.SIG_BLOCK, _FORWARDED)
    child = os.fork()
    if child == 0:
        try:
            _become(command, keeper)
        except OSError as error:
            os.write(2, f"{command[0]} cannot be started: {error}\n".encode())
        finally:
            os._exit(127)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _FORWARDED)
    return child


def _become(command: list[str], keeper: int) -> None:
    os.setsid()
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != keeper:
        return
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    signal.set_wakeup_fd(-1)
    for number in (*_FORWARDED, signal.SIGCHLD, *_IGNORED_BY_PYTHON):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _FORWARDED)
    os.execvp(command[0], command)  # noqa: S606 - a list, never a shell line


def _stay_beside(child: int, wake_up: int) -> int:
    with contextlib.suppress(OSError):  # a parent that is gone already is found in the next line
        os.write(_PARENT, b"%d\n" % child)
    while True:
        readable, _, _ = select.select([_PARENT, wake_up], [], [])
        if _PARENT in readable:
            return _KILLED
        for number in os.read(wake_up, 64):
            if number != signal.SIGCHLD:
                os.kill(child, number)
        status = _reap(child)
        if status is not None:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def _reap(child: int) -> int | None:
    """Collects what has ended, adopted orphans too; returns the child's status once it is it."""
    while True:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == child:
            return status
        if pid == 0:
            return None


def _end_all(child: int) -> None:
    while True:
        with contextlib.suppress(OSError):  # where nobody is left in the child's group
            os.killpg(child, signal.SIGKILL)
        for pid in children_of(os.getpid()):
            os.kill(pid, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, ctypes.c_ulong(value), 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
