"""A fleet with a PostgreSQL and a Redis of its own."""

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from tests import toy_network
from tests.postgres import running_postgres
from tests.redis_server import running_redis

from benchmarks.fleet.fleet import running_fleet
from benchmarks.fleet.harms import Rig
from benchmarks.fleet.plan import FleetPlan
from benchmarks.load.results import NOT_MEASURED
from benchmarks.running import ROOT

TOY = "toy"
"""A network that costs next to nothing, so that a fleet answers many requests a second."""

_DRAIN_DELAY_S = 5
"""Longer than the load leaves a kept connection idle, so that each is told to close in time."""

_SEGMENTER_DRAIN_DELAY_S = 1


Measured = TypeVar("Measured")


def or_not_measured(measure: Callable[[], Measured]) -> Measured:
    """Measures, or ends the program with a reason where there is no PostgreSQL or Redis here."""
    try:
        return measure()
    except pytest.skip.Exception as reason:
        print(f"not measured: {reason}", file=sys.stderr)
        sys.exit(NOT_MEASURED)


@contextmanager
def running_rig(
    network: str, gateway_settings: Mapping[str, object] | None = None
) -> Iterator[Rig]:
    """Runs a fleet of two gateways and two segmenters for a block.

    Skips, as tests do, where PostgreSQL or Redis is not installed.
    """
    with (
        running_postgres() as postgres,
        running_redis() as redis,
        tempfile.TemporaryDirectory(prefix="mattebox-fleet-") as folder,
    ):
        plan = FleetPlan(
            Path(folder),
            repository_with(network, Path(folder)),
            postgres.new_database(),
            redis.url,
            models=(network,),
            gateway_settings={
                "HTTP_DRAIN_DELAY_S": _DRAIN_DELAY_S,
                **(gateway_settings or {}),
            },
            segmenter_settings={"GRPC_DRAIN_DELAY_S": _SEGMENTER_DRAIN_DELAY_S},
        )
        with running_fleet(plan) as fleet:
            yield Rig(fleet, postgres, redis)


def repository_with(network: str, folder: Path) -> Path:
    """Gives the model repository that has a network; that of the toy is made in the folder."""
    if network != TOY:
        return ROOT / "model_repository"
    toy_network.install(folder / "repository", TOY)
    return folder / "repository"
