"""How the segmenter and the gateway are started beside each other on one machine."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mattebox.up import tracing
from mattebox.up.health import HttpHealth
from mattebox.up.kept_process import Launch
from mattebox.up.options import UpOptions
from mattebox.up.ports import LOOPBACK, Ports
from mattebox.up.service import ServicePlan

_GATEWAY = "MATTEBOX_GATEWAY_"
_DATABASE_URL = f"{_GATEWAY}DATABASE_URL"
_HTTP_CERTIFICATE = f"{_GATEWAY}HTTP_TLS_CERT"
_PLAYGROUND = f"{_GATEWAY}PLAYGROUND_ENABLED"
_SEGMENTER = "MATTEBOX_SEGMENTER_"
_BATCH_SIZE = f"{_SEGMENTER}BATCH_MAX_SIZE"
_BATCHES = f"{_SEGMENTER}BATCH_MAX_RUNNING"

CPU_RUNTIME_VARIABLE = "MATTEBOX_CPU_RUNTIME"

_OF_THE_WHOLE_SERVICE = {"MATTEBOX_QUALITY": _SEGMENTER, CPU_RUNTIME_VARIABLE: _SEGMENTER}
"""Settings without the prefix of a service, and whose they are."""

HUGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
"""Has glibc ask for pages of 2 MB, where the system leaves that to programs: pixels and networks
pass through tens of megabytes at a time, and find their way with a tenth less time."""

# Measured with 32 clients at 12 megapixels: glibc's defaults keep twice as much of what the
# pictures in work have needed at some time.
_SEGMENTER_ALLOCATOR = HUGE_PAGES | {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(2**30),
    "MALLOC_TRIM_THRESHOLD_": str(2**28),
}

# Pictures are worked on side by side already, and its own count goes by the machine, whatever a
# container may use of it.
_SEGMENTER_LINEAR_ALGEBRA = {"OPENBLAS_NUM_THREADS": "1"}

# Uploads are few and large: mapped each by itself, they leave no holes when they go.
_GATEWAY_ALLOCATOR = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(2**20),
    "MALLOC_TRIM_THRESHOLD_": str(2**23),
}


@dataclass(frozen=True, slots=True)
class Engine:
    """What runs the network for the segmenter."""

    kind: str
    threads: int
    triton_target: str = ""


def segmenter(options: UpOptions, ports: Ports, engine: Engine) -> ServicePlan:
    """Describes the segmenter."""
    settings = {
        "GRPC_HOST": LOOPBACK,
        "GRPC_PORT": ports.grpc,
        "METRICS_HOST": LOOPBACK,
        "METRICS_PORT": ports.segmenter_metrics,
        "ENGINE_KIND": engine.kind,
        "ENGINE_TRITON_TARGET": engine.triton_target,
        "ENGINE_MODEL_REPOSITORY": options.model_repository.absolute(),
        "ENGINE_MODELS": ",".join(options.models),
        "ENGINE_THREADS": engine.threads,
        # Each picture by itself, since a batch is answered as a whole: its first would wait for
        # its last, and cores with them.
        "BATCH_MAX_SIZE": os.environ.get(_BATCH_SIZE, "1"),
        # One more than cores, so that none of them waits for the way between the processes.
        "BATCH_MAX_RUNNING": os.environ.get(_BATCHES, str(engine.threads + 1)),
    }
    metrics_url = f"http://{LOOPBACK}:{ports.segmenter_metrics}"
    return ServicePlan(
        name="segmenter",
        launch=Launch(
            _python_module("segmenter.main"),
            _SEGMENTER_ALLOCATOR
            | _SEGMENTER_LINEAR_ALGEBRA
            | _environment(os.environ, _SEGMENTER, settings, options.log_level),
        ),
        health=lambda _pid: HttpHealth([f"{metrics_url}/ready"], f"{metrics_url}/live"),
    )


def gateway(options: UpOptions, ports: Ports, database: Path) -> ServicePlan:
    """Describes the gateway, with this SQLite file unless the operator names a database."""
    settings = {
        "HTTP_HOST": options.host,
        "HTTP_PORT": ports.http,
        **{
            name: file.absolute()
            for name, file in (
                ("HTTP_TLS_CERT", options.tls_cert),
                ("HTTP_TLS_KEY", options.tls_key),
            )
            if file is not None
        },
        "METRICS_HOST": LOOPBACK,
        "METRICS_PORT": ports.metrics,
        "SEGMENTER_TARGET": f"{LOOPBACK}:{ports.grpc}",
        "DATABASE_URL": os.environ.get(_DATABASE_URL, f"sqlite:///{database}"),
    }
    metrics_url = f"http://{LOOPBACK}:{ports.metrics}"
    ready_urls = [f"{metrics_url}/ready", f"{http_url(options, ports.http)}/v2/health"]
    return ServicePlan(
        name="gateway",
        launch=Launch(
            _python_module("gateway.main"),
            _GATEWAY_ALLOCATOR | _environment(os.environ, _GATEWAY, settings, options.log_level),
        ),
        health=lambda _pid: HttpHealth(ready_urls, f"{metrics_url}/live"),
    )


def http_url(options: UpOptions, port: int) -> str:
    """Makes the URL by which a program on this machine reaches the gateway."""
    speaks_tls = options.tls_cert is not None or os.environ.get(_HTTP_CERTIFICATE)
    scheme, host = "https" if speaks_tls else "http", options.host
    reachable = {"0.0.0.0": LOOPBACK, "": LOOPBACK, "::": "::1"}.get(host, host)  # noqa: S104
    return (
        f"{scheme}://[{reachable}]:{port}" if ":" in reachable else f"{scheme}://{reachable}:{port}"
    )


def has_playground(env: Mapping[str, str]) -> bool:
    """Tells whether the gateway shows its playground."""
    return env.get(_PLAYGROUND, "").lower() not in {"0", "f", "false", "n", "no", "off"}


def _python_module(name: str) -> tuple[str, ...]:
    # -P: a folder of that name in the working directory is not the service.
    return (sys.executable, "-P", "-m", name)


def _environment(
    env: Mapping[str, str], prefix: str, settings: Mapping[str, object], log_level: str | None
) -> dict[str, str]:
    """Adds a service's settings to this process's environment, less those of other services."""
    ours = {
        name: value
        for name, value in env.items()
        if name.startswith(prefix) or _OF_THE_WHOLE_SERVICE.get(name) == prefix
    }
    others = {name: value for name, value in env.items() if not name.startswith("MATTEBOX_")}
    set_here = {f"{prefix}{name}": str(value) for name, value in settings.items() if value != ""}
    set_here |= tracing.named(env, prefix.removeprefix("MATTEBOX_").rstrip("_").lower())
    if log_level is not None:
        set_here[f"{prefix}LOG_LEVEL"] = log_level
    log_form = _log_form(env, f"{prefix}LOG_FORMAT", is_terminal=sys.stderr.isatty())
    return others | ours | set_here | log_form


def _log_form(env: Mapping[str, str], variable: str, *, is_terminal: bool) -> dict[str, str]:
    """What makes a service write for people where its lines end on a terminal.

    It does not see that itself: what it writes to is a pipe, from which they are handed on.
    """
    if not is_terminal or env.get(variable, "auto") not in {"auto", "console"}:
        return {}
    is_decided = env.get("NO_COLOR") or env.get("FORCE_COLOR")
    return {variable: "console"} | ({} if is_decided else {"FORCE_COLOR": "1"})
