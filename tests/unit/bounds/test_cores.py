import os
from pathlib import Path
from threading import Event, Semaphore

import pytest

from bounds.cores import available_cores, helpers

CORES = len(os.sched_getaffinity(0))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where control groups are; as a container sees it, the root is its own."""
    (tmp_path / "cgroups").mkdir()
    return tmp_path / "cgroups"


def in_group(root: Path, name: str) -> Path:
    """What the kernel says of a process in a group."""
    file = root.parent / "own"
    file.write_text(f"1:name=systemd:/elsewhere\n0::{name}\n")
    return file


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
def test_the_limit_of_the_container_counts(root: Path, limit: str, cores: int) -> None:
    (root / "cpu.max").write_text(limit + "\n")

    assert available_cores(root, in_group(root, "/")) == cores


@pytest.mark.parametrize("limited", ["system.slice/mattebox.service", "system.slice"])
def test_outside_of_containers_the_limits_of_all_groups_around_it_count(
    root: Path, limited: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)))
    for group in ("system.slice/mattebox.service", "system.slice"):
        (root / group).mkdir(parents=True, exist_ok=True)
        limit = "300000 100000" if group == limited else "max 100000"
        (root / group / "cpu.max").write_text(f"{limit}\n")

    assert available_cores(root, in_group(root, "/system.slice/mattebox.service")) == 3


def test_a_group_that_is_not_shown_has_no_limit_of_its_own(root: Path) -> None:
    (root.parent / "cpu.max").write_text("100000 100000\n")

    assert available_cores(root, in_group(root, "/..")) == CORES


def test_without_groups_all_cores_count(tmp_path: Path) -> None:
    assert available_cores(tmp_path / "missing", tmp_path / "missing too") == CORES


@pytest.mark.parametrize(("cores", "expected"), [(3, 7), (28, 32), (29, 32)])
def test_helpers_go_by_the_cores_that_there_are_up_to_a_number(cores: int, expected: int) -> None:
    arrived, all_there = Semaphore(0), Event()

    def wait() -> None:
        arrived.release()
        all_there.wait()

    with helpers(cores) as threads:
        for _ in range(40):
            threads.submit(wait)
        for _ in range(expected):
            assert arrived.acquire(timeout=30)
        assert not arrived.acquire(blocking=False)
        all_there.set()
