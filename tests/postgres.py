"""A real PostgreSQL on a free loopback port, with files of its own under a temporary folder."""

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mattebox.up.keeper import children_of
from tests.ports import free_port
from tests.processes import await_end

PASSWORD = "pass-word-of-the-tests"  # noqa: S105  # of a server that lives as long as a test run
_USER = "mattebox"
_HOST = "127.0.0.1"
_OPTIONS = {
    "listen_addresses": _HOST,
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "16MB",
    "max_connections": "60",
}


@dataclass
class PostgresServer:
    """A server that survives crashes, but no power cut. Each start takes the same port."""

    binaries: Path
    folder: Path
    port: int
    _names: Iterator[int] = field(default_factory=itertools.count, repr=False)

    def new_database(self) -> str:
        """Returns the URL, password included, of a place of its own that is empty.

        It is a schema: a database proper is three hundred files, which a test run would feel.
        """
        url = f"postgresql://{_USER}:{PASSWORD}@{_HOST}:{self.port}/postgres"
        name = f"test_{next(self._names)}"
        self._run("psql", "--quiet", f"--command=CREATE SCHEMA {name}", url)
        return f"{url}?search_path={name}"

    def initialise(self) -> None:
        """Makes the server's files. PostgreSQL refuses to run as root, who gives them away."""
        password_file = self.folder / "password"
        password_file.write_text(PASSWORD)
        if os.getuid() == 0:
            for path in (self.folder, password_file):
                os.chown(path, _nobody().pw_uid, _nobody().pw_gid)
        options = ["--no-sync", "--encoding=UTF8", "--locale=C", "--auth=scram-sha-256"]
        options += [f"--username={_USER}", f"--pwfile={password_file}"]
        self._run("initdb", *options, f"--pgdata={self._data}")

    def start(self) -> None:
        """Returns once the server accepts connections."""
        options = " ".join(f"-c {name}={value!r}" for name, value in _OPTIONS.items())
        log = self.folder / "log"
        self._run(
            "pg_ctl", "start", "-w", "-D", str(self._data), "-l", str(log),
            "-o", f"-c port={self.port} {options}",
        )  # fmt: skip

    def stop(self) -> None:
        """Ends the server, if it runs, as abruptly as a crash would."""
        try:
            pid = self._pid
        except FileNotFoundError:
            return
        os.kill(pid, signal.SIGQUIT)
        await_end(pid)

    def hang(self) -> None:
        """Lets the server answer nothing any more, while its connections stay."""
        self._signal_all(signal.SIGSTOP)

    def wake(self) -> None:
        """Lets a server that hangs go on."""
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number: signal.Signals) -> None:
        # The first one first, which starts no further ones from then on.
        for pid in (self._pid, *children_of(self._pid)):
            with contextlib.suppress(ProcessLookupError):  # one that has just ended
                os.kill(pid, number)

    @property
    def _pid(self) -> int:
        return int((self._data / "postmaster.pid").read_text().split()[0])

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _run(self, program: str, *arguments: str) -> None:
        # Not by the arguments of `run`, which forks for them, and gRPC ends a forked child.
        as_nobody = ["setpriv", "--reuid=nobody", f"--regid={_nobody().pw_gid}", "--clear-groups"]
        done = subprocess.run(
            [*(as_nobody if os.getuid() == 0 else []), str(self.binaries / program), *arguments],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{program}: {done.stdout}"


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Runs a server for a block; skips the test where its programs are not installed."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (looked in PATH and in /usr/lib/postgresql)")
    # Not under pytest's folder, which only its owner may enter.
    folder = Path(tempfile.mkdtemp(prefix="mattebox-postgres-"))
    server = PostgresServer(binaries, folder, free_port(_HOST))
    try:
        server.initialise()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


def find_binaries() -> Path | None:
    """The folder with the programs: that in PATH, or the newest of those that Debian installs."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(installed, key=lambda path: int(path.parts[-3]), default=None)
    return newest.parent if newest is not None else None


def _nobody() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")
