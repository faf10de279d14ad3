"""A real redis-server (or valkey-server) on a free loopback port, for tests of what is shared."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.ports import free_port

_READY = b"Ready to accept connections"
_BINARIES = ("redis-server", "valkey-server")
_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files: the server's certificate and its key, and the authority that clients trust."""

    certificate: Path
    key: Path
    authority: Path


@dataclass
class RedisServer:
    """A server that keeps nothing on disk. A start after a stop takes the same port again."""

    binary: str
    port: int
    password: str | None = None
    tls: TlsFiles | None = None
    _process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def url(self) -> str:
        credentials = f":{self.password}@" if self.password else ""
        place = f"{credentials}{_HOST}:{self.port}/0"
        return (
            f"rediss://{place}?ssl_ca_certs={self.tls.authority}"
            if self.tls
            else f"redis://{place}"
        )

    def start(self) -> None:
        """Returns once the server accepts connections.

        Raises:
            RuntimeError: it ended before.
        """
        process = subprocess.Popen(
            [self.binary, "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(self._configuration())
        process.stdin.close()
        self._process = process
        for line in process.stdout:
            if _READY in line:
                return
        self.stop()
        raise RuntimeError(f"{self.binary} did not start")

    def stop(self) -> None:
        """Ends the server, if it runs, and with it all that it held."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()
            self._process = None

    def hang(self) -> None:
        """Lets the server answer nothing any more, while its connections stay."""
        os.kill(self._pid, signal.SIGSTOP)

    def wake(self) -> None:
        """Lets a server that hangs go on."""
        os.kill(self._pid, signal.SIGCONT)

    @property
    def _pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def _configuration(self) -> bytes:
        lines = [f"bind {_HOST}", 'save ""', "appendonly no"]
        if self.password:
            lines.append(f"requirepass {self.password}")
        if self.tls:
            lines += [
                "port 0",
                f"tls-port {self.port}",
                f"tls-cert-file {self.tls.certificate}",
                f"tls-key-file {self.tls.key}",
                "tls-auth-clients no",
            ]
        else:
            lines.append(f"port {self.port}")
        return "\n".join([*lines, ""]).encode()


@contextmanager
def running_redis(
    password: str | None = None, tls: TlsFiles | None = None
) -> Iterator[RedisServer]:
    """Runs a server for a block; skips the test where there is no binary of one."""
    binary = next(filter(None, map(shutil.which, _BINARIES)), None)
    if binary is None:
        pytest.skip(f"none of {', '.join(_BINARIES)} is installed")
    server = RedisServer(binary, free_port(_HOST), password, tls)
    server.start()
    try:
        yield server
    finally:
        server.stop()
