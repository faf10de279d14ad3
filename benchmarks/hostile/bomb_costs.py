"""What bombs cost the decoder: run as a process of its own, it prints them as JSON.

    python -m benchmarks.hostile.bomb_costs [ROUNDS]

Memory is how far the high-water mark rises over what was resident before, in this process and in
its guarded children together.
"""

import asyncio
import ctypes
import gc
import json
import os
import re
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image

from benchmarks.hostile.bombs import BOMBS, png
from benchmarks.load import processes
from mattebox.segmenter.v1 import ErrorReason
from segmenter.decoder import Decoder
from segmenter.errors import SegmenterError
from segmenter.guarded.limits import GuardLimits
from segmenter.imaging.limits import ImageLimits, install_pillow_limits

PICTURE = "picture"
CONTROL = "a picture of 8 megapixels"
"""No bomb: what it takes is over the limit, which shows that the measure is not blind."""
_TIMEOUT_S = 30.0
_RESET_HIGH_WATER = "5"
_HIGH_WATER = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one bomb."""

    outcome: str
    """The name of the reason why it was refused, or "picture"."""
    took_ms: float
    """The median of the rounds."""
    memory_bytes: int
    """The most of any round."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a bomb may cost."""

    took_ms: float = 50.0
    memory_bytes: int = 16 * 2**20


def excesses(name: str, cost: Cost, limits: Limits) -> list[str]:
    """Tells which promises a bomb breaks. Pure."""
    found = []
    if cost.outcome not in (BOMBS[name].reasons or (PICTURE,)):
        found.append(f"{name}: {cost.outcome}")
    if cost.took_ms > limits.took_ms:
        found.append(f"{name}: {cost.took_ms:.0f} ms")
    if cost.memory_bytes > limits.memory_bytes:
        found.append(f"{name}: {cost.memory_bytes / 2**20:.0f} MiB")
    return found


def costs(rounds: int) -> dict[str, Cost]:
    """Measures all bombs and the control, by name, in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.hostile.bomb_costs", str(rounds)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    return {name: Cost(**fields) for name, fields in found.items()}


async def _all_costs(rounds: int) -> dict[str, Cost]:
    limits = ImageLimits()
    install_pillow_limits(limits)
    images = {name: bomb.make() for name, bomb in BOMBS.items()}
    images[CONTROL] = png(4000, 2000)
    with ThreadPoolExecutor(1) as executor:
        decoder = Decoder(executor, limits, GuardLimits())
        try:
            # Starts both children, and loads what decoders load at their first picture.
            for harmless in _harmless_images():
                await _outcome(decoder, harmless)
            return {name: await _cost(decoder, image, rounds) for name, image in images.items()}
        finally:
            await decoder.close()


async def _cost(decoder: Decoder, image: bytes, rounds: int) -> Cost:
    outcome, times_ms, grown_bytes = "", [], []
    for _ in range(rounds):
        before_bytes = _reset_high_water()
        started_s = time.perf_counter()
        outcome = await _outcome(decoder, image)
        times_ms.append((time.perf_counter() - started_s) * 1000)
        grown_bytes.append(sum(map(_high_water_bytes, processes.tree(os.getpid()))) - before_bytes)
    return Cost(outcome, statistics.median(times_ms), max(grown_bytes))


async def _outcome(decoder: Decoder, image: bytes) -> str:
    try:
        header = await decoder.read_header(image)
        await decoder.decode(image, header, _TIMEOUT_S)
    except SegmenterError as error:
        return ErrorReason.Name(error.reason)
    return PICTURE


def _harmless_images() -> list[bytes]:
    images = []
    for file_format in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"):
        buffer = BytesIO()
        Image.new("RGB", (64, 64)).save(buffer, file_format)
        images.append(buffer.getvalue())
    return images


def _reset_high_water() -> int:
    """Gives back what is free, and lowers the marks to what is resident, which it tells."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    pids = processes.tree(os.getpid())
    for pid in pids:
        Path(f"/proc/{pid}/clear_refs").write_text(_RESET_HIGH_WATER)
    return sum(map(_high_water_bytes, pids))


def _high_water_bytes(pid: int) -> int:
    found = _HIGH_WATER.search(Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) * 1024 if found else 0


def main() -> None:
    """Measures in this process."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    found = asyncio.run(_all_costs(rounds))
    print(json.dumps({name: asdict(cost) for name, cost in found.items()}))


if __name__ == "__main__":
    main()
