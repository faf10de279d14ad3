"""Sends hostile images, judges every answer, and keeps the books."""

import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.hostile.sender import Answered, Case, Sender
from benchmarks.hostile.verdict import limit_s, problems
from benchmarks.hostile.ways import Way
from benchmarks.load.results import say
from benchmarks.tables import table

_SENT_AGAIN = 2
_SLOWEST = 8
_SAID_EVERY = 500


class Judge:
    """Sends, counts answers, and keeps the offences."""

    def __init__(self, sender: Sender, photo_s_per_megapixel: float) -> None:
        self._sender = sender
        self._photo_s_per_megapixel = photo_s_per_megapixel
        self._counts: Counter[tuple[str, Way, str]] = Counter()
        self._slowest: list[tuple[float, str, str]] = []
        self.slow_once = 0
        self.offences: list[tuple[Answered, str]] = []

    def judge(self, cases: Iterable[Case]) -> None:
        """Sends cases and judges each answer."""
        slow: list[Answered] = []
        first: dict[str, str] = {}
        for number, each in enumerate(self._sender.answers(cases)):
            if number % _SAID_EVERY == 0:
                say(f"{number} answers, {len(self.offences)} of them not as promised")
            self._count(each)
            told = problems(each.reply)
            if first.setdefault(each.case.name, each.digest) != each.digest:
                told.append("another answer than before to the same image")
            self._keep(each, told)
            if self._excess_s(each) > 0:
                slow.append(each)
        self._send_again(slow)

    def _send_again(self, slow: Sequence[Answered]) -> None:
        """Tells hangs from pauses of a busy machine: an image that hangs does so every time."""
        for each in slow:
            again: list[Answered] = []
            for _ in range(_SENT_AGAIN):
                again += self._sender.answers([each.case])
            fastest = min(again, key=self._excess_s)
            if self._excess_s(fastest) > 0:
                self._keep(fastest, [f"takes {fastest.reply.latency_s:.1f} s every time"])
            else:
                self.slow_once += 1

    def _excess_s(self, each: Answered) -> float:
        return each.reply.latency_s - limit_s(each.reply, self._photo_s_per_megapixel)

    def _count(self, each: Answered) -> None:
        case, reply = each.case, each.reply
        self._counts[case.kind, case.way, reply.outcome] += 1
        self._slowest.append((reply.latency_s, case.name, reply.outcome))
        self._slowest = sorted(self._slowest, reverse=True)[:_SLOWEST]

    def _keep(self, each: Answered, told: Sequence[str]) -> None:
        for problem in told:
            self.offences.append((each, problem))
            say(_line(each, problem))

    def write(self, folder: Path) -> None:
        """Keeps the images of offences, to send them again, in place of those of the last run."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for each, _ in self.offences:
            (folder / each.case.name.replace("/", "-")).write_bytes(each.case.image)

    def said(self) -> list[str]:
        """A line for each offence."""
        return [_line(each, problem) for each, problem in self.offences]

    def table(self) -> str:
        """Counts by kind, way and answer."""
        outcomes = sorted({outcome for _, _, outcome in self._counts})
        kinds = sorted({(kind, way) for kind, way, _ in self._counts})
        rows = [
            [kind, way, *(str(self._counts[kind, way, outcome]) for outcome in outcomes)]
            for kind, way in kinds
        ]
        sums = [sum(self._counts[kind, way, each] for kind, way in kinds) for each in outcomes]
        return table(["files", "by", *outcomes], [*rows, ["all", "", *map(str, sums)]])

    def slowest_table(self) -> str:
        """The answers that took longest."""
        rows = [[f"{latency_s:.2f} s", name, told] for latency_s, name, told in self._slowest]
        return table(["slowest", "file", "answer"], rows)


def _line(each: Answered, problem: str) -> str:
    return f"{each.case.name} ({each.case.kind}, by {each.case.way}): {problem}"
