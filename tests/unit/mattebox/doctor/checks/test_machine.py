from dataclasses import replace

import pytest

from mattebox.doctor.checks import machine
from mattebox.doctor.facts.machine import MachineFacts
from mattebox.doctor.finding import Status
from mattebox.up.options import EngineChoice

GB = 10**9
LARGE = MachineFacts(
    cores=2,
    threads=2,
    memory_bytes=8 * GB,
    budget_mp=36,
    shared_memory_bytes=2**30,
    files_limit=20_000,
    max_connections=4096,
)


def test_what_is_needed_is_the_sizing_of_the_operations_page() -> None:
    # 0.2 for the gateway, 0.25 and 36 x 0.01 for the segmenter, 0.15 and 3 x 0.11 for Triton
    assert machine.memory_needed_bytes(2, 36) == 1_290_000_000
    assert machine.memory_needed_bytes(64, 36) == 200e6 + 610e6 + 150e6 + 9 * 110e6


@pytest.mark.parametrize(
    ("facts", "is_running", "status", "told"),
    [
        (LARGE, False, Status.OK, "8.0 GB are available; under load u2netp takes up to 1.3 GB"),
        (replace(LARGE, memory_bytes=1_290_000_000), False, Status.OK, "1.3 GB"),
        (replace(LARGE, memory_bytes=1_289_999_999), False, Status.WARNING, "up to 1.3 GB"),
        (replace(LARGE, memory_bytes=GB // 2), True, Status.OK, "beside"),
        (replace(LARGE, memory_bytes=None), False, Status.NOT_CHECKED, "does not tell"),
        (replace(LARGE, budget_mp=None), False, Status.NOT_CHECKED, "settings"),
    ],
)
def test_memory(facts: MachineFacts, is_running: bool, status: Status, told: str) -> None:
    finding = machine.memory(facts, is_running=is_running)

    assert finding.status is status
    assert told in finding.what


@pytest.mark.parametrize(
    ("free_bytes", "wanted", "status", "told"),
    [
        (2**30, EngineChoice.AUTO, Status.OK, "1024 MiB free"),
        (64 * 2**20, EngineChoice.TRITON, Status.OK, "64 MiB free"),
        (64 * 2**20 - 1, EngineChoice.AUTO, Status.WARNING, "needs up to 64 MiB"),
        (None, EngineChoice.AUTO, Status.WARNING, "cannot be written"),
        (None, EngineChoice.ONNXRUNTIME, Status.NOT_CHECKED, "needs none"),
    ],
)
def test_shared_memory(
    free_bytes: int | None, wanted: EngineChoice, status: Status, told: str
) -> None:
    finding = machine.shared_memory(replace(LARGE, shared_memory_bytes=free_bytes), wanted)

    assert finding.status is status
    assert told in finding.what


@pytest.mark.parametrize(
    ("facts", "status", "told"),
    [
        (LARGE, Status.OK, "may open 20000; 8704"),
        (replace(LARGE, files_limit=8704), Status.OK, "8704"),
        (replace(LARGE, files_limit=8703), Status.PROBLEM, "MAX_CONNECTIONS=4095"),
        (replace(LARGE, files_limit=256), Status.PROBLEM, "LimitNOFILE"),
        (replace(LARGE, files_limit=None), Status.OK, "no limit"),
        (replace(LARGE, max_connections=None), Status.NOT_CHECKED, "settings"),
    ],
)
def test_open_files(facts: MachineFacts, status: Status, told: str) -> None:
    finding = machine.open_files(facts)

    assert finding.status is status
    assert told in finding.what + finding.mend


@pytest.mark.parametrize(("threads", "status"), [(2, Status.OK), (3, Status.WARNING)])
def test_cores(threads: int, status: Status) -> None:
    assert machine.cores(replace(LARGE, threads=threads)).status is status


def test_as_many_files_are_wanted_as_the_gateway_wants() -> None:
    from gateway import descriptors  # noqa: PLC0415 - to compare with

    needed = descriptors.PER_CONNECTION * 4096 + descriptors.RESERVE

    assert str(needed) in machine.open_files(LARGE).what
