"""The process: settings, log, signals, exit status."""

import asyncio
import signal
import sys
from contextlib import ExitStack

from structlog.typing import FilteringBoundLogger

from certificates import CertificateError
from environment import exit_with_problems, read_settings_or_exit
from segmenter.imaging.limits import ImageLimits, install_pillow_limits
from segmenter.memory import keep_for_good
from segmenter.metrics import Metrics
from segmenter.server import SegmenterServer
from segmenter.settings import SegmenterSettings
from telemetry.core_dumps import leave_no_core
from telemetry.liveness import loop_answers
from telemetry.logs import forward_library_logs, open_log
from telemetry.metrics_server import Probes, serve_metrics
from telemetry.registry import new_registry

PROGRAM = "mattebox-segmenter"


def main() -> None:
    """Serves until SIGTERM or SIGINT; exits 0 then, and 2 where it cannot start."""
    leave_no_core()
    settings = read_settings_or_exit(SegmenterSettings, PROGRAM)
    log = open_log(settings.log.level, settings.log.format, sys.stderr)
    forward_library_logs(log)
    install_pillow_limits(ImageLimits(**settings.image.model_dump()))
    asyncio.run(_serve(settings, log))


async def _serve(settings: SegmenterSettings, log: FilteringBoundLogger) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    metrics = Metrics(new_registry())
    with ExitStack() as stack:
        try:
            server = SegmenterServer(settings, metrics, log, on_ready=keep_for_good)
            probes = Probes(metrics.registry, loop_answers(loop), lambda: server.ready)
            section = settings.metrics
            stack.enter_context(serve_metrics(section.host, section.port, probes))
            await server.start()
        except (CertificateError, ImportError, OSError, RuntimeError) as error:
            exit_with_problems(PROGRAM, [str(error)])
        await stopping.wait()
        await server.stop()


if __name__ == "__main__":
    main()
