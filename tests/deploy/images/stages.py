"""Builds the stages of a Dockerfile into folders, each once: its name is made of all that goes in.

Stages share files by hard links: no step of ours writes into a file that stands already.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.conftest import ROOT
from tests.deploy.images import base, context, running
from tests.deploy.images.dockerfile import Dockerfile, DockerfileError, Instruction, Stage
from tests.deploy.images.reading import Configuration, Step, read
from tests.deploy.images.running import DOWNLOADS
from tests.deploy.images.sandbox import OF_THE_DISTRIBUTION

CACHE = ROOT / ".images"

_KEPT_S = 3 * 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Built:
    """A stage's folder, and what it says of a process."""

    root: Path
    configuration: Configuration


def build(file: Dockerfile, arguments: Mapping[str, str], target: str | None = None) -> Built:
    """Builds a stage, the last one unless one is named, with those it needs.

    Raises:
        DockerfileError: the file says what is not understood here.
        RuntimeError: a RUN fails.
    """
    stages = {stage.name: stage for stage in file.stages}
    wanted = stages[target] if target else file.stages[-1]
    _forget()
    return _Building(file, stages, arguments).stage(wanted)


@dataclass(frozen=True, slots=True)
class _Building:
    file: Dockerfile
    stages: Mapping[str, Stage]
    arguments: Mapping[str, str]

    def stage(self, stage: Stage) -> Built:
        """Takes the folder that was built of the same things, or makes it."""
        parent = self._parent(stage)
        configuration, steps = read(
            stage.instructions, parent.configuration, self.arguments, self.file.arguments
        )
        digest = hashlib.sha256(parent.root.name.encode())
        for step in steps:
            digest.update(repr((step, self._inputs(step.instruction))).encode())
        root = CACHE / digest.hexdigest()[:32]
        if not root.is_dir():
            with _made_whole(root) as partial:
                _lay_over(parent.root, partial)
                for step in steps:
                    self._take(step, partial)
        os.utime(root)
        return Built(root, configuration)

    def _parent(self, stage: Stage) -> Built:
        if stage.base in self.stages:
            return self.stage(self.stages[stage.base])
        if stage.base != base.IMAGE:
            raise DockerfileError(f"{self.file.path.name}: {stage.base} is not known here")
        root = CACHE / f"base-{sys.version.split()[0]}"
        if not root.is_dir():
            with _made_whole(root) as partial:
                base.fill(partial)
        os.utime(root)
        return Built(root, Configuration())

    def _inputs(self, instruction: Instruction) -> list[str]:
        """Tells apart what a step takes from elsewhere."""
        if instruction.command == "RUN":
            mounts = (running.options(value) for _, value in instruction.flags)
            return [_digest(mount["source"]) for mount in mounts if mount["type"] == "bind"]
        if name := instruction.flag("from"):
            return [self.stage(self.stages[name]).root.name]
        return [_digest(source) for source in instruction.text.split()[:-1]]

    def _take(self, step: Step, root: Path) -> None:
        (root / step.workdir.lstrip("/")).mkdir(parents=True, exist_ok=True)
        if step.instruction.command == "RUN":
            running.run(step, root, CACHE)
            return
        *sources, place = step.instruction.text.split()
        target = root / Path(step.workdir, place).relative_to("/")
        if target.relative_to(root).parts[0] in OF_THE_DISTRIBUTION:
            raise DockerfileError(f"COPY to {place} is not understood")
        name = step.instruction.flag("from")
        for source in sources:
            if name:
                _lay_over(self.stage(self.stages[name]).root / source.lstrip("/"), target)
            else:
                into = place.endswith("/") and (ROOT / source).is_file()
                _copy(ROOT / source, target / Path(source).name if into else target)
        if (owner := step.instruction.flag("chown")) and os.geteuid() == 0:
            os.chown(target, *map(int, owner.split(":")))


def _forget() -> None:
    """Removes what no build has used for days."""
    oldest = time.time() - _KEPT_S
    for path in CACHE.glob("*"):
        # Another process may be removing it, too.
        with suppress(FileNotFoundError):
            if path.name != DOWNLOADS and path.stat().st_mtime < oldest:
                shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _made_whole(root: Path) -> Iterator[Path]:
    """Yields an empty folder that takes its place once it is filled; whoever is first, wins."""
    partial = root.with_name(f"{root.name}.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    yield partial
    try:
        partial.rename(root)
    except OSError:
        shutil.rmtree(partial)


def _copy(source: Path, target: Path) -> None:
    """Copies a file, or a folder's contents, as far as they are in the context."""
    for path in context.files(str(source.relative_to(ROOT))):
        copy = target / path.relative_to(source) if source.is_dir() else target
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)


def _lay_over(source: Path, target: Path) -> None:
    """Lays a folder's contents over those of another one."""
    target.mkdir(parents=True, exist_ok=True)
    line = ["cp", "--archive", "--link", "--force", f"{source}/.", str(target)]
    subprocess.run(line, check=True)


@cache
def _digest(source: str) -> str:
    """Tells apart what a path of the context holds: names, bytes, and what may be executed."""
    digest = hashlib.sha256()
    for path in context.files(source):
        digest.update(repr((str(path.relative_to(ROOT)), os.access(path, os.X_OK))).encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
