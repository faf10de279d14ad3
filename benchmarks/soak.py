"""Whether a Mattebox stays as it is over a long time of mixed load.

    python -m benchmarks.soak [--minutes 30] [--block-s 20] [--engine auto]

Pictures of all sizes and formats one after another, and beside them broken files, wrong keys and
clients that leave. After each block nothing is asked for so long that the segmenter rests, which is
when it gives back what is free; a sample is the least memory of all processes in that time, without
the files that they map, and their descriptors and threads. Beside the service a process runs that
leaks twice what is allowed: one judgement has to clear the service and to catch service and leak
together. Exits 1 where it does not, or where anything was answered otherwise than it should be.
"""

import argparse
import math
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from benchmarks.load import processes
from benchmarks.load.client import mattebox_service
from benchmarks.load.figures import OK, Figure, percentile
from benchmarks.load.growth import LEAST_SAMPLES, Growth, after_warm_up, growth
from benchmarks.load.leak import Leak, leaking_process
from benchmarks.load.loops import closed_loop
from benchmarks.load.nuisances import Nuisances
from benchmarks.load.promises import Promise, judged
from benchmarks.load.results import found, say
from benchmarks.load.settling import least
from benchmarks.memory import mixed_bodies
from benchmarks.running import Running, mattebox
from benchmarks.tables import table

ALLOWED_MB_A_MINUTE = 1.0
_LEAST_BLOCKS = math.ceil(LEAST_SAMPLES / 0.75)
_CLIENTS = 3
_LOOKS = 20
"""At memory, a second apart: ten seconds go by before the segmenter rests."""

