"""What a connection tells of its other end."""

import asyncio
import socket


def address_of(transport: asyncio.BaseTransport) -> str:
    """The address it comes from, or nothing where it has none."""
    name = transport.get_extra_info("peername")
    return str(name[0]) if name else ""


def has_refused(transport: asyncio.BaseTransport) -> bool:
    """Whether the other end has refused something that was sent to it."""
    connection: socket.socket = transport.get_extra_info("socket")
    return connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0
