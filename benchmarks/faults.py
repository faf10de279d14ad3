"""Faults under load, one at a time: what callers see, how soon all is well again, what is lost.

    python -m benchmarks.faults [--only NAME ...] [--network u2netp] [--load 0.5]
        [--megapixels 0.1]

Two gateways and two segmenters on one real Triton, PostgreSQL and Redis; Triton is watched and
restarted as `mattebox up` does it. Exits 1 where callers saw anything but 200, 503 with Retry-After
and 504 (of a gateway that is killed, what it had on its way may break), where it took more than 10
seconds from the end of a fault, or from its replacement being up, until every request was answered
as before, or where more usage was lost than the seconds between two writes of it.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.fleet.fleet import await_that
from benchmarks.fleet.harms import Fault, Rig, faults
from benchmarks.fleet.rig import or_not_measured, running_rig
from benchmarks.fleet.steady_load import steady_load
from benchmarks.fleet.usage import counted_images
from benchmarks.fleet.verdict import Seen, seen_of
from benchmarks.load.client import Service, mattebox_service
from benchmarks.load.figures import Figure, summed_up
from benchmarks.load.loops import closed_loop
from benchmarks.load.results import Findings, found, say
from benchmarks.pictures import plain_jpeg
from benchmarks.tables import table

OUT_OF_BOUNDS = "faults out of bounds"
_CLIENTS = 8
_QUIET_S = 3.0
_AFTERWARDS_S = 14.0
_USAGE_FLUSH_S = 2.0
_USAGE_PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True)
class Row:
    """One fault, and what came of it."""

    name: str
    seen: Seen
    usage_lost_s: float


def measure(chosen: argparse.Namespace) -> Findings:
    """Lets all faults befall one fleet, one after the other."""
    with running_rig(chosen.network, {"USAGE_FLUSH_S": _USAGE_FLUSH_S}) as rig:
        service = mattebox_service(rig.fleet.url, rig.fleet.api_key)
        bodies = [service.body(plain_jpeg(chosen.megapixels))]
        warm_up = summed_up(closed_loop(service, bodies, _CLIENTS, 8 * _CLIENTS))
        rate_per_s = chosen.load * warm_up.goodput_per_s
        if _lost(rig, warm_up.answers):
            raise SystemExit("usage is not counted")
        say(f"load {rate_per_s:.1f} a second")
        rows = [
            _befall(rig, fault, service, bodies, rate_per_s)
            for fault in faults()
            if not chosen.only or fault.name in chosen.only
        ]
    bad = sum(not (row.seen.in_bounds and row.usage_lost_s <= _USAGE_FLUSH_S) for row in rows)
    figures = {
        OUT_OF_BOUNDS: Figure.of([bad]),
        "longest recovery, s": Figure.of([max(row.seen.recovery_s for row in rows)]),
    }
    more = f"network {chosen.network}, {rate_per_s:.1f} requests a second"
    return found("faults", figures, _table(rows), more)


def _befall(
    rig: Rig, fault: Fault, service: Service, bodies: Sequence[bytes], rate_per_s: float
) -> Row:
    counted_before = _counted(rig)
    with steady_load(service, bodies, rate_per_s) as load:
        time.sleep(_QUIET_S)
        on_their_way = load.unanswered
        began_s = time.monotonic()
        fault.begin(rig)
        time.sleep(fault.held_s)
        fault.end(rig)
        ended_s = time.monotonic()
        time.sleep(_AFTERWARDS_S)
    breakable = on_their_way if fault.breaks_connections else 0
    seen = seen_of(load.outcomes, began_s, ended_s, breakable)
    rig.fleet.await_healthy()
    lost = _lost(rig, counted_before + seen.answers)
    row = Row(fault.name, seen, lost / (rate_per_s / len(rig.fleet.gateways)))
    say(f"{row.name}: {dict(seen.statuses)}, {seen.recovery_s:.1f} s, lost {lost}")
    return row


def _lost(rig: Rig, delivered: int) -> int:
    """Waits for the usage of what was delivered; tells what is missing of it in the end."""
    give_up_s = time.monotonic() + _USAGE_PATIENCE_S
    await_that(lambda: _counted(rig) >= delivered or time.monotonic() > give_up_s)
    lost = delivered - _counted(rig)
    if lost < 0:
        raise SystemExit(f"{-lost} answers more were counted than delivered")
    return lost


def _counted(rig: Rig) -> int:
    return counted_images(rig.fleet.plan.database_url)


def _table(rows: Sequence[Row]) -> str:
    head = ["fault", "callers saw", "lasted s", "well again after s", "usage lost s"]
    return table(
        head,
        [
            [
                row.name,
                ", ".join(f"{count} x {what}" for what, count in row.seen.statuses.items()),
                f"{row.seen.lasted_s:.0f}",
                f"{row.seen.recovery_s:.1f}",
                f"{row.usage_lost_s:.1f}",
            ]
            for row in rows
        ],
    )


def main() -> int:
    """Measures, prints a table, writes JSON; gives the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="*", default=(), help="names of faults")
    parser.add_argument("--network", default="u2netp", help="`toy` costs next to nothing")
    parser.add_argument("--load", type=float, default=0.5, help="share of the capacity")
    parser.add_argument("--megapixels", type=float, default=0.1)
    chosen = parser.parse_args()
    findings = or_not_measured(lambda: measure(chosen))
    return int(findings.figures[OUT_OF_BOUNDS].value > 0)


if __name__ == "__main__":
    sys.exit(main())
