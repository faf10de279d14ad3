"""How the processes of a fleet are started, as their console scripts are."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.fleet.replica import Place
from mattebox.up.kept_process import Launch

_HOST = "127.0.0.1"
_PEPPER = "5a" * 32


@dataclass(frozen=True, slots=True)
class FleetPlan:
    """What a fleet stands on, and how large it is."""

    folder: Path
    """For its files."""
    model_repository: Path
    database_url: str
    limiter_url: str = "memory://"
    models: tuple[str, ...] = ("u2netp",)
    gateways: int = 2
    segmenters: int = 2
    gateway_settings: Mapping[str, object] = field(default_factory=dict)
    """More settings of the gateways, named without their prefix."""
    segmenter_settings: Mapping[str, object] = field(default_factory=dict)
    """More settings of the segmenters, named likewise."""


def gateway_launch(plan: FleetPlan, place: Place, segmenter_ports: Sequence[int]) -> Launch:
    """Describes a gateway before segmenters on these ports."""
    addresses = ",".join(f"{_HOST}:{port}" for port in segmenter_ports)
    settings = {
        "HTTP_PORT": place.port,
        "METRICS_PORT": place.metrics_port,
        "SEGMENTER_TARGET": f"ipv4:{addresses}",
        "DATABASE_URL": plan.database_url,
        "KEYS_PEPPER": _PEPPER,
        "LIMITER_URL": plan.limiter_url,
        "LIMITER_GATEWAYS": plan.gateways,
        "LOG_LEVEL": "error",
        **plan.gateway_settings,
    }
    return _launch("gateway.main", "MATTEBOX_GATEWAY_", settings, plan.folder)


def segmenter_launch(plan: FleetPlan, place: Place, triton_target: str) -> Launch:
    """Describes a segmenter before a Triton."""
    settings = {
        "GRPC_PORT": place.port,
        "METRICS_PORT": place.metrics_port,
        "ENGINE_KIND": "triton",
        "ENGINE_TRITON_TARGET": triton_target,
        "ENGINE_MODELS": ",".join(plan.models),
        "LOG_LEVEL": "error",
        **plan.segmenter_settings,
    }
    return _launch("segmenter.main", "MATTEBOX_SEGMENTER_", settings, plan.folder)


def _launch(module: str, prefix: str, settings: Mapping[str, object], folder: Path) -> Launch:
    others = {name: value for name, value in os.environ.items() if "MATTEBOX_" not in name}
    own = {f"{prefix}{name}": str(value) for name, value in settings.items()}
    return Launch((sys.executable, "-P", "-m", module), others | own, folder)
