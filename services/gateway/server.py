"""Listens on the public port, and ends in order: readiness, port, running requests, resources."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator
from functools import partial

from aiohttp import web
from structlog.typing import FilteringBoundLogger

from gateway.app import Gateway
from gateway.https import server_context
from gateway.patience import Terms
from gateway.protocol import GatewayProtocol
from gateway.refusal import Refusals
from gateway.settings import HttpSettings
from gateway.winding_up import settle, wind_up

_BACKLOG = 1024
"""Connections that the system keeps until their turn."""

_ACCEPTED_AT_ONCE = 16
"""Connections accepted in one turn of the loop, which takes this for the backlog too.

Where descriptors have run out, each of so many tries fails and is logged, every second.
"""

LEFT_OVER_S = 1.0
"""For what is still under way when the shutdown timeout has passed."""


@contextlib.asynccontextmanager
async def listening(
    gateway: Gateway, settings: HttpSettings, log: FilteringBoundLogger
) -> AsyncIterator[int]:
    """Serves ``gateway`` inside the context; yields the bound port.

    On the way out new connections are refused after the drain delay, and running requests get
    the shutdown timeout to finish, those included whose upload is still coming in.

    Raises:
        OSError: if the address cannot be bound.
        CertificateError: if the files of TLS cannot be used.
    """
    tls = None if settings.tls is None else server_context(settings.tls, log)
    runner = web.AppRunner(gateway.app, handler_cancellation=True, shutdown_timeout=LEFT_OVER_S)
    await runner.setup()
    if runner.server is None:
        raise RuntimeError("the runner has no server after its set-up")
    try:
        async with _listener(runner.server, gateway, settings, tls) as port:
            gateway.lifecycle.begin()
            yield port
            gateway.lifecycle.stop()
            await asyncio.sleep(settings.drain_delay_s)
            await settle()
        await settle()
        await wind_up(gateway.connections, settings.shutdown_timeout_s, handshakes=tls is not None)
    finally:
        gateway.lifecycle.stop()
        await runner.cleanup()


@contextlib.asynccontextmanager
async def _listener(
    server: web.Server, gateway: Gateway, settings: HttpSettings, tls: ssl.SSLContext | None
) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    # Not a site of the framework's, since those allow no protocol but its own.
    protocol = partial(GatewayProtocol, server, _terms(gateway, settings), gateway.answer_failure)
    listener = await loop.create_server(
        protocol,
        settings.host,
        settings.port,
        backlog=_ACCEPTED_AT_ONCE,
        ssl=tls,
        # A connection that is silent before its request has the time of one that is silent in it.
        ssl_handshake_timeout=settings.head_timeout_s if tls else None,
        # What is left of an answer is sent within it.
        ssl_shutdown_timeout=settings.stall_timeout_s if tls else None,
    )
    for listening_socket in listener.sockets:
        _lengthen_backlog(listening_socket)
    try:
        yield int(listener.sockets[0].getsockname()[1])
    finally:
        listener.close()


def _terms(gateway: Gateway, settings: HttpSettings) -> Terms:
    return Terms(
        connections=gateway.connections,
        refusals=Refusals(gateway.answer_full),
        head_timeout_s=settings.head_timeout_s,
        keepalive_timeout_s=settings.keepalive_timeout_s,
        stall_timeout_s=settings.stall_timeout_s,
    )


def _lengthen_backlog(listening_socket: socket.socket) -> None:
    # A descriptor of its own for the same socket, since the loop's does not let it listen anew.
    with socket.fromfd(
        listening_socket.fileno(), listening_socket.family, listening_socket.type
    ) as same:
        same.listen(_BACKLOG)
