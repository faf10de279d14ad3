"""Whether a Mattebox keeps something of every request: memory over thousands of mixed ones.

    python -m benchmarks.memory [--requests 2000] [--blocks 40] [--leak-kib 128] [--engine auto]

After each block of requests it waits until the memory of all processes stands still, and takes a
sample. Beside the service a process runs that leaks on purpose. The same judgement is held against
the service and against service and leak together: it has to clear the first and to catch the
second. Exits 1 where it does not.
"""

import argparse
import io
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from benchmarks.load import processes
from benchmarks.load.client import Service, mattebox_service
from benchmarks.load.figures import OK, Figure
from benchmarks.load.growth import Growth, after_warm_up, growth
from benchmarks.load.leak import Leak, leaking_process
from benchmarks.load.loops import closed_loop
from benchmarks.load.results import Findings, found, say
from benchmarks.load.settling import settled_pss_bytes
from benchmarks.pictures import detailed_jpeg, plain_jpeg
from benchmarks.running import mattebox
from benchmarks.tables import table

REQUESTS, BLOCKS, LEAK_KIB = 2000, 40, 128
_CLIENTS = 4
_SEED = 20_240_501
_SIZES_MP = (0.1, 0.5, 1.5, 3.0, 6.0, 12.0)
_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF")
_LARGE_MP = 3.0
_ANSWERS = ("png", "jpg", "webp", "png", "tiff", "gif")

GROWTH = "memory growth, KiB a request"
NOT_ANSWERED = "requests of mixed sizes not answered 200"
SERVICE_GROWS = "service found to grow, or not cleared"
CONTROL_MISSED = "planted leaks that were not caught"
HAVE_TO_BE_ZERO = (NOT_ANSWERED, SERVICE_GROWS, CONTROL_MISSED)


@dataclass(frozen=True, slots=True)
class Run:
    """Samples of bytes held, each after so many requests."""

    service: Sequence[tuple[int, int]]
    with_leak: Sequence[tuple[int, int]]
    failures: int


def measure(requests: int, blocks: int, leak_kib: float, engine: str) -> Findings:
    """Runs all blocks and judges."""
    with mattebox(engine) as running, leaking_process(round(leak_kib * 1024)) as leak:
        service = mattebox_service(running.http, running.api_key)
        run = _run(service, running.supervisor, leak, requests, blocks)
        used = running.engine
    # Half of what is planted, so that one judgement can clear the service and catch the leak.
    allowed = leak_kib * 1024 / 2
    own, control = (growth(after_warm_up(s), allowed) for s in (run.service, run.with_leak))
    figures = {
        GROWTH: _figure(own),
        NOT_ANSWERED: Figure.of([run.failures]),
        SERVICE_GROWS: Figure.of([0 if own.cleared else 1]),
        CONTROL_MISSED: Figure.of([0 if control.grows else 1]),
    }
    more = f"engine {used}; {requests} requests, {run.failures} of them not answered 200"
    return found("memory", figures, _tables(run, own, control, leak_kib), more)


def mixed_bodies(service: Service, sizes_mp: Sequence[float] = _SIZES_MP) -> list[bytes]:
    """Makes uploads of all sizes and formats, mixed, that ask for answers in many formats.

    Over 3 megapixels they are JPEGs that ask for PNGs: all else would take minutes.
    """
    bodies = []
    for size, megapixels in enumerate(sizes_mp):
        made = (plain_jpeg(megapixels), detailed_jpeg(megapixels))
        for number, file_format in enumerate(_FORMATS):
            is_large = megapixels > _LARGE_MP
            if is_large and file_format != "JPEG":
                continue
            # Shifted by the size, so that a format is not always of one picture and one answer.
            answer = "png" if is_large else _ANSWERS[(number + size) % len(_ANSWERS)]
            asking = Service(
                service.url, service.path, service.file_field, fields={"format": answer}
            )
            bodies.append(asking.body(_as(made[(number + size) % 2], file_format)))
    random.Random(_SEED).shuffle(bodies)
    return bodies


def _run(service: Service, root: int, leak: Leak, requests: int, blocks: int) -> Run:
    bodies = mixed_bodies(service)
    alone: list[tuple[int, int]] = []
    together: list[tuple[int, int]] = []
    failures = 0
    for block in range(blocks):
        sent, until = (round(requests * number / blocks) for number in (block, block + 1))
        # Every block is the same, so that none ends with larger pictures than another.
        outcomes = closed_loop(service, bodies, _CLIENTS, until - sent)
        failures += sum(outcome.status != str(OK) for outcome in outcomes)
        for _ in outcomes:
            leak.request()
        held_bytes = settled_pss_bytes(root)
        alone.append((until, held_bytes))
        together.append((until, held_bytes + processes.pss_bytes(leak.pid)))
        say(f"{until} requests: {held_bytes / 1e6:.0f} MB")
    return Run(alone, together, failures)


def _as(jpeg: bytes, file_format: str) -> bytes:
    if file_format == "JPEG":
        return jpeg
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(jpeg)) as picture:
        picture.save(buffer, file_format)
    return buffer.getvalue()


def _figure(slope: Growth) -> Figure:
    return Figure(*(value / 1024 for value in (slope.slope, slope.low, slope.high)))


def _tables(run: Run, own: Growth, control: Growth, leak_kib: float) -> str:
    rows = [
        ["Mattebox", own.text(), _verdict(own)],
        [f"the same and a leak of {leak_kib:g} KiB a request", control.text(), _verdict(control)],
    ]
    head = ["of", "slope (95 % interval)", f"over {own.allowed / 1024:g} KiB a request"]
    megabytes = [f"{held_bytes / 1e6:.0f}" for _, held_bytes in run.service]
    each = run.service[0][0]
    samples = f"Megabytes of Mattebox after every {each} requests: {', '.join(megabytes)}."
    return f"{table(head, rows)}\n\n{samples}"


def _verdict(slope: Growth) -> str:
    if slope.grows:
        return "grows"
    return "does not grow" if slope.cleared else "cannot be told"


def main() -> int:
    """Measures, prints a table, writes JSON; gives the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--requests", type=int, default=REQUESTS)
    parser.add_argument("--blocks", type=int, default=BLOCKS, help="at least 11")
    parser.add_argument("--leak-kib", type=float, default=LEAK_KIB, help="of the control")
    parser.add_argument("--engine", default="auto", choices=["auto", "triton", "onnxruntime"])
    options = parser.parse_args()
    findings = measure(options.requests, options.blocks, options.leak_kib, options.engine)
    return int(any(findings.figures[name].value for name in HAVE_TO_BE_ZERO))


if __name__ == "__main__":
    sys.exit(main())
