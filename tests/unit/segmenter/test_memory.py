"""Giving memory back after a burst."""

import asyncio
import ctypes
import sys

import pytest

from segmenter.memory import MemoryTrimmer, resident_bytes

MB = 1_000_000

pytestmark = pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="this C library cannot trim"
)


def test_resident_memory_is_told() -> None:
    assert 5 * MB < resident_bytes() < 64_000 * MB


PROGRAM = """
import asyncio, ctypes
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
    trimmer = MemoryTrimmer(keep_bytes=100_000_000, is_idle=lambda: True)
    trimmer.start()
    async with asyncio.timeout(20):
        while resident_bytes() > before - 250_000_000:
            await asyncio.sleep(0.05)
    await trimmer.stop()

asyncio.run(main())
"""


async def test_what_a_burst_left_is_given_back_when_work_pauses() -> None:
    # As `mattebox up` sets it: glibc would otherwise map large blocks apart from the heap.
    environment = {"MALLOC_MMAP_THRESHOLD_": str(2**30), "MALLOC_TRIM_THRESHOLD_": str(2**30)}
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", PROGRAM, env=environment)
    assert await process.wait() == 0


async def test_a_trimmer_stops() -> None:
    trimmer = MemoryTrimmer(keep_bytes=0, is_idle=lambda: True)
    trimmer.start()
    await trimmer.stop()
