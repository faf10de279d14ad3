"""What /proc tells of processes."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from benchmarks.load import processes
from benchmarks.load.leak import leaking_process

MIB = 2**20
TICKS = os.sysconf("SC_CLK_TCK")

ROLLUP = """559e5a3f1000-7ffd0a9f1000 ---p 00000000 00:00 0                          [rollup]
Rss:              884736 kB
Pss:              441344 kB
Pss_Dirty:        440000 kB
Pss_Anon:         430000 kB
Shared_Clean:       8192 kB
"""


def test_pss_is_the_sum_and_none_of_its_parts() -> None:
    assert processes.parse_pss_bytes(ROLLUP) == 441_344 * 1024


def test_pages_of_files_are_not_its_own() -> None:
    assert processes.parse_own_bytes(f"{ROLLUP}Pss_File:  1344 kB\n") == 440_000 * 1024
    assert processes.parse_own_bytes(ROLLUP) == 441_344 * 1024
    assert processes.parse_own_bytes("") == 0


@pytest.mark.parametrize("text", ["", "559e5a3f1000-7ffd0a9f1000 ---p 0 00:00 0 [rollup]\n"])
def test_a_process_without_memory_has_none(text: str) -> None:
    assert processes.parse_pss_bytes(text) == 0


@pytest.mark.parametrize("name", ["python", "a) S 1 (b", ""])
def test_times_are_read_whatever_the_name(name: str) -> None:
    text = f"77 ({name}) S 42 77 77 0 -1 4194304 1 2 3 4 100 20 3 7 20 0 9 0 1 2 3\n"
    times = processes.parse_stat(text)
    assert times.parent == 42
    assert times.cpu_s == pytest.approx(130 / TICKS)


def test_busy_time_leaves_idling_and_stolen_time_out() -> None:
    text = "cpu  100 20 30 9999 8888 4 6 7777 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n"
    assert processes.parse_busy_s(text) == pytest.approx(160 / TICKS)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_leak_shows_in_the_memory_of_the_tree() -> None:
    with leaking_process(MIB) as leak:
        leak.request()
        before_bytes, before_own_bytes = (
            processes.pss_bytes(leak.pid),
            processes.own_bytes(leak.pid),
        )
        for _ in range(16):
            leak.request()
        grown_bytes = processes.pss_bytes(leak.pid) - before_bytes
        own_grown_bytes = processes.own_bytes(leak.pid) - before_own_bytes
        assert leak.pid in processes.tree(os.getpid())
        assert processes.pss_bytes(os.getpid()) > processes.pss_bytes(leak.pid)
    assert 15 * MIB < grown_bytes < 20 * MIB
    assert 15 * MIB < own_grown_bytes < 20 * MIB
    assert leak.pid not in processes.tree(os.getpid())


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_processor_time_is_told_by_name() -> None:
    with leaking_process(MIB) as leak, processes.costs({"leak": leak.pid}) as costs:
        for _ in range(64):
            leak.request()
    assert set(costs.cpu_s) == {"leak"}
    assert costs.cpu_s["leak"] >= 0
    assert costs.wall_s > 0


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_highest_memory_is_kept_when_it_has_gone() -> None:
    with leaking_process(32 * MIB) as leak:
        with processes.PeakMemory(os.getpid()) as memory:
            leak.request()
        assert memory.peak_bytes > 32 * MIB


def test_descriptors_and_threads_of_this_process_are_counted() -> None:
    before = processes.handles(os.getpid())

    null = Path(os.devnull)
    with null.open("rb"), null.open("rb"), ThreadPoolExecutor(1) as threads:
        threads.submit(int).result()
        descriptors, count = processes.handles(os.getpid())

    assert (descriptors - before[0], count - before[1]) == (2, 1)


def test_a_process_that_has_ended_has_none() -> None:
    with leaking_process(1) as leak:
        assert processes.handles(leak.pid)[1] == 1
    assert processes.handles(leak.pid) == (0, 0)
