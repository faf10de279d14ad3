"""Runs programs in the environment of the published clients, each in a process of its own."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from requests.structures import CaseInsensitiveDict

from tests.conftest import ROOT

BIN = ROOT / ".venv-clients" / "bin"
REDIRECTION = Path(__file__).with_name("redirection")
"""Holds a `sitecustomize` that only clients may import: it changes its process for good."""

ASTRAY, NOT_SET_UP = 97, 98
"""The exit statuses that it has of its own."""

_TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that a client sent, to the URL that it meant, and the head of its answer."""

    method: str
    url: str
    sent_type: str
    status: int
    headers: CaseInsensitiveDict[str]

    @property
    def path(self) -> str:
        return urlsplit(self.url).path


@dataclass(frozen=True, slots=True)
class Finished:
    """What is left of a client's process."""

    exit_status: int
    output: str
    errors: str
    exchanges: list[Exchange]

    @property
    def statuses(self) -> list[int]:
        return [exchange.status for exchange in self.exchanges]

    @property
    def said(self) -> str:
        """What it printed, that it must have ended well."""
        assert self.exit_status == 0, self.errors + self.output
        return self.output


@dataclass(frozen=True, slots=True)
class ClientRunner:
    """Runs clients in ``folder``, all of whose requests reach the service at ``url``."""

    url: str
    folder: Path

    def code(self, program: str, *arguments: str, **environment: str) -> Finished:
        """Runs what a client's user may have written; it finds its arguments in `sys.argv`."""
        return self._run([str(BIN / "python"), "-c", program, *arguments], environment)

    def command(self, name: str, *arguments: str, **environment: str) -> Finished:
        """Runs a command that a client has installed."""
        return self._run([str(BIN / name), *arguments], environment)

    def _run(self, command: list[str], environment: dict[str, str]) -> Finished:
        log = self.folder / "exchanges.jsonl"
        log.unlink(missing_ok=True)
        standing = {
            "COLUMNS": "200",
            "HOME": str(self.folder),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(REDIRECTION),
            "PYTHONUTF8": "1",
            "REDIRECT_LOG": str(log),
            "REDIRECT_TO": urlsplit(self.url).netloc,
            # Nobody listens there: what is not redirected for whatever reason ends there.
            "HTTPS_PROXY": "http://127.0.0.1:9",
        }
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=standing | environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_TIMEOUT_S,
            check=False,
        )
        lines = log.read_text("utf-8").splitlines() if log.exists() else []
        return Finished(done.returncode, done.stdout, done.stderr, [_exchange(x) for x in lines])


def _exchange(line: str) -> Exchange:
    told = json.loads(line)
    return Exchange(**told | {"headers": CaseInsensitiveDict(told["headers"])})
