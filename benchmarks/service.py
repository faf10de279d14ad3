"""Load on a running Mattebox: goodput, refusals, latency, and processor time an image.

    python -m benchmarks.service [--megapixels 1.5 12] [--clients 1 4] [--seconds 15]
        [--shares 0.5 0.8 1.2 | --rates 2 5] [--engine auto]
        [--ready-file ready.json | --url http://host:8080 --key mb_live_...]

Closed loops of so many clients, then open loops whose requests arrive at random at a rate: a share
of the goodput of the closed loop with the most clients, or images a second. Without --ready-file or
--url a Mattebox of the benchmark's own is started. Processor time is told where the processes are
known, so not with --url. docs/performance.md tells how to read the table.
"""

import argparse
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import processes
from benchmarks.load.client import Service, mattebox_service
from benchmarks.load.figures import Figure, LoadFigures, summed_up
from benchmarks.load.loops import closed_loop, open_loop, poisson_schedule_s
from benchmarks.load.outcome import Outcome
from benchmarks.load.processes import Costs
from benchmarks.load.results import Findings, found, say
from benchmarks.pictures import plain_jpeg
from benchmarks.running import mattebox, ready_facts
from benchmarks.tables import table
from bounds.cores import available_cores

MEGAPIXELS = (1.5, 12.0)
CLIENTS = (1, 4)
SHARES = (0.5, 0.8, 1.2)
_LEAST_REQUESTS = 4
_PARTS = ("gateway", "segmenter", "triton")


@dataclass(frozen=True, slots=True)
class Target:
    """What is put under load."""

    service: Service
    pids: Mapping[str, int]
    """Roots of the processes whose time is told."""
    engine: str


@dataclass(frozen=True, slots=True)
class Row:
    """One load, and what it came to."""

    load: str
    figures: LoadFigures
    costs: Costs


def measure(chosen: argparse.Namespace) -> Findings:
    """Puts every load on the service, one after another."""
    rows: list[Row] = []
    with _target(chosen) as target:
        for megapixels in chosen.megapixels:
            rows += _rows(target, megapixels, chosen)
        engine = target.engine
    figures = {row.load: Figure.of([row.figures.goodput_per_s]) for row in rows}
    return found("service", figures, _table(rows), f"engine {engine}")


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the options; those of the command line unless others are given."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--megapixels", type=float, nargs="+", default=MEGAPIXELS)
    parser.add_argument("--clients", type=int, nargs="+", default=CLIENTS)
    parser.add_argument("--shares", type=float, nargs="*", default=SHARES)
    parser.add_argument("--rates", type=float, nargs="*", help="images a second, for --shares")
    parser.add_argument("--seconds", type=float, default=15.0, help="length of each load, about")
    parser.add_argument("--engine", default="auto", choices=["auto", "triton", "onnxruntime"])
    parser.add_argument("--ready-file", type=Path, help="of a Mattebox that runs")
    parser.add_argument("--url", help="of one that runs elsewhere")
    parser.add_argument("--key", help="an API key of that one")
    return parser.parse_args(arguments)


@contextmanager
def _target(chosen: argparse.Namespace) -> Iterator[Target]:
    if chosen.ready_file:
        facts = ready_facts(chosen.ready_file)
        yield Target(
            mattebox_service(facts["http"], facts["api_key"]), facts["pids"], facts["engine"]
        )
    elif chosen.url:
        yield Target(mattebox_service(chosen.url, chosen.key or ""), {}, "not known")
    else:
        with mattebox(chosen.engine) as running:
            service = mattebox_service(running.http, running.api_key)
            yield Target(service, running.pids, running.engine)


def _rows(target: Target, megapixels: float, chosen: argparse.Namespace) -> Iterator[Row]:
    body = target.service.body(plain_jpeg(megapixels))
    closed: dict[int, float] = {}
    for clients in chosen.clients:
        warm_up = summed_up(closed_loop(target.service, [body], clients, 2 * clients))
        _demand_answers(warm_up)
        requests = max(_LEAST_REQUESTS * clients, math.ceil(chosen.seconds * warm_up.goodput_per_s))
        say(f"{megapixels:g} MP, {clients} clients, {requests} requests")
        with processes.costs(target.pids) as costs:
            outcomes = closed_loop(target.service, [body], clients, requests)
        row = _row(f"{megapixels:g} MP, {_counted(clients, 'client')}", outcomes, costs)
        closed[clients] = row.figures.goodput_per_s
        yield row
    most_per_s = closed[max(closed)]
    for rate in chosen.rates or [share * most_per_s for share in chosen.shares]:
        starts_s = poisson_schedule_s(rate, chosen.seconds)
        if not starts_s:
            raise SystemExit(f"no request in {chosen.seconds:g} s at {rate:g} a second")
        say(f"{megapixels:g} MP, {rate:.2f} a second, {len(starts_s)} requests")
        with processes.costs(target.pids) as costs:
            outcomes = open_loop(target.service, [body], starts_s)
        share = f" ({rate / most_per_s:.0%})"
        yield _row(f"{megapixels:g} MP, {rate:.2f} arrive a second{share}", outcomes, costs)


def _demand_answers(figures: LoadFigures) -> None:
    if not figures.answers:
        raise SystemExit(f"the service answers no request with 200, but: {figures.failures}")


def _row(load: str, outcomes: Sequence[Outcome], costs: Costs) -> Row:
    return Row(load, summed_up(outcomes), costs)


def _table(rows: Sequence[Row]) -> str:
    head = ["load", "200", "not 200", "images/s", "p50 s", "p90 s", "p99 s", "max s"]
    head += [f"{part} core-s" for part in _PARTS]
    head += ["client", "others on the machine", "sent late, ms"]
    return table(head, [_cells(row) for row in rows])


def _cells(row: Row) -> list[str]:
    figures, costs = row.figures, row.costs
    failures = ", ".join(f"{count} x {status}" for status, count in figures.failures.items())
    whole_s = costs.wall_s * available_cores()
    each = [
        f"{costs.cpu_s[part] / figures.answers:.3f}"
        if part in costs.cpu_s and figures.answers
        else "-"
        for part in _PARTS
    ]
    return [
        row.load,
        str(figures.answers),
        failures or "none",
        f"{figures.goodput_per_s:.2f}",
        *(
            f"{seconds:.3f}"
            for seconds in (figures.p50_s, figures.p90_s, figures.p99_s, figures.max_s)
        ),
        *each,
        f"{costs.client_cpu_s / whole_s:.1%}",
        f"{costs.others_cpu_s / whole_s:.1%}" if costs.cpu_s else "-",
        f"{figures.latest_send_s * 1000:.0f}",
    ]


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def main() -> None:
    """Measures, prints a table, writes JSON."""
    measure(options())


if __name__ == "__main__":
    main()
