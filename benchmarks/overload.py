"""What a Mattebox does that gets more requests than it can answer.

    python -m benchmarks.overload [--megapixels 1.5] [--times 2 5 10] [--seconds 40] [--rounds 1]

For each multiple of what a closed loop gets answered: requests that arrive at random at that rate,
whether or not earlier ones are answered. It tells how many are answered a second beside the closed
loops right before and after, how long refusals take from the head of the request to the end of the
answer (by the gateway's own log), how soon a request is answered as usual afterwards, and whether
health was up all the time. Then one key sends five times what can be answered, and another a tenth
of it: nothing of the second may be refused.

Exits 1 where a promise of docs/reliability.md is not kept.
"""

import argparse
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus

from benchmarks.load.access_log import AccessLog
from benchmarks.load.client import Client, mattebox_service
from benchmarks.load.figures import OK, Figure, percentile, summed_up
from benchmarks.load.loops import closed_loop, open_loop, poisson_schedule_s
from benchmarks.load.outcome import Outcome
from benchmarks.load.prober import Prober
from benchmarks.load.promises import Promise, judged
from benchmarks.load.results import found, say
from benchmarks.pictures import plain_jpeg
from benchmarks.running import Running, mattebox
from benchmarks.tables import table

_CLIENTS = 8
_PEAK_S = 12.0
RAMP_S = 3.0
"""Left out at the beginning of a load: nothing is answered yet."""
_USUAL_TIMES = 2.0
"""An answer is usual again within so many times what a lone request took before."""
_GIVE_UP_S = 60.0
_DEADLINE_S = 30.0

GOODPUT = "goodput under overload, of that of a closed loop"
REFUSED = "refusals, p99, ms from head to answer"
NO_RETRY = "refusals without Retry-After"
OTHERS = "answers under overload that are neither 200 nor a refusal"
LATENCY = "answers under overload, p99, s"
RECOVERY = "until an answer is usual again, s"
HEALTH = "health checks that failed"
MODEST = "requests of a modest key beside a greedy one, not answered 200"
PROMISES = (
    Promise(GOODPUT, at_least=0.9),
    Promise(REFUSED, at_most=50),
    Promise(NO_RETRY, at_most=0),
    Promise(OTHERS, at_most=0),
    Promise(LATENCY, at_most=_DEADLINE_S),
    Promise(RECOVERY, at_most=5),
    Promise(HEALTH, at_most=0),
    Promise(MODEST, at_most=0),
)


@dataclass(frozen=True, slots=True)
class Burst:
    """What a load of so many times the capacity came to."""

    times: float
    goodput_share: float
    answers: Counter[str]
    p99_s: float
    refused_p50_ms: float
    refused_p99_ms: float
    without_retry: int
    others: int
    """Neither 200 nor refused for want of room."""
    recovery_s: float
    failed_probes: int


@dataclass(frozen=True, slots=True)
class Sharing:
    """Two keys at a time."""

    alone_p50_s: float
    p50_s: float
    p99_s: float
    answers: Counter[str]
    greedy: Counter[str]


class Overload:
    """One service and the loads it is put under."""

    def __init__(self, running: Running, megapixels: float, seconds: float) -> None:
        self._service = mattebox_service(running.http, running.api_key)
        self._other = mattebox_service(running.http, running.new_key())
        self._body = self._service.body(plain_jpeg(megapixels))
        self._log = AccessLog(running.log)
        self._health = [f"{running.http}/v2/health/live", f"{running.http}/v2/health"]
        self._health += [url.replace("/metrics", "/live") for url in running.metrics.values()]
        self._seconds = seconds

    def peak_per_s(self) -> float:
        """Measures what a closed loop gets answered."""
        warm_up = summed_up(closed_loop(self._service, [self._body], _CLIENTS, 2 * _CLIENTS))
        requests = max(4 * _CLIENTS, round(_PEAK_S * warm_up.goodput_per_s))
        return summed_up(closed_loop(self._service, [self._body], _CLIENTS, requests)).goodput_per_s

    def burst(self, times: float) -> Burst:
        """Sends so many times what can be answered."""
        before_per_s, usual_s = self.peak_per_s(), self._lone_s()
        self._log.new()
        starts_s = poisson_schedule_s(times * before_per_s, self._seconds)
        say(f"{times:g} times {before_per_s:.2f} a second")
        with Prober(self._health) as prober, ThreadPoolExecutor(1) as thread:
            begun_s = time.monotonic()
            load = thread.submit(open_loop, self._service, [self._body], starts_s)
            time.sleep(max(0.0, begun_s + self._seconds - time.monotonic()))
            recovery_s = self._recovery_s(usual_s)
            outcomes = load.result()
        answered = self._log.new()
        refused = [each for each in answered if each.code == "overloaded"]
        others = sum(each.status >= HTTPStatus.BAD_REQUEST for each in answered) - len(refused)
        # What never got an answer is not in the log.
        others += sum(not each.status.isdecimal() for each in outcomes)
        after_per_s = self.peak_per_s()
        refused_ms = [1000 * each.duration_s for each in refused] or [0.0]
        return Burst(
            times,
            goodput_per_s(outcomes, begun_s, self._seconds)
            / statistics.mean((before_per_s, after_per_s)),
            Counter(each.status for each in outcomes),
            summed_up(outcomes).p99_s,
            percentile(refused_ms, 50),
            percentile(refused_ms, 99),
            sum(each.status == "503" and not each.retry_after_s for each in outcomes),
            others,
            recovery_s,
            prober.failures.total(),
        )

    def sharing(self) -> Sharing:
        """Has one key send five times what can be answered, and another a tenth."""
        peak_per_s = self.peak_per_s()
        seldom_s = poisson_schedule_s(peak_per_s / 10, self._seconds)
        alone = summed_up(open_loop(self._other, [self._body], seldom_s))
        often_s = poisson_schedule_s(5 * peak_per_s, self._seconds + 2 * RAMP_S)
        say(f"one key {5 * peak_per_s:.2f} a second, another {peak_per_s / 10:.2f}")
        with ThreadPoolExecutor(1) as thread:
            greedy = thread.submit(open_loop, self._service, [self._body], often_s)
            time.sleep(2 * RAMP_S)
            modest = open_loop(self._other, [self._body], seldom_s)
        figures = summed_up(modest)
        return Sharing(
            alone.p50_s,
            figures.p50_s,
            figures.p99_s,
            Counter(each.status for each in modest),
            Counter(each.status for each in greedy.result()),
        )

    def _lone_s(self) -> float:
        with Client(self._service, _GIVE_UP_S) as client:
            return statistics.median(client.send(self._body).latency_s for _ in range(5))

    def _recovery_s(self, usual_s: float) -> float:
        """Tells when the first request was sent, from now on, that was answered as usual."""
        begun_s = time.monotonic()
        with Client(self._service, _GIVE_UP_S) as client:
            while (passed_s := time.monotonic() - begun_s) < _GIVE_UP_S:
                sent = client.send(self._body)
                if sent.status == str(OK) and sent.latency_s <= _USUAL_TIMES * usual_s:
                    return passed_s
                time.sleep(0.1)
        return _GIVE_UP_S


