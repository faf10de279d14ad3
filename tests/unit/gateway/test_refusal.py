import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import web

from gateway.refusal import Refusals
from tests.waiting import until

ANSWER = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Length: 4\r\nConnection: close\r\n\r\nfull"
)
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Stream]]
HOUR_S = 3600.0


async def test_the_answer_is_whole_and_the_last_word() -> None:
    async with refusing(Refusals(answer, HOUR_S)) as connect:
        reader, writer = await connect()
        # What has been sent and never read would otherwise take the answer with it.
        writer.write(bytes(100_000))
        assert await reader.read() == ANSWER


async def test_so_many_may_linger_and_others_get_no_answer() -> None:
    async with refusing(Refusals(answer, HOUR_S, most_lingering=2)) as connect:
        first, second = await connect(), await connect()
        assert [await reader.read() for reader, _ in (first, second)] == [ANSWER] * 2
        assert await _end(await connect()) == b""
        first[1].close()

        async with asyncio.timeout(20):
            while (end := await _end(await connect())) == b"":
                pass
        assert end == ANSWER


async def test_whoever_stays_is_disconnected() -> None:
    async with refusing(Refusals(answer, 0.1)) as connect:
        reader, writer = await connect()
        assert await reader.read() == ANSWER
        writer.write(b"more")

        def is_refused() -> bool:
            writer.write(b"more")
            return writer.transport.is_closing()

        await until(is_refused)


def answer() -> web.Response:
    return web.Response(status=503, headers={"Retry-After": "1"}, text="full")


@asynccontextmanager
async def refusing(refusals: Refusals) -> AsyncIterator[Connect]:
    """Refuses all connections of a port; those that are made are closed at the end."""

    class Refused(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            refusals.refuse(transport)

    server = await asyncio.get_running_loop().create_server(Refused, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with AsyncExitStack() as stack:
        stack.callback(server.close)

        async def connect() -> Stream:
            stream = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(stream[1].close)
            return stream

        yield connect


async def _end(stream: Stream) -> bytes:
    try:
        return await stream[0].read()
    except ConnectionResetError:
        return b""
