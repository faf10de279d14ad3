"""Rolling restarts of a fleet under load: no request may fail.

    python -m benchmarks.rolling [--restarts 50] [--load 0.8] [--network u2netp]
        [--megapixels 0.1] [--seconds 30]

Two gateways and two segmenters on one real Triton, PostgreSQL and Redis. First it is measured how
much the fleet can do. Then requests come at a share of that, at first without restarts, then with
as many of gateways and segmenters in turn as are asked for, of each. Exits 1 where a request is
answered with anything but 200, or its connection breaks.
"""

import argparse
import sys
import time
from collections.abc import Sequence

from benchmarks.fleet.fleet import Fleet, await_that
from benchmarks.fleet.rig import TOY, or_not_measured, running_rig
from benchmarks.fleet.steady_load import SteadyLoad, steady_load
from benchmarks.load.client import Service, mattebox_service
from benchmarks.load.figures import Figure, LoadFigures, summed_up
from benchmarks.load.loops import closed_loop
from benchmarks.load.results import Findings, found, say
from benchmarks.pictures import plain_jpeg
from benchmarks.tables import table

FAILED = "requests that failed in rolling restarts"
_CLIENTS = 8
_CALM_S = 0.3
"""With no more on its way than comes in this time the next restart may begin, whose start takes a
whole core."""


def measure(chosen: argparse.Namespace) -> Findings:
    """Measures capacity, the load without restarts, and the load with them."""
    with running_rig(chosen.network) as rig:
        fleet = rig.fleet
        service = mattebox_service(fleet.url, fleet.api_key)
        bodies = [service.body(plain_jpeg(chosen.megapixels))]
        capacity_per_s = _capacity_per_s(service, bodies, chosen.seconds)
        rate_per_s = chosen.load * capacity_per_s
        say(f"capacity {capacity_per_s:.1f} images/s, load {rate_per_s:.1f} a second")
        with steady_load(service, bodies, rate_per_s) as quiet:
            time.sleep(chosen.seconds)
        with steady_load(service, bodies, rate_per_s) as rolled:
            roll(fleet, rolled, chosen.restarts, calm=max(4, round(_CALM_S * rate_per_s)))
    rows = [
        ("none", summed_up(quiet.outcomes)),
        (f"{chosen.restarts} of each tier", summed_up(rolled.outcomes)),
    ]
    failed = sum(sum(figures.failures.values()) for _, figures in rows)
    figures = {
        FAILED: Figure.of([failed]),
        "p50 s without restarts": Figure.of([rows[0][1].p50_s]),
        "p50 s with restarts": Figure.of([rows[1][1].p50_s]),
        "p99 s without restarts": Figure.of([rows[0][1].p99_s]),
        "p99 s with restarts": Figure.of([rows[1][1].p99_s]),
    }
    more = f"capacity {capacity_per_s:.1f} images/s, load {chosen.load:.0%} of it"
    return found("rolling", figures, _table(rows), more)


def roll(fleet: Fleet, load: SteadyLoad, restarts: int, calm: int) -> None:
    """Restarts each tier so often, gateways and segmenters in turn, and one after the other.

    Waits before each until no more than ``calm`` requests are on their way.
    """
    for number in range(restarts):
        for tier, restart in (
            ("gateway", fleet.roll_gateway),
            ("segmenter", fleet.roll_segmenter),
        ):
            restart(number % 2)
            await_that(lambda: load.unanswered <= calm, patience_s=120)
            bad = [outcome for outcome in load.outcomes if outcome.status != "200"]
            say(f"{tier} {number + 1} of {restarts}: {len(load.outcomes)} answers, {len(bad)} bad")


def _capacity_per_s(service: Service, bodies: Sequence[bytes], seconds: float) -> float:
    warm_up = summed_up(closed_loop(service, bodies, _CLIENTS, 4 * _CLIENTS))
    requests = max(4 * _CLIENTS, round(seconds * warm_up.goodput_per_s))
    return summed_up(closed_loop(service, bodies, _CLIENTS, requests)).goodput_per_s


def _table(rows: Sequence[tuple[str, LoadFigures]]) -> str:
    head = ["restarts", "200", "failed", "images/s", "p50 s", "p99 s", "max s"]
    return table(
        head,
        [
            [
                name,
                str(figures.answers),
                ", ".join(f"{count} x {what}" for what, count in figures.failures.items()) or "0",
                f"{figures.goodput_per_s:.1f}",
                *(f"{seconds:.3f}" for seconds in (figures.p50_s, figures.p99_s, figures.max_s)),
            ]
            for name, figures in rows
        ],
    )


def main() -> int:
    """Measures, prints a table, writes JSON; gives the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--restarts", type=int, default=50, help="of each tier")
    parser.add_argument("--load", type=float, default=0.8, help="share of the capacity")
    parser.add_argument("--network", default="u2netp", help=f"{TOY} costs next to nothing")
    parser.add_argument("--megapixels", type=float, default=0.1)
    parser.add_argument("--seconds", type=float, default=30.0, help="without restarts")
    chosen = parser.parse_args()
    findings = or_not_measured(lambda: measure(chosen))
    return int(findings.figures[FAILED].value > 0)


if __name__ == "__main__":
    sys.exit(main())
