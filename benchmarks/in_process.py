"""The segmenter's pipeline called in a process of its own, without gateway and gRPC.

    python -m benchmarks.in_process [--replay]

A child of other benchmarks. It reads the segmenter's settings from the environment, so it runs the
same pipeline on the same engine: in front of Triton, the very same Triton. For each line on
standard input, the path of a picture, it writes a line of JSON. With --replay the network's answers
to pictures seen before are remembered, so that what is left is everything but inference.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.own_pipeline import Unobserved, own_pipeline
from benchmarks.running import ROOT
from segmenter.deadline import Deadline
from segmenter.inference.engine import Engine, ModelSpec
from segmenter.job import Job
from segmenter.options import CutOutOptions
from segmenter.settings import SegmenterSettings
from segmenter.sources import Sources
from segmenter.timings import Stage

_DEADLINE_S = 120.0


@dataclass(frozen=True, slots=True)
class Call:
    """What one call of the pipeline took."""

    seconds: float
    infer_s: float
    """Of these, the network's."""
    cpu_s: float
    """Of the whole process, all threads together."""


class InProcess:
    """The child, in the hands of a benchmark."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def cut_out(self, picture: Path) -> Call:
        """Cuts one picture out, as a request without options would."""
        if self._process.stdin is None or self._process.stdout is None:
            raise ValueError("the process was started without pipes")
        print(picture, file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            sys.exit("the pipeline could not be run in process; its error stands above")
        return Call(**json.loads(line))


@contextmanager
def in_process(environment: Mapping[str, str], *, replay: bool = False) -> Iterator[InProcess]:
    """Starts the pipeline with an environment, best that of a running segmenter."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.in_process", *(["--replay"] if replay else [])],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield InProcess(process)
    finally:
        process.communicate()


def environment_of(pid: int) -> Mapping[str, str]:
    """Reads the environment of a running process, in which its settings and allocator's are."""
    entries = Path(f"/proc/{pid}/environ").read_text().split("\0")
    return dict(entry.split("=", 1) for entry in entries if "=" in entry)


class Replay:
    """An engine that remembers answers of another, so that a picture costs inference once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._answers: dict[tuple[str, bytes], NDArray[np.float32]] = {}

    async def spec(self, model: str) -> ModelSpec:
        """See `Engine.spec`."""
        return await self._engine.spec(model)

    async def ready(self, model: str) -> bool:
        """See `Engine.ready`."""
        return await self._engine.ready(model)

    async def infer(
        self, model: str, batch_u8: NDArray[np.uint8], timeout_s: float, *, alone: bool = True
    ) -> NDArray[np.float32]:
        """See `Engine.infer`. The same batch is inferred once."""
        key = model, batch_u8.tobytes()
        if key not in self._answers:
            self._answers[key] = await self._engine.infer(model, batch_u8, timeout_s, alone=alone)
        return self._answers[key]

    async def close(self) -> None:
        """See `Engine.close`."""
        await self._engine.close()


async def _serve(*, replay: bool) -> None:
    wrapped: tuple[type[Replay], ...] = (Replay,) if replay else ()
    async with own_pipeline(SegmenterSettings(), Unobserved(), *wrapped) as pipeline:
        while path := (await asyncio.to_thread(sys.stdin.readline)).strip():
            image = await asyncio.to_thread(Path(path).read_bytes)
            started_s, cpu_started_s = time.perf_counter(), time.process_time()
            made = await pipeline.cut_out(
                Sources(image), CutOutOptions(), Job("caller", Deadline.after(_DEADLINE_S))
            )
            call = Call(
                time.perf_counter() - started_s,
                made.timings[Stage.INFER],
                time.process_time() - cpu_started_s,
            )
            print(json.dumps(asdict(call)), flush=True)


def main() -> None:
    """Answers until standard input ends."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--replay", action="store_true")
    asyncio.run(_serve(replay=parser.parse_args().replay))


if __name__ == "__main__":
    main()
