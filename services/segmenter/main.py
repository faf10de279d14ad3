"""The process: settings, log, signals, exit status."""

import asyncio
import signal
import sys
from contextlib import ExitStack

from structlog.typing import FilteringBoundLogger

from bounds.cores import available_cores, helpers
from certificates import CertificateError
from environment import About, exit_with_problems, read_settings_or_exit, start_problem
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
from telemetry.tracing import Tracer, TracingError, open_tracing

PROGRAM = "mattebox-segmenter"

_ABOUT = About(
    "The pixels of Mattebox: pictures in over gRPC, cut-outs out, the network in Triton or in it.",
    (
        "MATTEBOX_SEGMENTER_ENGINE_KIND=onnxruntime",
        "MATTEBOX_SEGMENTER_ENGINE_TRITON_TARGET=triton:8001 MATTEBOX_QUALITY=best",
    ),
)


def main() -> None:
    """Serves until SIGTERM or SIGINT; exits 0 then, and 2 where it cannot start."""
    leave_no_core()
    settings = read_settings_or_exit(SegmenterSettings, PROGRAM, _ABOUT)
    log = open_log(settings.log.level, settings.log.format, sys.stderr)
    forward_library_logs(log)
    install_pillow_limits(ImageLimits(**settings.image.model_dump()))
    try:
        with open_tracing(PROGRAM, log) as tracer:
            asyncio.run(_serve(settings, log, tracer))
    except TracingError as error:
        exit_with_problems(PROGRAM, [str(error)])


async def _serve(settings: SegmenterSettings, log: FilteringBoundLogger, tracer: Tracer) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_default_executor(helpers(available_cores()))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    metrics = Metrics(new_registry(), settings.engine.kind.value, settings.engine.models)
    with ExitStack() as stack:
        try:
            server = SegmenterServer(settings, metrics, log, keep_for_good, tracer)
            probes = Probes(metrics.registry, loop_answers(loop), lambda: server.ready)
            section = settings.metrics
            stack.enter_context(serve_metrics(section.host, section.port, probes))
            await server.start()
        except (CertificateError, ImportError) as error:
            exit_with_problems(PROGRAM, [str(error)])
        except (OSError, RuntimeError) as error:
            exit_with_problems(PROGRAM, [start_problem(error, "MATTEBOX_SEGMENTER_", "GRPC")])
        await stopping.wait()
        await server.stop()


if __name__ == "__main__":
    main()
