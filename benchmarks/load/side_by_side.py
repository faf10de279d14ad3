"""Two services that took turns under the same loads, and their ratios. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.load.figures import Figure, LoadFigures
from benchmarks.load.processes import Costs
from benchmarks.tables import table
from bounds.cores import available_cores


@dataclass(frozen=True, slots=True)
class Case:
    """One load on both. Each gets enough requests to be busy for some seconds."""

    megapixels: float
    clients: int
    ours: int
    theirs: int

    @property
    def name(self) -> str:
        """Says what it is."""
        clients = "1 client" if self.clients == 1 else f"{self.clients} clients"
        return f"{self.megapixels:g} MP, {clients}"


@dataclass(frozen=True, slots=True)
class Turn:
    """One load on one of the two."""

    figures: LoadFigures
    costs: Costs


@dataclass(frozen=True, slots=True)
class Round:
    """The two turns of each."""

    ours: tuple[Turn, Turn]
    theirs: tuple[Turn, Turn]

    @property
    def throughput_ratio(self) -> float:
        """Ours over theirs."""
        return _mean_goodput(self.ours) / _mean_goodput(self.theirs)

    @property
    def latency_ratio(self) -> float:
        """Their median over ours."""
        return _mean_p50(self.theirs) / _mean_p50(self.ours)

    @property
    def cpu_ratio(self) -> float:
        """Their processor time an image over ours, which others on the machine hardly move."""
        return sum(map(_cpu_s, self.theirs)) / sum(map(_cpu_s, self.ours))


Rounds = Mapping[tuple[Case, str], Sequence[Round]]
"""By load and picture."""


def figure_name(case: Case, picture: str, what: str) -> str:
    """Names a figure for those that judge it: `what` is "throughput", "latency" or "cpu"."""
    return f"{case.name}, {picture}: {what} ratio"


def ratios(taken: Rounds) -> dict[str, Figure]:
    """Gives the ratios of every load, the figures to judge by."""
    figures = {}
    for (case, picture), rounds in taken.items():
        for what, values in (
            ("throughput", [each.throughput_ratio for each in rounds]),
            ("latency", [each.latency_ratio for each in rounds]),
            ("cpu", [each.cpu_ratio for each in rounds]),
        ):
            figures[figure_name(case, picture, what)] = Figure.of(values)
    return figures


def times_table(taken: Rounds) -> str:
    """Writes a row for every load."""
    head = ["load", "picture", "ours images/s", "rembg images/s", "ratio"]
    head += [
        "ours p50 s",
        "rembg p50 s",
        "ratio",
        "core-s an image",
        "rembg's",
        "ratio",
        "not 200",
        "others",
    ]
    return table(head, [_times(*key, rounds) for key, rounds in taken.items()])


def _times(case: Case, picture: str, rounds: Sequence[Round]) -> list[str]:
    ours = [turn for each in rounds for turn in each.ours]
    theirs = [turn for each in rounds for turn in each.theirs]
    failed = sum(sum(turn.figures.failures.values()) for turn in (*ours, *theirs))
    return [
        case.name,
        picture,
        _goodput(ours),
        _goodput(theirs),
        f"x {Figure.of([each.throughput_ratio for each in rounds]).text(1)}",
        _p50(ours),
        _p50(theirs),
        f"x {Figure.of([each.latency_ratio for each in rounds]).text(1)}",
        _cpu(ours),
        _cpu(theirs),
        f"x {Figure.of([each.cpu_ratio for each in rounds]).text(1)}",
        str(failed),
        _others([*ours, *theirs]),
    ]


def _goodput(turns: Sequence[Turn]) -> str:
    return Figure.of([turn.figures.goodput_per_s for turn in turns]).text(2)


def _p50(turns: Sequence[Turn]) -> str:
    return Figure.of([turn.figures.p50_s for turn in turns]).text(3)


def _cpu(turns: Sequence[Turn]) -> str:
    return Figure.of([_cpu_s(turn) for turn in turns]).text(2)


def _cpu_s(turn: Turn) -> float:
    """Tells the processor time of one image."""
    return turn.costs.cpu_s["all"] / turn.figures.answers


def _others(turns: Sequence[Turn]) -> str:
    """Tells which share of the machine others took meanwhile."""
    cores = available_cores()
    shares = [turn.costs.others_cpu_s / (turn.costs.wall_s * cores) * 100 for turn in turns]
    return f"{Figure.of(shares).text(0)} %"


def _mean_goodput(turns: tuple[Turn, Turn]) -> float:
    return sum(turn.figures.goodput_per_s for turn in turns) / 2


def _mean_p50(turns: tuple[Turn, Turn]) -> float:
    return sum(turn.figures.p50_s for turn in turns) / 2
