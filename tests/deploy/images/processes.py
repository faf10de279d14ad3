"""Programs in images, in the hands of tests: started, looked at, and told to stop."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.images.standing_in import Image, Mount, command, main_process

_PATIENCE_S = 90.0
_LOOK_EVERY_S = 0.05


@dataclass(frozen=True, slots=True)
class Running:
    """A program that runs in an image."""

    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def pid(self) -> int:
        """Its process, as this machine knows it."""
        pid = main_process(self.process.pid)
        assert pid is not None, self.log.read_text()
        return pid

    def stop(self) -> int:
        """Tells it to stop, as an engine would, and returns its exit status."""
        os.kill(self.pid, signal.SIGTERM)
        return self.process.wait(_PATIENCE_S)

    def await_ready(self, url: str) -> None:
        """Waits until a URL answers 200.

        Raises:
            TimeoutError: it does not, in a time in which it should.
        """
        self._await(lambda: _answers(url), url)

    def await_file(self, path: Path) -> None:
        """Waits until there is a file.

        Raises:
            TimeoutError: there is none, after a time in which there should be.
        """
        self._await(path.exists, str(path))

    def _await(self, holds: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while not holds():
            assert self.process.poll() is None, self.log.read_text()
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what} is not there: {self.log.read_text()}")
            time.sleep(_LOOK_EVERY_S)


@contextmanager
def running(
    image: Image,
    folder: Path,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    mounts: Sequence[Mount] = (),
    tmpfs: Mapping[str, int] | None = None,
) -> Iterator[Running]:
    """Runs an image's entrypoint inside the context, with its log in a folder."""
    log = folder / f"{image.name}.log"
    argv = [*image.entrypoint, *arguments]
    line = command(image, argv, env=env, mounts=mounts, tmpfs=tmpfs)
    with log.open("wb") as stream:
        process = subprocess.Popen(line, stdout=stream, stderr=stream)
    try:
        yield Running(process, log)
    finally:
        process.kill()
        process.wait()


def run(
    image: Image,
    argv: Sequence[str],
    env: Mapping[str, str] | None = None,
    mounts: Sequence[Mount] = (),
) -> "subprocess.CompletedProcess[str]":
    """Runs a program in an image to its end."""
    line = command(image, argv, env=env, mounts=mounts)
    return subprocess.run(line, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)


def owned(folder: Path, image: Image) -> Path:
    """Makes a folder that an image's user may write to, as engines make volumes."""
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, image.user, image.group)
    return folder


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
