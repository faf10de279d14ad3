"""How the Triton server out of the wheel is started on the CPU."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mattebox.up.health import TritonHealth
from mattebox.up.kept_process import Launch
from mattebox.up.plans import HUGE_PAGES
from mattebox.up.ports import LOOPBACK
from mattebox.up.service import ServicePlan
from mattebox.up.tracing import named, triton_options
from mattebox.up.triton_files import TritonFiles
from mattebox.up.triton_wheel import TritonWheel
from segmenter.inference.runtimes import CpuRuntime

PORT_TAKEN = "already in use"
"""What Triton says when a port was taken between the choice of it and the start."""

_EXIT_TIMEOUT_S = 20


@dataclass(frozen=True, slots=True)
class TritonPorts:
    """Where the server listens, on the loopback only."""

    http: int
    grpc: int
    metrics: int

    @property
    def http_url(self) -> str:
        """The base of its HTTP pages."""
        return f"http://{LOOPBACK}:{self.http}"

    @property
    def metrics_url(self) -> str:
        """The page of its metrics."""
        return f"http://{LOOPBACK}:{self.metrics}/metrics"

    @property
    def target(self) -> str:
        """Its gRPC address."""
        return f"{LOOPBACK}:{self.grpc}"


@dataclass(frozen=True, slots=True)
class TritonSettings:
    """What else the server is told."""

    models: Sequence[str]
    threads: int
    shm_prefix: str
    verbose: bool = False
    cpu_runtime: CpuRuntime = CpuRuntime.AUTO


def plan(
    wheel: TritonWheel, files: TritonFiles, ports: TritonPorts, settings: TritonSettings
) -> ServicePlan:
    """Describes the server as a service of `mattebox up`."""
    return ServicePlan(
        name="triton",
        launch=Launch(
            command=_command(wheel, files, ports, settings),
            env=_environment(os.environ, wheel, settings),
            # A `model.py` in the working directory would be taken for the backend's.
            folder=Path("/"),
            shm_prefix=settings.shm_prefix,
        ),
        health=lambda pid: TritonHealth(pid, ports.http_url, ports.metrics_url, settings.models),
        drain_deadline_s=_EXIT_TIMEOUT_S + 5,
    )


def _command(
    wheel: TritonWheel, files: TritonFiles, ports: TritonPorts, settings: TritonSettings
) -> tuple[str, ...]:
    return (
        str(wheel.server),
        f"--model-repository={files.models}",
        f"--backend-directory={files.backends}",
        f"--backend-config=python,shm-region-prefix-name={settings.shm_prefix}",
        # Else a second model process is started first, only to ask it for the configuration.
        "--disable-auto-complete-config",
        f"--http-address={LOOPBACK}",
        f"--http-port={ports.http}",
        f"--grpc-address={LOOPBACK}",
        f"--grpc-port={ports.grpc}",
        f"--metrics-address={LOOPBACK}",
        f"--metrics-port={ports.metrics}",
        "--allow-gpu-metrics=false",
        "--pinned-memory-pool-byte-size=0",
        f"--exit-timeout-secs={_EXIT_TIMEOUT_S}",
        f"--log-info={str(settings.verbose).lower()}",
        *triton_options(os.environ),
    )


def _environment(
    env: Mapping[str, str], wheel: TritonWheel, settings: TritonSettings
) -> dict[str, str]:
    """Takes over this process's environment, but for what is ours and another service's."""
    inherited = {name: value for name, value in env.items() if not name.startswith("MATTEBOX_")}
    folders = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    return {
        "MALLOC_ARENA_MAX": "1",
        **HUGE_PAGES,
        **inherited,
        **named(env, "triton"),
        "LD_LIBRARY_PATH": wheel.library_path,
        "MATTEBOX_SITE_PACKAGES": os.pathsep.join(folders),
        "MATTEBOX_TRITON_THREADS": str(settings.threads),
        "MATTEBOX_CPU_RUNTIME": settings.cpu_runtime.value,
        # This server computes on the CPU, also where it would see a GPU.
        "CUDA_VISIBLE_DEVICES": "",
    }
