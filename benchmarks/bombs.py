"""What small files that unfold to huge ones cost: their refusal, before anything is decoded.

    python -m benchmarks.bombs [--rounds 5] [--engine auto]

Time and memory of the decoder in a process of its own, then of the whole service over HTTP, which
takes the upload too. Exits 1 where a bomb costs the decoder more than 50 ms or 16 MiB, or where an
answer breaks a promise.
"""

import sys

from benchmarks.hostile.bomb_costs import CONTROL, Cost, Limits, costs, excesses
from benchmarks.hostile.bombs import BOMBS
from benchmarks.hostile.host import image_host
from benchmarks.hostile.sender import Answered, Case, Sender
from benchmarks.hostile.verdict import problems
from benchmarks.hostile.ways import Way
from benchmarks.load.figures import Figure
from benchmarks.load.results import found, say
from benchmarks.running import mattebox, rounds_and_engine
from benchmarks.tables import table

NOT_REFUSED = "bombs that are not refused, or cost too much"
SLOWEST, LARGEST = "slowest bomb, ms", "largest bomb, MiB"


def main() -> int:
    """Measures, prints a table, writes JSON; gives the exit code."""
    options = rounds_and_engine(__doc__)
    say("the decoder alone")
    alone = costs(options.rounds)
    control = alone.pop(CONTROL)
    with image_host() as host, mattebox(options.engine) as running:
        say("the whole service")
        sender = Sender(running.http, running.api_key, host, clients=1)
        answers = {name: _answers(sender, name, options.rounds) for name in BOMBS}
        engine = running.engine
    broken = [each for name, cost in alone.items() for each in excesses(name, cost, Limits())]
    broken += [
        f"{name}: {problem}"
        for name, all_rounds in answers.items()
        for each in all_rounds
        for problem in problems(each.reply)
    ]
    if control.memory_bytes <= Limits().memory_bytes:
        broken.append(f"the memory of {CONTROL} is not seen")
    figures = {
        NOT_REFUSED: Figure.of([len(broken)]),
        SLOWEST: Figure.of([max(cost.took_ms for cost in alone.values())]),
        LARGEST: Figure.of([max(cost.memory_bytes for cost in alone.values()) / 2**20]),
    }
    rows = [_row(name, alone[name], answers[name]) for name in BOMBS]
    head = ["bomb", "bytes", "decoder", "ms", "MiB", "over HTTP", "ms"]
    tables = "\n\n".join([table(head, rows), *broken])
    found("bombs", figures, tables, f"engine {engine}; medians of {options.rounds} rounds")
    return int(bool(broken))


def _answers(sender: Sender, name: str, rounds: int) -> list[Answered]:
    case = Case(name, "bomb", BOMBS[name].make(), Way.FILE)
    return list(sender.answers([case] * rounds))


def _row(name: str, cost: Cost, answers: list[Answered]) -> list[str]:
    latencies_ms = [each.reply.latency_s * 1000 for each in answers]
    return [
        name,
        str(len(answers[0].case.image)),
        cost.outcome,
        f"{cost.took_ms:.1f}",
        f"{cost.memory_bytes / 2**20:.1f}",
        answers[0].reply.outcome,
        Figure.of(latencies_ms).text(0),
    ]


if __name__ == "__main__":
    sys.exit(main())
