"""How fast `mattebox remove` goes through a folder, beside `rembg p`, and in how much memory.

    python -m benchmarks.bulk [--rounds 3] [--few 20] [--many 60] [--megapixels 1.5]

The same pictures go through an engine of the command's own, through a running Mattebox that
computes in the same way, over HTTP and over gRPC, and through `rembg p` with the same published
network. The rounds interleave; ratios are those of one round. Images a second are those of the
whole command, its start included. Memory is the most that the command and what it has started took
together. The first run installs rembg into a virtual environment of its own.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.load.processes import PeakMemory
from benchmarks.load.rembg_server import START
from benchmarks.pictures import plain_jpeg
from benchmarks.quality import peer
from benchmarks.running import ROOT, Running, mattebox
from benchmarks.tables import median_and_range, table

ROUNDS, FEW, MANY, MEGAPIXELS = 3, 20, 60, 1.5
_REMBG = "rembg p"
_REMOVE = (str(Path(sys.executable).with_name("mattebox")), "remove", "--quiet")


@dataclass(frozen=True, slots=True)
class Way:
    """By what cut-outs are made: the command before its folders, and what it finds around it."""

    title: str
    command: Sequence[str]
    before_target: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """What one job took."""

    images_per_s: float
    peak_mb: float


def ways(running: Running, rembg: peer.Peer) -> list[Way]:
    """Lists what makes cut-outs here."""
    here = {"MATTEBOX_URL": running.http, "MATTEBOX_KEY": running.new_key()}
    own = (*_REMOVE, "--model-repository", str(ROOT / "model_repository"))
    # ONNX Runtime's wheels report to their maker unless told otherwise.
    home = {"U2NET_HOME": str(rembg.home), "ORT_DISABLE_TELEMETRY": "1"}
    return [
        Way(_REMBG, (str(rembg.python), "-I", "-c", START, "p", "-m", peer.MODEL), (), home),
        Way("an engine of its own", own, ("--out",)),
        Way("a running Mattebox, HTTP", _REMOVE, ("--out",), here),
        Way("a running segmenter, gRPC", (*_REMOVE, "--grpc", running.grpc), ("--out",)),
    ]


def measure(way: Way, photo: bytes, count: int) -> Run:
    """Cuts out so many copies of a photo.

    Raises:
        CalledProcessError: one of them failed.
        ValueError: not all have a cut-out.
    """
    with TemporaryDirectory(prefix="mattebox-bench-") as name:
        photos, cut_outs = Path(name) / "photos", Path(name) / "cut-outs"
        photos.mkdir()
        for number in range(count):
            (photos / f"{number:04}.jpg").write_bytes(photo)
        begun_s = time.monotonic()
        with subprocess.Popen(
            [*way.command, str(photos), *way.before_target, str(cut_outs)],
            env={**os.environ, **way.environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL if way.title == _REMBG else None,  # a bar of its own
        ) as process:
            with PeakMemory(process.pid) as memory:
                code = process.wait()
            elapsed_s = time.monotonic() - begun_s
        if code:
            raise subprocess.CalledProcessError(code, process.args)
        if len(list(cut_outs.glob("*.png"))) != count:
            raise ValueError(f"{way.title} made {len(list(cut_outs.iterdir()))} of {count}")
    return Run(count / elapsed_s, memory.peak_bytes / 1e6)


def main() -> None:
    """Measures, and prints two tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--few", type=int, default=FEW)
    parser.add_argument("--many", type=int, default=MANY)
    parser.add_argument("--megapixels", type=float, default=MEGAPIXELS)
    parser.add_argument("--published", type=Path, help="u2netp's file, in place of a download")
    chosen = parser.parse_args()
    rembg = peer.prepare(ROOT / "benchmarks/results/peers", chosen.published)
    peer.prepare_server(rembg)
    photo = plain_jpeg(chosen.megapixels)
    runs: dict[str, list[Run]] = defaultdict(list)
    with mattebox("onnxruntime") as running:
        every = ways(running, rembg)
        for _ in range(chosen.rounds):
            for way in every:
                runs[way.title].append(measure(way, photo, chosen.few))
        many = {way.title: measure(way, photo, chosen.many) for way in every}
    print(f"{chosen.few} pictures of {chosen.megapixels:g} megapixels, {os.cpu_count()} cores\n")
    print(table(("made by", "images/s", "times rembg's"), list(_speeds(runs))))
    heads = ("most memory, MB", f"{chosen.few} pictures", f"{chosen.many} pictures")
    print(f"\n{table(heads, list(_memory(runs, many)))}")


def _speeds(runs: Mapping[str, Sequence[Run]]) -> list[tuple[str, str, str]]:
    peers = [run.images_per_s for run in runs[_REMBG]]
    rows = []
    for title, own in runs.items():
        speeds = [run.images_per_s for run in own]
        ratios = [mine / other for mine, other in zip(speeds, peers, strict=True)]
        rows.append((title, median_and_range(speeds), median_and_range(ratios)))
    return rows


def _memory(
    runs: Mapping[str, Sequence[Run]], many: Mapping[str, Run]
) -> list[tuple[str, str, str]]:
    return [
        (
            title,
            f"{statistics.median(run.peak_mb for run in own):.0f}",
            f"{many[title].peak_mb:.0f}",
        )
        for title, own in runs.items()
    ]


if __name__ == "__main__":
    main()
