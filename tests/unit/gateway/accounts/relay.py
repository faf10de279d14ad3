"""A wire to a server that can be made to carry nothing, as a dead network does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

_CHUNK_BYTES = 65_536


class Relay:
    """Passes on what comes to ``port``, unless it is held."""

    def __init__(self, server_port: int) -> None:
        self.port = 0
        self._server_port = server_port
        self._flows = asyncio.Event()
        self._flows.set()
        self._wires: set[asyncio.Task[None]] = set()

    def hold(self) -> None:
        """Carries nothing from now on, and lets nobody know."""
        self._flows.clear()

    def release(self) -> None:
        """Carries on."""
        self._flows.set()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one connection until either end closes it."""
        wire = asyncio.create_task(self._carry(reader, writer))
        self._wires.add(wire)
        wire.add_done_callback(self._wires.discard)

    async def cut(self) -> None:
        """Closes all connections."""
        wires = set(self._wires)
        for wire in wires:
            wire.cancel()
        await asyncio.gather(*wires, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._server_port)
        try:
            await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        finally:
            for end in (writer, far_writer):
                end.close()
                with suppress(ConnectionError):
                    await end.wait_closed()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while chunk := await reader.read(_CHUNK_BYTES):
                await self._flows.wait()
                writer.write(chunk)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def running_relay(server_port: int) -> AsyncIterator[Relay]:
    """Runs a relay to a server on loopback for a block."""
    relay = Relay(server_port)
    server = await asyncio.start_server(relay.accept, "127.0.0.1", 0)
    relay.port = server.sockets[0].getsockname()[1]
    async with server:
        yield relay
        await relay.cut()
