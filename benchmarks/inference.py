"""What one run of each installed network costs on this CPU, by library.

    python -m benchmarks.inference [--models u2netp u2netp-int8] [--rounds 9] [--threads 2 1]

Every row is a process of its own with the network as the service runs it. The processes take turns
by rounds, so that a slow moment of the machine hits all of them; core time also tells what
neighbours on the machine do not. A lone picture is what one caller waits for; eight at once are
what a busy service runs.
"""

import argparse
import json
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from benchmarks.running import ROOT
from benchmarks.tables import median_and_range
from bounds.cores import available_cores
from segmenter.inference import known_answer
from segmenter.inference.model_config import read_config, spec_from_config
from segmenter.inference.runtimes import CpuRuntime, chosen

BATCH = 8
_LONE_RUNS = 4
_KIB = 1024


@dataclass(frozen=True, slots=True)
class Variant:
    """A network, and on how many cores it may run."""

    repository: str
    model: str
    runtime: CpuRuntime
    threads: int

    @property
    def graph(self) -> Path:
        """The file of the network."""
        return Path(self.repository) / self.model / "1" / "model.onnx"

    @property
    def name(self) -> str:
        """What its row is called."""
        threads = f"{self.threads} thread" + ("s" if self.threads > 1 else "")
        return f"{self.model}, {self.runtime}, {threads}"


@dataclass(frozen=True, slots=True)
class Round:
    """What one picture took, alone and in a batch."""

    lone_ms: float
    lone_core_ms: float
    batch_ms: float
    batch_core_ms: float


@dataclass(frozen=True, slots=True)
class Row:
    """All that was measured of a variant."""

    name: str
    rounds: tuple[Round, ...]
    memory_mib: float
    """What the process took at most beyond what it had before it loaded the network."""


def main() -> None:
    """Measures, prints a table, writes JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--models", nargs="+", help="all that are installed without it")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, nargs="+", default=[available_cores(), 1])
    parser.add_argument("--model-repository", type=Path, default=ROOT / "model_repository")
    options = parser.parse_args()
    repository: Path = options.model_repository
    names = options.models or sorted(
        path.parent.parent.name for path in repository.glob("*/1/*.onnx")
    )
    if not names:
        sys.exit(f"no model is installed in {repository}: run `mattebox models install u2netp`")
    variants = [
        Variant(str(repository), name, runtime, threads)
        for name in names
        for runtime in _runtimes(repository / name / "1")
        for threads in dict.fromkeys(options.threads)
    ]
    rows = measure(variants, options.rounds)
    _print(rows)
    _write(rows)


def _runtimes(folder: Path) -> list[CpuRuntime]:
    """What can compute a network, the one that is taken on a single core first."""
    return list(
        dict.fromkeys([chosen(folder / "model.onnx", 1, CpuRuntime.AUTO), CpuRuntime.ONNXRUNTIME])
    )


def measure(variants: Sequence[Variant], rounds: int) -> list[Row]:
    """Runs all variants in turns, after one round that does not count."""
    with _processes(variants) as ends:
        taken: list[list[Round]] = [[] for _ in variants]
        for number in range(rounds + 1):
            for end, each in zip(ends, taken, strict=True):
                end.send(True)
                if number:
                    each.append(end.recv())
                else:
                    end.recv()
        for end in ends:
            end.send(False)
        memory_mib = [end.recv() for end in ends]
    return [
        Row(variant.name, tuple(each), mib)
        for variant, each, mib in zip(variants, taken, memory_mib, strict=True)
    ]


@contextmanager
def _processes(variants: Sequence[Variant]) -> Iterator[list[Connection]]:
    context = multiprocessing.get_context("spawn")
    pairs = [context.Pipe() for _ in variants]
    started = [
        context.Process(target=_serve, args=(variant, theirs), daemon=True)
        for variant, (_, theirs) in zip(variants, pairs, strict=True)
    ]
    for process, (_, theirs) in zip(started, pairs, strict=True):
        process.start()
        # With no other copy of it, a process that dies is the end of what is read here.
        theirs.close()
    try:
        yield [ours for ours, _ in pairs]
    finally:
        for process, (ours, _) in zip(started, pairs, strict=True):
            ours.close()
            process.join()


def _serve(variant: Variant, end: Connection) -> None:
    """Runs rounds for as long as it is told to, then tells its memory."""
    from segmenter.inference.networks import open_network  # noqa: PLC0415  # counts as memory

    repository = Path(variant.repository)
    spec = spec_from_config(read_config(repository, variant.model))
    picture_u8 = known_answer.picture(spec.input_height_px, spec.input_width_px)[np.newaxis]
    batch_u8 = np.repeat(picture_u8, min(BATCH, spec.max_batch_size), axis=0)
    before_mib = _most_memory_mib()
    network = open_network(variant.graph, variant.threads, runtime=variant.runtime)
    while end.recv():
        started_s, core_s = time.perf_counter(), time.process_time()
        for _ in range(_LONE_RUNS):
            network.run(picture_u8)
        between_s, core_between_s = time.perf_counter(), time.process_time()
        network.run(batch_u8)
        lone, count = 1000 / _LONE_RUNS, 1000 / len(batch_u8)
        end.send(
            Round(
                lone_ms=(between_s - started_s) * lone,
                lone_core_ms=(core_between_s - core_s) * lone,
                batch_ms=(time.perf_counter() - between_s) * count,
                batch_core_ms=(time.process_time() - core_between_s) * count,
            )
        )
    end.send(_most_memory_mib() - before_mib)
    network.close()


def _most_memory_mib() -> float:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (_KIB * _KIB if sys.platform == "darwin" else _KIB)


def _print(rows: Sequence[Row]) -> None:
    print(f"median milliseconds a picture (smallest to largest), {os.cpu_count()} cores\n")
    heads = ("alone", "alone, core time", f"{BATCH} at once", f"{BATCH} at once, core time")
    print(f"{'':<38}" + "".join(f"{head:>26}" for head in heads) + f"{'memory':>10}")
    for row in rows:
        columns = zip(*(asdict(each).values() for each in row.rounds), strict=True)
        cells = "".join(f"{median_and_range(column):>26}" for column in columns)
        print(f"{row.name:<38}{cells}{row.memory_mib:>6.0f} MiB")


def _write(rows: Sequence[Row]) -> None:
    path = ROOT / "benchmarks" / "results" / "inference.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps([asdict(row) for row in rows], indent=2))
    print(f"\nwritten to {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
