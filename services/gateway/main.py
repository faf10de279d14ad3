"""Runs the gateway: reads its settings, serves until it is told to stop, and exits."""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from typing import Any

from structlog.typing import FilteringBoundLogger

from bounds.cores import available_cores, helpers
from certificates import CertificateError
from environment import About, exit_with_problems, read_settings_or_exit, start_problem
from gateway import descriptors
from gateway.accounts.pepper import PepperError
from gateway.accounts.store import StoreAwayError, StoreError
from gateway.accounts.waiting import wait_for_database
from gateway.app import open_gateway
from gateway.descriptors import DescriptorsError
from gateway.fetch.allow_list import AllowListError
from gateway.health import Lifecycle
from gateway.server import listening
from gateway.settings import GatewaySettings
from gateway.valkey_pool import ServerUrlError
from telemetry.core_dumps import leave_no_core
from telemetry.liveness import loop_answers
from telemetry.logs import forward_library_logs, open_log
from telemetry.metrics_server import Probes, serve_metrics
from telemetry.registry import new_registry
from telemetry.tracing import Tracer, TracingError, open_tracing

PROGRAM = "mattebox-gateway"

_ABOUT = About(
    "The public side of Mattebox: HTTP in, calls of a segmenter out.",
    (
        "MATTEBOX_GATEWAY_HTTP_PORT=8080 MATTEBOX_GATEWAY_SEGMENTER_TARGET=127.0.0.1:50051",
        "MATTEBOX_GATEWAY_DATABASE_URL=postgresql://mattebox@db/mattebox",
    ),
)

_SEE_THE_DATABASE = (
    "See that the database runs, and that MATTEBOX_GATEWAY_DATABASE_URL is its address."
)


def main() -> None:
    """Is the console script ``mattebox-gateway``."""
    leave_no_core()
    settings = read_settings_or_exit(GatewaySettings, PROGRAM, _ABOUT)
    log = open_log(settings.log.level, settings.log.format, sys.stderr)
    forward_library_logs(log)
    try:
        descriptors.make_sure_of(settings.http.max_connections)
        with open_tracing(PROGRAM, log) as tracer:
            asyncio.run(run(settings, log, tracer))
    except (
        CertificateError,
        DescriptorsError,
        PepperError,
        ServerUrlError,
        StoreError,
        TracingError,
    ) as error:
        advice = f" {_SEE_THE_DATABASE}" if isinstance(error, StoreAwayError) else ""
        exit_with_problems(PROGRAM, [f"{error}{advice}"])
    except AllowListError as error:
        exit_with_problems(PROGRAM, [f"MATTEBOX_GATEWAY_FETCH_ALLOW: {error}"])
    except OSError as error:
        exit_with_problems(PROGRAM, [start_problem(error, "MATTEBOX_GATEWAY_", "HTTP")])


async def run(settings: GatewaySettings, log: FilteringBoundLogger, tracer: Tracer) -> None:
    """Serves until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_default_executor(helpers(available_cores()))
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    registry, lifecycle = new_registry(), Lifecycle()
    probes = Probes(registry, live=loop_answers(loop), ready=lambda: lifecycle.ready)
    # Before all that may have to be waited for, so that it is not taken for one that hangs.
    with serve_metrics(settings.metrics.host, settings.metrics.port, probes) as metrics_port:
        log.info("metrics_listening", host=settings.metrics.host, port=metrics_port)
        if await _ends_before(stop, wait_for_database(settings, log)):
            async with (
                open_gateway(settings, registry, log, lifecycle, tracer) as gateway,
                listening(gateway, settings.http, log) as port,
            ):
                log.info(
                    "listening",
                    host=settings.http.host,
                    port=port,
                    target=settings.segmenter.target,
                )
                await stop.wait()
                log.info("stopping")
    log.info("stopped")


async def _ends_before(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Tells whether ``work`` came to its end; it is cancelled where ``stop`` comes first."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if working.cancel():
        await asyncio.gather(working, return_exceptions=True)
        return False
    await working
    return True


if __name__ == "__main__":
    main()
