"""The programs that stand on the pages of docs/guides, and how they are run."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.contract.client import Client, poll
from tests.ports import free_port

FOLDER = ROOT / "docs" / "guides"
_BLOCK = re.compile(r'^```(\w+) title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
_TIMEOUT_S = 60
_RUNNERS = {".py": sys.executable, ".mjs": "node"}


def blocks(page: str) -> dict[str, str]:
    """What a page shows as files, by their names."""
    text = (FOLDER / f"{page}.md").read_text()
    return {name: content for _, name, content in _BLOCK.findall(text)}


@dataclass(frozen=True, slots=True)
class Programs:
    """A page's files in a folder, and the service that they are to use."""

    folder: Path
    service: Client
    variables: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, page: str, folder: Path, service: Client, variables: Mapping[str, str] | None = None
    ) -> "Programs":
        """Writes the files of ``page`` into ``folder``."""
        for name, content in blocks(page).items():
            (folder / name).write_text(content)
        return cls(folder, service, variables or {})

    def run(self, name: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Runs a program to its end."""
        return subprocess.run(
            [*self._command(name), *arguments],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )

    def said(self, name: str, *arguments: str) -> str:
        """Runs a program that must succeed; returns what it has printed."""
        done = self.run(name, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def serving(self, name: str) -> Iterator[Client]:
        """Runs a program that serves at the port of its argument, until the context ends."""
        port = free_port("127.0.0.1")
        log = self.folder / "log"
        with log.open("wb") as stream:
            process = subprocess.Popen(
                [*self._command(name), str(port)],
                cwd=self.folder,
                env=self._environment,
                stdout=stream,
                stderr=stream,
            )
        try:
            poll(lambda: _listens(port, process, log), bool)
            yield Client(f"http://127.0.0.1:{port}", "")
        finally:
            process.terminate()
            process.wait(_TIMEOUT_S)

    def _command(self, name: str) -> list[str]:
        runner = _RUNNERS[Path(name).suffix]
        if shutil.which(runner) is None:
            pytest.skip(f"{runner} is not installed")
        return [runner, name]

    @property
    def _environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if "proxy" not in name.lower() and not name.startswith("MATTEBOX_")
        }
        named = {"MATTEBOX_URL": self.service.url, "MATTEBOX_KEY": self.service.key}
        return kept | named | dict(self.variables)


def _listens(port: int, process: "subprocess.Popen[bytes]", log: Path) -> bool:
    assert process.poll() is None, log.read_text()
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
