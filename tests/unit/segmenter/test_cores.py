import os
from pathlib import Path

import pytest

from segmenter.cores import available_cores

CORES = len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("limit", "cores"),
    [
        ("max 100000", CORES),
        ("100000 100000", 1),
        ("100001 100000", min(2, CORES)),
        ("50000 100000", 1),
        (f"{CORES + 1}00000 100000", CORES),
        ("", CORES),
    ],
)
def test_the_limit_of_the_container_counts(tmp_path: Path, limit: str, cores: int) -> None:
    file = tmp_path / "cpu.max"
    file.write_text(limit + "\n")

    assert available_cores(file) == cores


def test_without_a_container_all_cores_count(tmp_path: Path) -> None:
    assert available_cores(tmp_path / "missing") == CORES
