"""A TCP balancer that plays a Service of Kubernetes in front of the gateways.

Each new connection goes to the next gateway that said it was ready when it was last asked. What
runs on a connection is no business of its own: those to a gateway that is taken out live on.
"""

import asyncio
import contextlib
import itertools

from benchmarks.fleet.pipes import both_ways, hand_on, reset
from benchmarks.fleet.relay import HOST, Relay

_PROBE_EVERY_S = 0.5
_PROBE_TIMEOUT_S = 1.0
_PROBE = b"GET /v2/health/ready HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n"


class Balancer(Relay):
    """Belongs to one event loop."""

    def __init__(self) -> None:
        super().__init__()
        self._ready: dict[int, bool] = {}
        self._turns = itertools.count()

    async def start(self) -> None:
        """Listens, and begins to ask gateways."""
        await super().start()
        self._run(self._probe_forever())

    async def add(self, port: int) -> None:
        """Takes a gateway in, which gets connections once it is ready."""
        self._ready[port] = await _says_ready(port)

    async def remove(self, port: int) -> None:
        """Sends a gateway no further connection."""
        self._ready.pop(port, None)

    async def ready_ports(self) -> list[int]:
        """Lists those that get connections."""
        return [port for port, ready in self._ready.items() if ready]

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected = await self._connect()
        if connected is None:
            reset(writer)
            return
        from_gateway, to_gateway = connected
        ended_well = False
        try:
            ended_well = await both_ways(hand_on(reader, to_gateway), hand_on(from_gateway, writer))
        finally:
            for end in (writer, to_gateway):
                if ended_well:
                    end.close()
                else:
                    reset(end)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        ports = await self.ready_ports()
        turn = next(self._turns)
        for offset in range(len(ports)):
            with contextlib.suppress(OSError):
                return await asyncio.open_connection(HOST, ports[(turn + offset) % len(ports)])
        return None

    async def _probe_forever(self) -> None:
        while True:
            await asyncio.gather(*(self._probe(port) for port in list(self._ready)))
            await asyncio.sleep(_PROBE_EVERY_S)

    async def _probe(self, port: int) -> None:
        ready = await _says_ready(port)
        if port in self._ready:
            self._ready[port] = ready


async def _says_ready(port: int) -> bool:
    try:
        async with asyncio.timeout(_PROBE_TIMEOUT_S):
            reader, writer = await asyncio.open_connection(HOST, port)
            try:
                writer.write(_PROBE)
                return b" 200 " in await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False
