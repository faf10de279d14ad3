"""Speed and memory against their budgets, beside rembg's server.

    python -m benchmarks.performance [--only peers service] [--short] [--judge] [--docs]

Runs the benchmarks of load, overhead, memory and rembg's server one after another, judges what they
found and prints it as Markdown. --short takes few rounds, and leaves rembg and memory out: some
minutes in place of three quarters of an hour. --judge runs nothing and judges what was found last.
--docs writes it to docs/performance.md and, where it was measured now, draws the page's chart.
Exits 1 where a budget is missed or, unless --short or --only leaves it out, not measured.
"""

import argparse
import sys
from collections.abc import Callable, Mapping

from benchmarks import memory, overhead, peers, service, timeline
from benchmarks.load.results import Findings, read
from benchmarks.performance import documents
from benchmarks.performance.budgets import Grade, all_met, budget_table, judged

_ROUNDS, _SHORT_ROUNDS = 5, 2
_SHORT = ("service", "overhead")


def main() -> int:
    """Measures, judges, prints; gives the exit code."""
    options = _options()
    chosen = options.only or (_SHORT if options.short else tuple(documents.TITLES))
    taken = [] if options.judge else [_parts(options)[name]() for name in chosen]
    if not taken:
        taken = [findings for name in documents.TITLES if (findings := read(name))]
    figures = {name: figure for part in taken for name, figure in part.figures.items()}
    verdicts = judged(figures)
    print(f"\n{budget_table(verdicts)}")
    if options.docs:
        if not options.judge:
            timeline.measure_and_draw(options.engine)
        documents.write_figures(budget_table(verdicts), taken)
    if options.only or options.short:
        verdicts = [verdict for verdict in verdicts if verdict.grade is not Grade.NOT_MEASURED]
    return 0 if all_met(verdicts) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.performance", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--engine", default="auto", choices=["auto", "triton", "onnxruntime"])
    parser.add_argument("--only", nargs="+", choices=list(documents.TITLES))
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--judge", action="store_true")
    parser.add_argument("--docs", action="store_true")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--requests", type=int, default=memory.REQUESTS, help="of memory")
    options = parser.parse_args()
    options.rounds = options.rounds or (_SHORT_ROUNDS if options.short else _ROUNDS)
    if options.docs and (options.only or options.short):
        parser.error("--docs publishes everything: run it whole, or judge what was found: --judge")
    return options


def _parts(options: argparse.Namespace) -> Mapping[str, Callable[[], Findings]]:
    engine = options.engine
    return {
        "peers": lambda: peers.measure(options.rounds, engine),
        "service": lambda: service.measure(service.options(["--engine", engine])),
        "overhead": lambda: overhead.measure(options.rounds, engine),
        "memory": lambda: memory.measure(options.requests, memory.BLOCKS, memory.LEAK_KIB, engine),
    }


if __name__ == "__main__":
    sys.exit(main())
