"""Mattebox beside rembg's own server, on the same pictures in one run.

    python -m benchmarks.peers [--rounds 5] [--engine auto]

The two take turns, ours, theirs, theirs, ours in each round, so that a busy machine slows both. A
ratio is that of one round; what is told is the median of the rounds with the smallest and the
largest. Then the memory of each under load, and, where it is installed, u2netp-int8 beside the same
server: another network, so no budget goes by it. The first run installs rembg into a virtual
environment of its own. docs/performance.md tells what is measured.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import processes
from benchmarks.load.client import Service, mattebox_service
from benchmarks.load.figures import Figure, summed_up
from benchmarks.load.loops import closed_loop
from benchmarks.load.outcome import Outcome
from benchmarks.load.rembg_server import RunningPeer, rembg_server
from benchmarks.load.results import Findings, found, say
from benchmarks.load.settling import settled_pss_bytes
from benchmarks.load.side_by_side import Case, Round, Turn, ratios, times_table
from benchmarks.pictures import detailed_jpeg, plain_jpeg
from benchmarks.quality import peer
from benchmarks.running import ROOT, Running, mattebox, rounds_and_engine
from benchmarks.tables import table

PICTURES: Mapping[str, Callable[[float], bytes]] = {"plain": plain_jpeg, "detailed": detailed_jpeg}
CROWD = 32
CROWD_GB = f"memory, {CROWD} clients at 12 MP, GB"
CROWD_REFUSED = f"requests of {CROWD} clients at 12 MP not answered 200"
INTEGERS = "u2netp-int8"
_GB = 1e9


# Long enough that the end of a load, when clients run out of requests, is a small part of it.
ONE_AT_12 = Case(12, clients=1, ours=8, theirs=3)
FOUR_AT_12 = Case(12, clients=4, ours=48, theirs=12)
ONE_AT_1_5 = Case(1.5, clients=1, ours=16, theirs=8)
EIGHT_AT_1_5 = Case(1.5, clients=8, ours=96, theirs=48)
CASES = (ONE_AT_12, FOUR_AT_12, ONE_AT_1_5, EIGHT_AT_1_5)
_WARM_UP = 2


def measure(rounds: int, engine: str, folder: Path = ROOT / "benchmarks/results/peers") -> Findings:
    """Measures everything."""
    rembg = peer.prepare(folder, None)
    with mattebox(engine) as ours, rembg_server(rembg) as theirs:
        taken = {
            (case, picture): _rounds(case, picture, rounds, ours, theirs)
            for case in CASES
            for picture in PICTURES
        }
        memory = _memory(ours, theirs)
        used = ours.engine
    tables = [times_table(taken), *memory.tables, *_in_integers(rounds, engine, rembg)]
    return found(
        "peers",
        ratios(taken) | memory.figures,
        "\n\n".join(tables),
        f"engine {used}; rembg {peer.VERSION}; rounds: {rounds}",
    )


def _in_integers(rounds: int, engine: str, rembg: peer.Peer) -> list[str]:
    """Measures the loads of the budgets once more with the network rounded to integers."""
    if not (ROOT / "model_repository" / INTEGERS).is_dir():
        say(f"{INTEGERS} is not installed: no rows of it")
        return []
    with mattebox(engine, INTEGERS) as ours, rembg_server(rembg) as theirs:
        taken = {
            (case, picture): _rounds(case, picture, rounds, ours, theirs)
            for case in (ONE_AT_12, FOUR_AT_12, EIGHT_AT_1_5)
            for picture in PICTURES
        }
    return [f"**{INTEGERS}**, beside rembg's server with u2netp in floats\n\n{times_table(taken)}"]


def _rounds(
    case: Case, picture: str, rounds: int, ours: Running, theirs: RunningPeer
) -> list[Round]:
    image = PICTURES[picture](case.megapixels)
    own = mattebox_service(ours.http, ours.api_key)

    def our_turn() -> Turn:
        return _turn(own, ours.supervisor, image, case.clients, case.ours)

    def their_turn() -> Turn:
        return _turn(theirs.service, theirs.pid, image, case.clients, case.theirs)

    closed_loop(own, [own.body(image)], case.clients, _WARM_UP)
    closed_loop(theirs.service, [theirs.service.body(image)], case.clients, _WARM_UP)
    taken = []
    for number in range(rounds):
        say(f"{case.name}, {picture}, round {number + 1} of {rounds}")
        first, *middle, last = (turn() for turn in (our_turn, their_turn, their_turn, our_turn))
        taken.append(Round((first, last), (middle[0], middle[1])))
    return taken


def _turn(service: Service, pid: int, image: bytes, clients: int, requests: int) -> Turn:
    with processes.costs({"all": pid}) as costs:
        outcomes = closed_loop(service, [service.body(image)], clients, requests)
    figures = summed_up(outcomes)
    if not figures.answers:
        raise SystemExit(f"{service.url} answered no request with 200, but: {figures.failures}")
    return Turn(figures, costs)


@dataclass(frozen=True, slots=True)
class _Memory:
    figures: dict[str, Figure]
    tables: Sequence[str]


def _memory(ours: Running, theirs: RunningPeer) -> _Memory:
    """Lets each work at 12 megapixels, and ours before a crowd; tells what memory they hold."""
    image = plain_jpeg(12)
    own = mattebox_service(ours.http, ours.api_key)
    loads = (
        ("rembg, 4 clients", theirs.service, theirs.pid, 4, 8),
        ("ours, 4 clients", own, ours.supervisor, 4, 24),
        (f"ours, {CROWD} clients", own, ours.supervisor, CROWD, 3 * CROWD),
    )
    rows, peaks, outcomes = [], {}, list[Outcome]()
    for name, service, pid, clients, requests in loads:
        say(f"memory: {name}")
        with processes.PeakMemory(pid) as memory:
            outcomes = closed_loop(service, [service.body(image)], clients, requests)
        peaks[name] = memory.peak_bytes / _GB
        figures = summed_up(outcomes)
        rows.append(
            [
                name,
                f"{peaks[name]:.2f}",
                f"{settled_pss_bytes(pid) / _GB:.2f}",
                f"{figures.answers} of {len(outcomes)}",
                f"{figures.goodput_per_s:.2f}",
                f"{figures.max_s:.1f}",
            ]
        )
    crowd = summed_up(outcomes)
    head = ["12 MP", "highest GB", "GB afterwards", "answered 200", "images/s", "longest s"]
    figures_found = {
        CROWD_GB: Figure.of([peaks[f"ours, {CROWD} clients"]]),
        CROWD_REFUSED: Figure.of([len(outcomes) - crowd.answers]),
        "memory: rembg's over ours": Figure.of(
            [peaks["rembg, 4 clients"] / peaks["ours, 4 clients"]]
        ),
    }
    return _Memory(figures_found, [f"**Memory**, PSS of all processes\n\n{table(head, rows)}"])


def main() -> None:
    """Measures, prints tables, writes JSON."""
    options = rounds_and_engine(__doc__)
    measure(options.rounds, options.engine)


if __name__ == "__main__":
    main()
