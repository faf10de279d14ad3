"""Listens on the public port, and ends in order: readiness, port, running requests, resources."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial

from aiohttp import web

from gateway.app import Gateway
from gateway.protocol import GatewayProtocol
from gateway.settings import HttpSettings

_BACKLOG = 1024


@contextlib.asynccontextmanager
async def listening(gateway: Gateway, settings: HttpSettings) -> AsyncIterator[int]:
    """Serves ``gateway`` inside the context; yields the bound port.

    On the way out new connections are refused after the drain delay, and running requests get
    the shutdown timeout to finish.

    Raises:
        OSError: if the address cannot be bound.
    """
    runner = web.AppRunner(
        gateway.app, handler_cancellation=True, shutdown_timeout=settings.shutdown_timeout_s
    )
    await runner.setup()
    if runner.server is None:
        raise RuntimeError("the runner has no server after its set-up")
    try:
        async with _listener(runner.server, gateway, settings) as port:
            yield port
            gateway.lifecycle.stop()
            await asyncio.sleep(settings.drain_delay_s)
    finally:
        gateway.lifecycle.stop()
        await runner.cleanup()


@contextlib.asynccontextmanager
async def _listener(
    server: web.Server, gateway: Gateway, settings: HttpSettings
) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    # Not a site of the framework's, since those allow no protocol but its own.
    protocol = partial(
        GatewayProtocol,
        server,
        answer_failure=gateway.answer_failure,
        keepalive_timeout_s=settings.keepalive_timeout_s,
    )
    listener = await loop.create_server(protocol, settings.host, settings.port, backlog=_BACKLOG)
    try:
        yield int(listener.sockets[0].getsockname()[1])
    finally:
        listener.close()
