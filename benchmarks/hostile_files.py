"""Whether hostile and broken files do any harm: thousands of them through the real HTTP API.

    python -m benchmarks.hostile_files [--total 6800] [--seed 1] [--clients 4] [--engine auto]
        [--network u2netp]

All files of the corpus, each by all three ways in, then seeded mutations of them, the ways in turn.
Each answer is judged, and the service between the two halves and at its end. What breaks a promise
is written to benchmarks/results/hostile and makes it exit 1; without a corpus it exits 3.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from benchmarks.fleet.rig import TOY, repository_with
from benchmarks.hostile import corpus
from benchmarks.hostile.census import Census, census, differences
from benchmarks.hostile.corpus import CorpusFile
from benchmarks.hostile.host import image_host
from benchmarks.hostile.judge import Judge
from benchmarks.hostile.mutations import mutated
from benchmarks.hostile.sender import Case, Sender
from benchmarks.hostile.ways import Way
from benchmarks.load.figures import Figure
from benchmarks.load.results import NOT_MEASURED, found
from benchmarks.pictures import detailed_jpeg
from benchmarks.running import ROOT, Running, mattebox
from benchmarks.tables import table

TOTAL, SEED, CLIENTS = 6800, 1, 4
_FOLDER = ROOT / "benchmarks" / "results" / "hostile"
_PHOTO_MP = 3.0
_PHOTOS = 12
_EVERY_SO_MANYTH_AGAIN = 10

BROKEN = "answers that break a promise"
LEFT = "things that did not come back to what they were"


def main() -> int:
    """Sends all files, prints tables, writes JSON; gives the exit code."""
    options = _options()
    folder = corpus.corpus_folder()
    if folder is None:
        print(corpus.NOT_FOUND, file=sys.stderr)
        return NOT_MEASURED
    files = corpus.read_corpus(folder)
    with image_host() as host:
        environment = {
            "MATTEBOX_GATEWAY_FETCH_ALLOW": "127.0.0.1/32",
            "MATTEBOX_GATEWAY_FETCH_PORTS": str(host.port),
            # With it the same picture has the same bytes, whatever comes with it.
            "MATTEBOX_CPU_RUNTIME": "onnxruntime",
        }
        with (
            TemporaryDirectory(prefix="mattebox-bench-") as scratch,
            mattebox(
                options.engine,
                options.network,
                environment=environment,
                repository=repository_with(options.network, Path(scratch)),
            ) as running,
        ):
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
        # An empty file is a missing image, but for who fetches it it is a broken one.
        twice = number % _EVERY_SO_MANYTH_AGAIN == 0 and image
        for again in range(2 if twice else 1):
            kind = f"mutation, {how}" if " + " not in how else "mutation, several"
            yield Case(name, kind, image, ways[(number + again) % len(ways)])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--total", type=int, default=TOTAL, help="files, mutations included")
    parser.add_argument("--seed", type=int, default=SEED, help="of the mutations")
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--engine", default="auto", choices=["auto", "triton", "onnxruntime"])
    parser.add_argument("--network", default="u2netp", help=f"{TOY}: one that costs nothing")
    return parser.parse_args()


def _run(
    sender: Sender, running: Running, files: Sequence[CorpusFile], options: argparse.Namespace
) -> int:
    per_megapixel_s = _photo_s(sender) / _PHOTO_MP
    judge = Judge(sender, per_megapixel_s)
    begun = census(running.supervisor, running.pids)
    judge.judge(originals(files, options.total))
    before = census(running.supervisor, running.pids)
    judge.judge(mutations(files, max(0, options.total - len(files)), options.seed))
    after = census(running.supervisor, running.pids)
    left = differences(before, after)
    judge.write(_FOLDER)
    figures = {
        BROKEN: Figure.of([len(judge.offences)]),
        LEFT: Figure.of([len(left)]),
    }
    more = (
        f"engine {running.engine}, network {options.network}; "
        f"seed {options.seed}, {options.clients} at a time; "
        f"a photo takes {per_megapixel_s:.2f} s a megapixel, "
        f"{judge.slow_once} answers were slow and not slow again"
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