def goodput_per_s(outcomes: Sequence[Outcome], begun_s: float, seconds: float) -> float:
    """Counts what was answered while requests came, without the beginning."""
    good = [
        each
        for each in outcomes
        if each.status == str(OK) and begun_s + RAMP_S <= each.ended_s <= begun_s + seconds
    ]
    return len(good) / (seconds - RAMP_S)


def main() -> int:
    """Measures, prints tables, writes JSON; gives the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--megapixels", type=float, default=1.5)
    parser.add_argument("--times", type=float, nargs="+", default=[2.0, 5.0, 10.0])
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--engine", default="auto", choices=["auto", "triton", "onnxruntime"])
    chosen = parser.parse_args()
    with mattebox(chosen.engine, log_level="info") as running:
        overload = Overload(running, chosen.megapixels, chosen.seconds)
        bursts = [overload.burst(times) for _ in range(chosen.rounds) for times in chosen.times]
        shared = overload.sharing()
        engine = running.engine
    figures = _figures(bursts, shared)
    text = f"{_burst_table(bursts)}\n\n{_sharing_table(shared)}"
    more = f"engine {engine}; {chosen.megapixels:g} MP, {chosen.seconds:g} s of each load"
    return judged(found("overload", figures, text, more), PROMISES)


def _figures(bursts: Sequence[Burst], shared: Sharing) -> dict[str, Figure]:
    return {
        GOODPUT: Figure.of([burst.goodput_share for burst in bursts]),
        REFUSED: Figure.of([burst.refused_p99_ms for burst in bursts]),
        NO_RETRY: Figure.of([burst.without_retry for burst in bursts]),
        OTHERS: Figure.of([burst.others for burst in bursts]),
        LATENCY: Figure.of([burst.p99_s for burst in bursts]),
        RECOVERY: Figure.of([burst.recovery_s for burst in bursts]),
        HEALTH: Figure.of([burst.failed_probes for burst in bursts]),
        MODEST: Figure.of([shared.answers.total() - shared.answers[str(OK)]]),
    }


def _burst_table(bursts: Sequence[Burst]) -> str:
    head = ["load", "answers", "goodput / closed loop", "200, p99 s"]
    head += ["refused, p50 ms", "refused, p99 ms", "usual again, s", "failed health checks"]
    rows = [
        [
            f"{burst.times:g} times",
            _counted(burst.answers),
            f"{burst.goodput_share:.2f}",
            f"{burst.p99_s:.1f}",
            f"{burst.refused_p50_ms:.1f}",
            f"{burst.refused_p99_ms:.1f}",
            f"{burst.recovery_s:.1f}",
            str(burst.failed_probes),
        ]
        for burst in bursts
    ]
    return table(head, rows)


def _sharing_table(shared: Sharing) -> str:
    head = ["key", "answers", "p50 s", "p99 s"]
    rows = [
        ["a tenth of the capacity, alone, p50", "", f"{shared.alone_p50_s:.2f}", ""],
        [
            "the same beside the greedy one",
            _counted(shared.answers),
            f"{shared.p50_s:.2f}",
            f"{shared.p99_s:.2f}",
        ],
        ["five times the capacity", _counted(shared.greedy), "", ""],
    ]
    return table(head, rows)


def _counted(answers: Counter[str]) -> str:
    return ", ".join(f"{count} x {status}" for status, count in sorted(answers.items()))


if __name__ == "__main__":
    sys.exit(main())
