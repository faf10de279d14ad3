"""The composition root of `mattebox up`: from the operator's options to services that are up."""

import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from types import FrameType

from bounds.cores import available_cores
from mattebox.up import bootstrap_key, plans, ports, state_dir, triton_files, triton_server
from mattebox.up.engine_choice import check_model, choose, choose_cpu_runtime
from mattebox.up.errors import ServiceFailedError
from mattebox.up.options import UpOptions
from mattebox.up.plans import CPU_RUNTIME_VARIABLE, Engine
from mattebox.up.ports import LOOPBACK, Ports
from mattebox.up.ready_file import Facts, announced
from mattebox.up.say import say
from mattebox.up.service import ServicePlan
from mattebox.up.state_dir import StateDir
from mattebox.up.supervisor import Events, StopAsked, Supervisor
from mattebox.up.triton_server import TritonPorts, TritonSettings
from mattebox.up.triton_wheel import TritonWheel
from segmenter.inference.runtimes import CpuRuntime

_PORT_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class _Ground:
    """What all starts of one `mattebox up` stand on."""

    options: UpOptions
    state: StateDir
    models: Sequence[Path]
    wheel: TritonWheel | None
    threads: int
    cpu_runtime: CpuRuntime
    ports: Ports


def run(options: UpOptions) -> int:
    """Brings all up, stays until a signal asks to stop, and returns the exit code.

    Raises:
        CannotStartError: something is missing, taken, or did not come up.
    """
    events = _listen_for_signals()
    models = [check_model(options.model_repository, name) for name in options.models]
    with state_dir.hold(options.state_dir) as state:
        wheel = choose(options.engine)
        threads = options.threads or available_cores()
        runtime = choose_cpu_runtime(models, threads, os.environ.get(CPU_RUNTIME_VARIABLE))
        claimed = ports.claim(options)
        ground = _Ground(options, state, models, wheel, threads, runtime, claimed)
        has_page = plans.has_playground(os.environ)
        with announced(_facts(ground), options.ready_file, has_page=has_page) as announce:
            return _supervise(ground, events, announce)


def _listen_for_signals() -> Events:
    events: Events = SimpleQueue()

    def note(number: int, _frame: FrameType | None) -> None:
        events.put(StopAsked(number))

    signal.signal(signal.SIGTERM, note)
    signal.signal(signal.SIGINT, note)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as `nohup` makes it
        signal.signal(signal.SIGHUP, note)
    return events


def _facts(ground: _Ground) -> Facts:
    return Facts(
        http=plans.http_url(ground.options, ground.ports.http),
        grpc=f"{LOOPBACK}:{ground.ports.grpc}",
        metrics=f"http://{LOOPBACK}:{ground.ports.metrics}/metrics",
        api_key=bootstrap_key.new_key(_gateway(ground).launch),
        engine="triton" if ground.wheel else "onnxruntime",
        model=ground.options.models[0],
        segmenter_metrics=f"http://{LOOPBACK}:{ground.ports.segmenter_metrics}/metrics",
    )


def _supervise(
    ground: _Ground, events: Events, announce: Callable[[Mapping[str, int]], None]
) -> int:
    for _ in range(_PORT_ATTEMPTS - 1):
        try:
            return Supervisor(_plans(ground), events, announce).run()
        except ServiceFailedError as error:
            if error.service != "triton" or triton_server.PORT_TAKEN not in error.tail:
                raise
            say("another program took a port that was meant for triton; it gets others.")
    return Supervisor(_plans(ground), events, announce).run()


def _plans(ground: _Ground) -> Sequence[ServicePlan]:
    """Lists the services in the order of their start; each time with other ports for Triton."""
    if ground.wheel is None:
        triton = []
        engine = Engine("onnxruntime", ground.threads)
    else:
        triton_ports = TritonPorts(*ports.free_ports(3, but_not=ground.ports.all))
        triton = [_triton(ground, ground.wheel, triton_ports)]
        engine = Engine("triton", ground.threads, triton_ports.target)
    return [
        *triton,
        plans.segmenter(ground.options, ground.ports, engine),
        _gateway(ground),
    ]


def _gateway(ground: _Ground) -> ServicePlan:
    return plans.gateway(ground.options, ground.ports, ground.state.database)


def _triton(ground: _Ground, wheel: TritonWheel, triton_ports: TritonPorts) -> ServicePlan:
    files = triton_files.put_together(ground.state.triton, wheel, ground.models)
    settings = TritonSettings(
        models=ground.options.models,
        threads=ground.threads,
        cpu_runtime=ground.cpu_runtime,
        shm_prefix=ground.state.shm_prefix,
        verbose=ground.options.log_level == "debug",
    )
    return triton_server.plan(wheel, files, triton_ports, settings)
