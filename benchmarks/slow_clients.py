"""Whether slow clients slow others down: latency of good requests without them and with them.

    python -m benchmarks.slow_clients [--clients 500] [--rounds 5] [--seconds 40] [--rate 0]
        [--engine auto]

In each round the same load, whose requests arrive evenly at `--rate` a second, is put on the
service alone and beside so many slow clients: a third send a byte of a head a second, a third a
byte of a body a second, a third nothing after a first request. Which comes first alternates. A rate
of 0 takes a third of what two clients get at once. Exits 1 where the median round's p99 grows by
more than a fifth, a good request fails, or a slow client is not ended as documented.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.load.client import Service, mattebox_service
from benchmarks.load.figures import Figure, LoadFigures, summed_up
from benchmarks.load.loops import closed_loop, open_loop
from benchmarks.load.results import Findings, found, say
from benchmarks.load.slow import Ended, ended_otherwise, slow_clients
from benchmarks.pictures import plain_jpeg
from benchmarks.running import mattebox
from benchmarks.tables import table

CLIENTS, ROUNDS = 500, 5
SECONDS = 40.0
"""Long enough for every kind of slow client to be ended."""

MOST_GROWTH = 1.2
SHARE = 1 / 3
_MEGAPIXELS = 0.25
_WARM_UP = 20

P50 = "p50 with slow clients / without"
P99 = "p99 with slow clients / without"
FAILED = "good requests not answered 200"
OTHERWISE = "slow clients ended otherwise than documented"


@dataclass(frozen=True, slots=True)
class Round:
    """The same load without slow clients and with them, and how these ended."""

    alone: LoadFigures
    beside: LoadFigures
    ended: Ended


def measure(clients: int, rounds: int, seconds: float, rate_per_s: float, engine: str) -> Findings:
    """Takes all rounds and judges."""
    with mattebox(engine) as running:
        service = mattebox_service(running.http, running.api_key)
        body = service.body(plain_jpeg(_MEGAPIXELS))
        rate_per_s = rate_per_s or _rate_per_s(service, body)
        starts_s = even_starts_s(rate_per_s, seconds)

        def alone() -> LoadFigures:
            return summed_up(open_loop(service, [body], starts_s))

        def beside() -> tuple[LoadFigures, Ended]:
            with slow_clients(running.http, running.api_key, clients) as slow:
                figures = alone()
            return figures, slow.ended

        taken: list[Round] = []
        for number in range(rounds):
            taken.append(_round(alone, beside, slow_first=bool(number % 2)))
            say(f"round {number + 1}: p99 {_ratio(taken[-1], 'p99_s'):.2f} times as long")
    figures = judged(taken)
    more = f"engine {running.engine}; {len(starts_s)} requests a load, {rate_per_s:.1f} a second"
    return found("slow_clients", figures, _tables(taken, figures, clients), more)


def even_starts_s(rate_per_s: float, duration_s: float) -> list[float]:
    """Spreads starts evenly, seconds from the beginning, below ``duration_s``."""
    return [number / rate_per_s for number in range(int(rate_per_s * duration_s))]


def judged(rounds: Sequence[Round]) -> Mapping[str, Figure]:
    """Sums up rounds by the ratios within them, so that what drifts between them falls out."""
    failures = [
        sum(figures.failures.values()) for each in rounds for figures in (each.alone, each.beside)
    ]
    return {
        P50: Figure.of([_ratio(each, "p50_s") for each in rounds]),
        P99: Figure.of([_ratio(each, "p99_s") for each in rounds]),
        FAILED: Figure(sum(failures), min(failures), max(failures)),
        OTHERWISE: Figure.of([sum(ended_otherwise(each.ended) for each in rounds)]),
    }


def is_kept(figures: Mapping[str, Figure]) -> bool:
    """Whether the promise is kept."""
    return (
        figures[P99].value <= MOST_GROWTH
        and not figures[FAILED].value
        and not figures[OTHERWISE].value
    )


def _rate_per_s(service: Service, body: bytes) -> float:
    closed_loop(service, [body], 2, _WARM_UP)
    return summed_up(closed_loop(service, [body], 2, 5 * _WARM_UP)).goodput_per_s * SHARE


def _round(
    alone: Callable[[], LoadFigures],
    beside: Callable[[], tuple[LoadFigures, Ended]],
    *,
    slow_first: bool,
) -> Round:
    if slow_first:
        with_slow, ended = beside()
        return Round(alone(), with_slow, ended)
    without = alone()
    return Round(without, *beside())


def _ratio(taken: Round, name: str) -> float:
    beside: float = getattr(taken.beside, name)
    alone: float = getattr(taken.alone, name)
    return beside / alone


def _tables(rounds: Sequence[Round], figures: Mapping[str, Figure], clients: int) -> str:
    head = ["round", "p50 alone, ms", f"beside {clients}, ms", "p99 alone, ms"]
    head += [f"beside {clients}, ms", "not 200", "slow ones ended"]
    rows = [
        [
            str(number),
            *(
                f"{1000 * getattr(load, name):.0f}"
                for name in ("p50_s", "p99_s")
                for load in (each.alone, each.beside)
            ),
            str(sum(each.alone.failures.values()) + sum(each.beside.failures.values())),
            _ends(each.ended),
        ]
        for number, each in enumerate(rounds, start=1)
    ]
    ratios = [f"{name}: {figures[name].text(2)}" for name in (P50, P99)]
    return f"{table(head, rows)}\n\n{'; '.join(ratios)} (median, and ends)."


def _ends(ended: Ended) -> str:
    ends = [
        f"{kind}: {count} x {way}" for kind, ways in ended.items() for way, count in ways.items()
    ]
    return ", ".join(ends) or "none"


def main() -> int:
    """Measures, prints a table, writes JSON; gives the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="length of each load")
    parser.add_argument("--rate", type=float, default=0.0, help="good requests a second")
    parser.add_argument("--engine", default="auto", choices=["auto", "triton", "onnxruntime"])
    chosen = parser.parse_args()
    findings = measure(chosen.clients, chosen.rounds, chosen.seconds, chosen.rate, chosen.engine)
    return int(not is_kept(findings.figures))


if __name__ == "__main__":
    sys.exit(main())
