"""Network namespaces of the tests' own, which a thread can enter to open its sockets there."""

import ctypes
import functools
import itertools
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_CLONE_NEWNET = 0x40000000
_FOLDER = Path("/run/netns")
RUN = f"mattebox-{secrets.token_hex(4)}"
"""Told apart from every other run on this machine by the names of its namespaces."""

_numbers = itertools.count(1)
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Namespace:
    """A network namespace with a name of its own."""

    name: str

    @property
    def path(self) -> Path:
        """Where it can be entered."""
        return _FOLDER / self.name

    def command(self, *command: str) -> list[str]:
        """Makes the command line that runs a command in it."""
        return ["nsenter", f"--net={self.path}", *command]

    def run(self, *command: str, text: str = "") -> None:
        """Runs a command in it, with text as its input.

        Raises:
            RuntimeError: it fails.
        """
        _run(*self.command(*command), text=text)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Has this thread, and threads and processes that it starts, open their sockets in it."""
        own = os.open(f"/proc/self/task/{_thread()}/ns/net", os.O_RDONLY)
        try:
            target = os.open(self.path, os.O_RDONLY)
            try:
                _enter(target)
            finally:
                os.close(target)
            try:
                yield
            finally:
                _enter(own)
        finally:
            os.close(own)


def created() -> Namespace:
    """Creates a namespace, whose loopback is up."""
    namespace = Namespace(f"{RUN}-{next(_numbers)}")
    _run("ip", "netns", "add", namespace.name)
    _run("ip", "-n", namespace.name, "link", "set", "lo", "up")
    return namespace


def removed(namespace: Namespace) -> None:
    """Removes a namespace and the ends of cables in it."""
    _run("ip", "netns", "delete", namespace.name)


@functools.cache
def why_not() -> str | None:
    """Says why containers cannot be made on this machine; None if they can."""
    if missing := [name for name in ("bwrap", "ip", "nft", "nsenter") if not shutil.which(name)]:
        return f"not installed: {', '.join(missing)}"
    try:
        namespace = created()
    except RuntimeError as error:
        return f"no network namespace can be made: {error}"
    try:
        namespace.run("nft", "-f", "-", text="table inet try {}\n")
    except RuntimeError as error:
        return f"no packet filter in a network namespace: {error}"
    finally:
        removed(namespace)
    return None


def _enter(descriptor: int) -> None:
    if _libc.setns(descriptor, _CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _thread() -> int:
    return int(_libc.gettid())


def _run(*command: str, text: str = "") -> None:
    done = subprocess.run(
        command,
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout.strip()}")
