"""An engine of the job's own: a segmenter on loopback that ends with the job, however that ends."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from bounds.cores import available_cores
from mattebox.models.places import DEFAULT_REPOSITORY
from mattebox.remove.errors import StopJobError
from mattebox.up import plans, ports
from mattebox.up.engine_choice import check_model, choose
from mattebox.up.kept_process import KeptProcess, Launch
from mattebox.up.options import EngineChoice, UpOptions

_REPOSITORY_VARIABLE = "MATTEBOX_SEGMENTER_ENGINE_MODEL_REPOSITORY"
_TLS_VARIABLES = "MATTEBOX_SEGMENTER_GRPC_TLS_"
_ITEMS_VARIABLE = "MATTEBOX_SEGMENTER_GRPC_MAX_UNANSWERED_ITEMS"
_PATIENCE = {
    "MATTEBOX_SEGMENTER_GRPC_DEFAULT_DEADLINE_S": "600",
    "MATTEBOX_SEGMENTER_ADMISSION_MAX_WAIT_S": "600",
}
"""Nobody waits for a single picture, and large networks take their time on few cores."""
_ANY_PORT = 0
_START_S = 120.0
_END_S = 10.0
_RECONNECT = [
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 500),
    ("grpc.enable_http_proxy", 0),
]


@dataclass(frozen=True, slots=True)
class Engine:
    """A running engine."""

    target: str
    """Where it listens."""
    ended: "asyncio.Future[str]"
    """Has a result once the engine has ended by itself: what that was, and what to do."""


def default_jobs() -> int:
    """How many pictures at a time keep the processor busy while one is read or written."""
    return available_cores() + 1


def find_repository() -> Path:
    """Finds where models are installed: here, or beside the virtual environment of the command."""
    if named := os.environ.get(_REPOSITORY_VARIABLE):
        return Path(named)
    here, installed = DEFAULT_REPOSITORY, Path(sys.prefix).parent / DEFAULT_REPOSITORY
    return installed if installed.is_dir() and not here.is_dir() else here


@asynccontextmanager
async def own_engine(model: str, repository: Path, jobs: int) -> AsyncIterator[Engine]:
    """Starts an engine that takes so many pictures at a time, and ends it with the context.

    Raises:
        CannotStartError: the model or a package is not installed, or there is no free port.
        StopJobError: it does not come up.
    """
    await asyncio.to_thread(check_model, repository, model)
    choose(EngineChoice.ONNXRUNTIME)
    (port,) = ports.free_ports(1)
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[str] = loop.create_future()

    def note_end(process: KeptProcess) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed where nobody waits any more
            loop.call_soon_threadsafe(_settle, ended, _how_it_ended(process))

    process = KeptProcess(_launch(model, repository, port, jobs), note_end)
    try:
        engine = Engine(f"{ports.LOOPBACK}:{port}", ended)
        await _until_ready(engine, process)
        yield engine
    finally:
        # Nothing is under way in it that anybody waits for.
        process.kill()
        await asyncio.wait([ended], timeout=_END_S)


def _launch(model: str, repository: Path, port: int, jobs: int) -> Launch:
    options = UpOptions(
        host=ports.LOOPBACK,
        port=_ANY_PORT,
        grpc_port=port,
        metrics_port=_ANY_PORT,
        state_dir=Path(),
        engine=EngineChoice.ONNXRUNTIME,
        models=(model,),
        model_repository=repository,
        ready_file=None,
        threads=None,
        log_level="warning",
    )
    its_ports = ports.Ports(
        http=_ANY_PORT, grpc=port, metrics=_ANY_PORT, segmenter_metrics=_ANY_PORT
    )
    kind = plans.Engine(EngineChoice.ONNXRUNTIME, available_cores())
    launch = plans.segmenter(options, its_ports, kind).launch
    ours = {
        name: value for name, value in launch.env.items() if not name.startswith(_TLS_VARIABLES)
    }
    return replace(launch, env=_PATIENCE | ours | {_ITEMS_VARIABLE: str(jobs)}, is_quiet=True)


async def _until_ready(engine: Engine, process: KeptProcess) -> None:
    serving = asyncio.create_task(_until_serving(engine.target), name="health")
    try:
        events: list[asyncio.Future[Any]] = [serving, engine.ended]
        await asyncio.wait(events, timeout=_START_S, return_when=asyncio.FIRST_COMPLETED)
        if engine.ended.done():
            raise StopJobError(engine.ended.result())
        if not serving.done():
            raise StopJobError(
                f"The engine was not ready after {_START_S:g} s. Its last lines:\n{process.tail}"
            )
        await serving
    finally:
        serving.cancel()


async def _until_serving(target: str) -> None:
    async with grpc.aio.insecure_channel(target, _RECONNECT) as channel:
        request = health_pb2.HealthCheckRequest(service="readiness")
        stub: Any = health_pb2_grpc.HealthStub(channel)
        async for answer in stub.Watch(request, wait_for_ready=True):
            if answer.status == health_pb2.HealthCheckResponse.SERVING:
                return


def _how_it_ended(process: KeptProcess) -> str:
    tail = process.tail.rstrip()
    its_last = f" Its last lines:\n{tail}" if tail else ""
    return (
        f"The engine ended with exit code {process.exit_code}; where memory is short, fewer --jobs"
        f" need less of it. What is done already is kept: go on with --resume.{its_last}"
    )


def _settle(ended: "asyncio.Future[str]", how: str) -> None:
    if not ended.done():
        ended.set_result(how)
