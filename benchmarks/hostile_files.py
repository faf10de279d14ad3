"""Whether hostile and broken files do any harm: thousands of them through the real HTTP API.

    python -m benchmarks.hostile_files [--total 6800] [--seed 1] [--clients 4] [--engine auto]

All files of the corpus, each by all three ways in, then seeded mutations of them, the ways in turn.
Each answer is judged, and the service between the two halves and at its end. What breaks a promise
is written to benchmarks/results/hostile and makes it exit 1; without a corpus it exits 2.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from benchmarks.hostile import corpus
from benchmarks.hostile.census import Census, census, differences
from benchmarks.hostile.corpus import CorpusFile
from benchmarks.hostile.host import image_host
from benchmarks.hostile.mutations import mutated
from benchmarks.hostile.sender import Answered, Case, Sender
from benchmarks.hostile.verdict import limit_s, problems
from benchmarks.hostile.ways import Way
from benchmarks.load.figures import Figure
from benchmarks.load.results import found, say
from benchmarks.pictures import detailed_jpeg
from benchmarks.running import ROOT, Running, mattebox
from benchmarks.tables import table

TOTAL, SEED, CLIENTS = 6800, 1, 4
_FOLDER = ROOT / "benchmarks" / "results" / "hostile"
_PHOTO_MP = 3.0
_PHOTOS = 12
_EVERY_SO_MANYTH_AGAIN = 10
_SENT_AGAIN = 2
_SLOWEST = 8
_SAID_EVERY = 500

BROKEN = "answers that break a promise"
LEFT = "things that did not come back to what they were"


def main() -> int:
    """Sends all files, prints tables, writes JSON; gives the exit code."""
    options = _options()
    folder = corpus.corpus_folder()
    if folder is None:
        print(corpus.NOT_FOUND, file=sys.stderr)
        return 2
    files = corpus.read_corpus(folder)
    with image_host() as host:
        environment = {
            "MATTEBOX_GATEWAY_FETCH_ALLOW": "127.0.0.1/32",
            "MATTEBOX_GATEWAY_FETCH_PORTS": str(host.port),
            # With it the same picture has the same bytes, whatever comes with it.
            "MATTEBOX_CPU_RUNTIME": "onnxruntime",
        }
        with mattebox(options.engine, environment=environment) as running:
            sender = Sender(running.http, running.api_key, host, options.clients)
            return _run(sender, running, files, options)


def originals(files: Sequence[CorpusFile], total: int) -> Iterator[Case]:
    """Sends each file by all ways; if fewer are wanted than there are, some of all kinds."""
    for file in files[:: max(1, -(-len(files) // total))]:
        for way in Way:
            yield Case(file.name, file.name.partition("/")[0], file.data, way)


def mutations(files: Sequence[CorpusFile], count: int, seed: int) -> Iterator[Case]:
    """Breaks files drawn at random; every so manyth is sent once more, by another way."""
    chance, ways = Random(seed), list(Way)
    for number in range(count):
        file, other = chance.choices(files, k=2)
        how, image = mutated(file.data, other.data, seed + number)
        name = f"{seed + number}-{Path(file.name).name}"
        for again in range(2 if number % _EVERY_SO_MANYTH_AGAIN == 0 else 1):
            kind = f"mutation, {how}" if " + " not in how else "mutation, several"
            yield Case(name, kind, image, ways[(number + again) % len(ways)])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--total", type=int, default=TOTAL, help="files, mutations included")
    parser.add_argument("--seed", type=int, default=SEED, help="of the mutations")
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--engine", default="auto", choices=["auto", "triton", "onnxruntime"])
    return parser.parse_args()


def _run(
    sender: Sender, running: Running, files: Sequence[CorpusFile], options: argparse.Namespace
) -> int:
    per_megapixel_s = _photo_s(sender) / _PHOTO_MP
    judge = _Judge(sender, per_megapixel_s)
    begun = census(running.supervisor, running.pids)
    judge.judge(originals(files, options.total))
    before = census(running.supervisor, running.pids)
    judge.judge(mutations(files, max(0, options.total - len(files)), options.seed))
    after = census(running.supervisor, running.pids)
    left = differences(before, after)
    judge.write()
    figures = {
        BROKEN: Figure.of([len(judge.offences)]),
        LEFT: Figure.of([len(left)]),
    }
    more = (
        f"engine {running.engine}; seed {options.seed}, {options.clients} at a time; "
        f"a photo takes {per_megapixel_s:.2f} s a megapixel, {judge.slow_once} answers were slow "
        "and not slow again"
    )
    moments = _moments_table({"at first": begun, "after the corpus": before, "at last": after})
    tables = [judge.table(), judge.slowest_table(), moments, *left, *judge.said()]
    found("hostile_files", figures, "\n\n".join(tables), more)
    return int(bool(judge.offences or left))


def _photo_s(sender: Sender) -> float:
    """Tells how long a good photo takes while as many clients send as later on."""
    photo = detailed_jpeg(_PHOTO_MP)
    photos = [Case("photo", "photo", photo, Way.FILE)] * _PHOTOS
    answers = list(sender.answers(photos))
    if any(each.reply.status != 200 for each in answers):
        sys.exit(f"a good photo was answered with {answers[0].reply.outcome}")
    return max(each.reply.latency_s for each in answers)


class _Judge:
    """Sends, counts answers, and keeps the offences."""

    def __init__(self, sender: Sender, photo_s_per_megapixel: float) -> None:
        self._sender = sender
        self._photo_s_per_megapixel = photo_s_per_megapixel
        self._counts: Counter[tuple[str, Way, str]] = Counter()
        self._slowest: list[tuple[float, str, str]] = []
        self.slow_once = 0
        self.offences: list[tuple[Answered, str]] = []

    def judge(self, cases: Iterator[Case]) -> None:
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
            again = [next(self._sender.answers([each.case])) for _ in range(_SENT_AGAIN)]
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

    def write(self) -> None:
        """Keeps the images of offences, to send them again."""
        _FOLDER.mkdir(parents=True, exist_ok=True)
        for each, _ in self.offences:
            (_FOLDER / each.case.name.replace("/", "-")).write_bytes(each.case.image)

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


def _moments_table(moments: dict[str, Census]) -> str:
    rows = [
        [
            name,
            f"{each.memory_bytes / 1e6:.0f}",
            str(len(each.pids)),
            str(each.others),
            str(each.descriptors),
            str(each.shared_memories),
        ]
        for name, each in moments.items()
    ]
    head = ["", "MB", "services", "other processes", "descriptors", "blocks of shared memory"]
    return table(head, rows)


if __name__ == "__main__":
    sys.exit(main())
