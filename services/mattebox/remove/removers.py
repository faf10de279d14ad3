"""Opens whatever makes the cut-outs of a job."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from mattebox.client import AsyncClient, CutOut, Options, Retries
from mattebox.client.grpc import AsyncSegmenter
from mattebox.models.places import DEFAULT_MODEL
from mattebox.remove.asking import Remover
from mattebox.remove.engine import default_jobs, find_repository, own_engine
from mattebox.remove.errors import UsageError
from mattebox.remove.report import Display
from mattebox.remove.request import OverGrpc, OverHttp, OwnEngine, Service
from mattebox.remove.stream import StreamRemover

JOBS_OF_A_SERVICE = 4

# Over a slow line a picture takes long, and there is nobody who waits for it.
_TIMEOUT_S = 300.0
# More than the engine itself takes, which has large networks on few cores.
_OWN_TIMEOUT_S = 1800.0

# The job itself tries again, since all that it does at a time has to wait then.
_ONCE = Retries(attempts=1)


@dataclass(frozen=True, slots=True)
class Opened:
    """What makes the cut-outs."""

    remover: Remover
    ended: "asyncio.Future[str] | None" = None
    """See `Engine.ended`; None where it is not ours."""


class _HttpRemover:
    """Makes cut-outs by a running Mattebox."""

    def __init__(self, client: AsyncClient, options: Options) -> None:
        self._client = client
        self._options = options

    async def remove(self, image: bytes) -> CutOut:
        """See `Remover.remove`."""
        return await self._client.remove(image, self._options)


def jobs_for(service: Service) -> int:
    """How many pictures are worked on at a time, unless it is said."""
    return default_jobs() if isinstance(service, OwnEngine) else JOBS_OF_A_SERVICE


@asynccontextmanager
async def open_remover(
    service: Service, options: Options, jobs: int, display: Display
) -> AsyncIterator[Opened]:
    """Opens it, until the context ends.

    Raises:
        UsageError: the service cannot be one.
        CannotStartError: something that an own engine needs is missing.
        StopJobError: an own engine does not come up.
    """
    match service:
        case OverHttp(url, key):
            async with _client(url, key) as client:
                yield Opened(_HttpRemover(client, options))
        case OverGrpc(target):
            async with _stream(target, options, _TIMEOUT_S) as remover:
                yield Opened(remover)
        case OwnEngine(model, repository):
            engine_of = own_engine(model or DEFAULT_MODEL, repository or find_repository(), jobs)
            async with AsyncExitStack() as stack:
                with display.busy("starting the engine"):
                    engine = await stack.enter_async_context(engine_of)
                stream = _stream(engine.target, options, _OWN_TIMEOUT_S)
                remover = await stack.enter_async_context(stream)
                yield Opened(remover, engine.ended)


def _client(url: str, key: str | None) -> AsyncClient:
    try:
        return AsyncClient(url, key, timeout_s=_TIMEOUT_S, retries=_ONCE)
    except ValueError as error:
        raise UsageError(f"--url or --key cannot be used: {error}.") from error


@asynccontextmanager
async def _stream(target: str, options: Options, answer_s: float) -> AsyncIterator[StreamRemover]:
    async with AsyncSegmenter(target) as segmenter:
        remover = StreamRemover(lambda pictures: segmenter.remove_many(pictures, options), answer_s)
        try:
            yield remover
        finally:
            await remover.aclose()
