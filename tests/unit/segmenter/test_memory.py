"""Giving memory back after a burst."""

import asyncio
import ctypes
import os
import subprocess
import sys
import weakref

import pytest

from segmenter.memory import REST_S, MemoryTrimmer, begins_to_rest, may_trim, resident_bytes
from tests import waiting

MB = 1_000_000

pytestmark = pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="this C library cannot trim"
)


def test_resident_memory_is_told() -> None:
    assert 5 * MB < resident_bytes() < 64_000 * MB


PROGRAM = """
import asyncio, ctypes, sys
from segmenter.memory import MemoryTrimmer, resident_bytes

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]

def leave_free_memory_behind():
    # The last block stays, so that the heap cannot shrink by itself.
    blocks = [libc.malloc(1_000_000) for _ in range(300)]
    for block in blocks:
        ctypes.memset(block, 1, 1_000_000)
    for block in blocks[:-1]:
        libc.free(block)

async def main():
    leave_free_memory_behind()
    before = resident_bytes()
    trimmer = MemoryTrimmer(int(sys.argv[1]), idle_s=lambda: float(sys.argv[2]))
    trimmer.start()
    async with asyncio.timeout(20):
        while resident_bytes() > before - 250_000_000:
            await asyncio.sleep(0.05)
    await trimmer.stop()

asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("keep_mb", "idle_s"), [(100, 0.1), (64_000, REST_S)], ids=["work pauses", "work rests"]
)
async def test_what_a_burst_left_is_given_back(keep_mb: int, idle_s: float) -> None:
    # As `mattebox up` sets it: glibc would otherwise map large blocks apart from the heap.
    environment = {
        "MALLOC_MMAP_THRESHOLD_": str(2**30),
        "MALLOC_TRIM_THRESHOLD_": str(2**30),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, str(keep_mb * MB), str(idle_s), env=environment
    )
    assert await process.wait() == 0


class Ring:
    """What only the garbage collector finds."""

    def __init__(self) -> None:
        self.itself = self


@pytest.mark.usefixtures("no_collector")
async def test_garbage_in_circles_goes_when_work_rests() -> None:
    ring = weakref.ref(Ring())
    trimmer = MemoryTrimmer(keep_bytes=64_000 * MB, idle_s=lambda: REST_S)
    trimmer.start()
    await waiting.until(lambda: ring() is None)
    await trimmer.stop()


AT_START = """
import gc, weakref
from segmenter.memory import keep_for_good

class Ring:
    def __init__(self):
        self.itself = self

gc.disable()
ring = weakref.ref(Ring())
tracked = len(gc.get_objects())
keep_for_good()
assert ring() is None
kept = gc.get_freeze_count()
assert kept > 0.9 * tracked, (kept, tracked)
assert len(gc.get_objects()) < 0.1 * tracked
later = [[] for _ in range(1000)]
keep_for_good()
assert gc.get_freeze_count() <= kept
"""


def test_what_is_there_at_the_start_is_never_looked_through_again() -> None:
    # In a process of its own: this one would keep all that other tests have left.
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run(
        [sys.executable, "-c", AT_START],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")


async def test_a_trimmer_stops() -> None:
    trimmer = MemoryTrimmer(keep_bytes=0, idle_s=lambda: 0.0)
    trimmer.start()
    await trimmer.stop()


@pytest.mark.parametrize(
    ("idle_s", "since_s", "rests"),
    [
        (0.0, 999.0, False),
        (REST_S - 0.1, 999.0, False),
        (REST_S, 999.0, True),
        (REST_S, 0.1, True),  # after a trim in the pause before once more,
        (REST_S + 5, 5.0, False),  # and then no more
        (REST_S + 5, 5.1, True),
    ],
)
def test_each_rest_begins_once(idle_s: float, since_s: float, *, rests: bool) -> None:
    assert begins_to_rest(idle_s, since_s) == rests


@pytest.mark.parametrize(
    ("idle_s", "since_s", "may"),
    [
        (0.0, 30.0, False),  # under load twice a minute
        (0.0, 30.1, True),
        (0.1, 0.1, True),  # in a pause at once
        (REST_S, 30.0, False),  # at rest what came free late
        (REST_S, 30.1, True),
    ],
)
def test_how_often_the_heap_is_trimmed(idle_s: float, since_s: float, *, may: bool) -> None:
    assert may_trim(idle_s, since_s) == may