MEMORY = "memory, MB a minute"
GROWS = "service found to grow, or not cleared"
MISSED = "planted leaks that were not caught"
DESCRIPTORS = "descriptors more at the end than after the warm-up"
THREADS = "threads more at the end than after the warm-up"
NOT_ANSWERED = "good requests not answered 200"
SURPRISES = "bad requests answered otherwise than documented"
RESTARTS = "processes that were replaced"
PROMISES = (
    Promise(GROWS, at_most=0),
    Promise(MISSED, at_most=0),
    Promise(DESCRIPTORS, at_most=0),
    Promise(THREADS, at_most=0),
    Promise(NOT_ANSWERED, at_most=0),
    Promise(SURPRISES, at_most=0),
    Promise(RESTARTS, at_most=0),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """What all processes hold at one moment, at rest."""

    second: int
    held_bytes: int
    by_service: Mapping[str, int]
    """Bytes, at the end of the rest."""
    with_leak_bytes: int
    descriptors: int
    threads: int


@dataclass(slots=True)
class Run:
    """All that was seen."""

    samples: list[Sample] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    latencies_s: list[float] = field(default_factory=list)
    bad: int = 0
    surprises: Counter[str] = field(default_factory=Counter)


def soak(running: Running, leak: Leak, minutes: float, block_s: float) -> Run:
    """Loads the service for so long, block by block."""
    service = mattebox_service(running.http, running.new_key())
    bodies, nuisances = mixed_bodies(service), Nuisances(service)
    run = Run()
    begun_s, leaked = time.monotonic(), 0
    while time.monotonic() - begun_s < minutes * 60 or len(run.samples) < _LEAST_BLOCKS:
        until_s = time.monotonic() + block_s
        with ThreadPoolExecutor(1) as thread:
            beside = thread.submit(nuisances.go_on, block_s)
            while time.monotonic() < until_s:
                for outcome in closed_loop(service, bodies, _CLIENTS, len(bodies)):
                    run.answers[outcome.status] += 1
                    run.latencies_s.append(outcome.latency_s)
            beside.result()
        while leaked < time.monotonic() - begun_s:
            leak.request()
            leaked += 1
        run.samples.append(_sample(running, leak, begun_s))
        held_mb = run.samples[-1].held_bytes / 1e6
        say(f"{run.samples[-1].second} s: {run.answers.total()} answers, {held_mb:.0f} MB")
    run.bad, run.surprises = nuisances.sent, nuisances.surprises
    return run


def _sample(running: Running, leak: Leak, begun_s: float) -> Sample:
    root = running.supervisor
    held_bytes = least(lambda: processes.own_bytes(root), _LOOKS)
    by_service = {name: processes.own_bytes(pid) for name, pid in running.pids.items()}
    descriptors, threads = processes.handles(root)
    second = round(time.monotonic() - begun_s)
    with_leak_bytes = held_bytes + processes.own_bytes(leak.pid)
    return Sample(second, held_bytes, by_service, with_leak_bytes, descriptors, threads)


def growth_a_second(samples: Sequence[tuple[int, int]]) -> Growth:
    """Judges pairs of a second and the bytes then held."""
    return growth(after_warm_up(samples), ALLOWED_MB_A_MINUTE * 1e6 / 60)


def more_at_the_end(values: Sequence[int]) -> int:
    """Compares the least of the last third with the most of the second: noise is no growth."""
    third = len(values) // 3
    return max(0, min(values[-third:]) - max(values[third:-third]))


def main() -> int:
    """Measures, prints tables, writes JSON; gives the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--block-s", type=float, default=20.0)
    parser.add_argument("--engine", default="auto", choices=["auto", "triton", "onnxruntime"])
    chosen = parser.parse_args()
    leak_bytes = round(2 * ALLOWED_MB_A_MINUTE * 1e6 / 60)  # each second
    with mattebox(chosen.engine) as running, leaking_process(leak_bytes) as leak:
        before = dict(running.pids)
        run = soak(running, leak, chosen.minutes, chosen.block_s)
        alive = set(processes.tree(running.supervisor))
        replaced = sum(pid not in alive for pid in before.values())
        engine = running.engine
    own = growth_a_second([(each.second, each.held_bytes) for each in run.samples])
    control = growth_a_second([(each.second, each.with_leak_bytes) for each in run.samples])
    figures = {
        MEMORY: Figure(*(value * 60 / 1e6 for value in (own.slope, own.low, own.high))),
        GROWS: Figure.of([0 if own.cleared else 1]),
        MISSED: Figure.of([0 if control.grows else 1]),
        DESCRIPTORS: Figure.of([more_at_the_end([each.descriptors for each in run.samples])]),
        THREADS: Figure.of([more_at_the_end([each.threads for each in run.samples])]),
        NOT_ANSWERED: Figure.of([run.answers.total() - run.answers[str(OK)]]),
        SURPRISES: Figure.of([run.surprises.total()]),
        RESTARTS: Figure.of([replaced]),
    }
    more = f"engine {engine}; {chosen.minutes:g} minutes, {run.answers.total()} good requests, "
    more += f"{run.bad} bad ones"
    return judged(found("soak", figures, _tables(run, own, control), more), PROMISES)


def _tables(run: Run, own: Growth, control: Growth) -> str:
    rows = [
        ["Mattebox", *_slope(own)],
        [f"the same and a leak of {2 * ALLOWED_MB_A_MINUTE:g} MB a minute", *_slope(control)],
    ]
    slopes = table(["of", "MB a minute (95 % interval)", "verdict"], rows)
    services = list(run.samples[0].by_service)
    head = ["minute", "MB", *services, "descriptors", "threads"]
    every = max(1, len(run.samples) // 10)
    samples = [
        [
            f"{each.second / 60:.0f}",
            f"{each.held_bytes / 1e6:.0f}",
            *(f"{each.by_service[name] / 1e6:.0f}" for name in services),
            str(each.descriptors),
            str(each.threads),
        ]
        for each in run.samples[::every]
    ]
    p50_s, p99_s = (percentile(run.latencies_s, percent) for percent in (50, 99))
    answers = f"Good requests: p50 {p50_s:.2f} s, p99 {p99_s:.2f} s. Answers: {dict(run.answers)}."
    surprises = f"Surprises: {dict(run.surprises) or 'none'}."
    return f"{slopes}\n\n{table(head, samples)}\n\n{answers} {surprises}"


def _slope(slope: Growth) -> list[str]:
    middle, low, high = (value * 60 / 1e6 for value in (slope.slope, slope.low, slope.high))
    verdict = "grows" if slope.grows else "does not grow" if slope.cleared else "cannot be told"
    return [f"{middle:+.2f} ({low:+.2f} to {high:+.2f})", verdict]


if __name__ == "__main__":
    sys.exit(main())
