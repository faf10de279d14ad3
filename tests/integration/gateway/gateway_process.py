"""The gateway as a process of its own, started and stopped as an operator does it."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import aiohttp

from tests.integration.gateway.database import Database
from tests.integration.gateway.served_gateway import PATIENCE_S, ServedGateway

PREFIX = "MATTEBOX_GATEWAY_"
MODULE = ("-m", "gateway.main")


class GatewayProcess:
    """A running gateway process and its log."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.lines: list[dict[str, Any]] = []

    async def logged(self, event: str) -> dict[str, Any]:
        """Reads the log up to the line of ``event``."""
        assert self.process.stderr is not None
        async with asyncio.timeout(PATIENCE_S):
            while line := await self.process.stderr.readline():
                self.lines.append(json.loads(line))
                if self.lines[-1]["event"] == event:
                    return self.lines[-1]
        raise AssertionError(f"no {event} in {self.lines}")

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    async def exit_code(self) -> int:
        async with asyncio.timeout(PATIENCE_S):
            return await self.process.wait()


@contextlib.asynccontextmanager
async def gateway_process(
    variables: Mapping[str, object],
    command: Sequence[str] = MODULE,
    temporary: Path | None = None,
    others: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[GatewayProcess]:
    """Starts Python with ``command`` and the gateway's ``variables``, named without prefix.

    ``temporary`` is the folder where it is and where its temporary files would be, ``others`` are
    variables that are none of its own.
    """
    environment = {name: value for name, value in os.environ.items() if PREFIX not in name}
    environment |= {f"{PREFIX}{name}": str(value) for name, value in variables.items()}
    environment |= others
    if temporary is not None:
        environment["TMPDIR"] = str(temporary)
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, env=environment, cwd=temporary, stderr=PIPE
    )
    try:
        yield GatewayProcess(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def settings_of(database: Database, target: str) -> dict[str, object]:
    """Variables for a gateway on free ports."""
    return {
        "HTTP_PORT": 0,
        "METRICS_PORT": 0,
        "DATABASE_URL": database.url,
        "SEGMENTER_TARGET": target,
    }


@contextlib.asynccontextmanager
async def client_of(port: int, key: str) -> AsyncIterator[ServedGateway]:
    """Speaks to the gateway process at ``port``."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(PATIENCE_S)) as session:
        yield ServedGateway(port, key, session)
