from pathlib import Path

import pytest

from bounds.memory import available_memory_bytes

GIB = 2**30


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "cgroups" / "unit.slice").mkdir(parents=True)
    (tmp_path / "own").write_text("0::/unit.slice\n")
    (tmp_path / "meminfo").write_text("MemTotal: 16 kB\nMemAvailable:    8388608 kB\n")
    return tmp_path


def limit(group: Path, most: str, used_bytes: int, files_bytes: int = 0) -> None:
    (group / "memory.max").write_text(f"{most}\n")
    (group / "memory.current").write_text(f"{used_bytes}\n")
    (group / "memory.stat").write_text(f"anon 7\ninactive_file {files_bytes}\nshmem 1\n")


def available(root: Path) -> int | None:
    return available_memory_bytes(root / "meminfo", root / "cgroups", root / "own")


def test_without_limits_the_machine_tells(root: Path) -> None:
    assert available(root) == 8 * GIB


@pytest.mark.parametrize("group", ["unit.slice", "."])
def test_the_limit_of_a_group_counts_less_what_is_used(root: Path, group: str) -> None:
    limit(root / "cgroups" / group, str(2 * GIB), GIB)

    assert available(root) == GIB


def test_files_that_can_be_read_again_count_as_left(root: Path) -> None:
    limit(root / "cgroups" / "unit.slice", str(2 * GIB), GIB, files_bytes=GIB // 2)

    assert available(root) == GIB * 3 // 2


def test_a_group_over_its_limit_has_nothing_left(root: Path) -> None:
    limit(root / "cgroups" / "unit.slice", str(GIB), 2 * GIB)

    assert available(root) == 0


def test_a_group_without_a_limit_sets_none(root: Path) -> None:
    limit(root / "cgroups" / "unit.slice", "max", GIB)

    assert available(root) == 8 * GIB


@pytest.mark.parametrize("content", ["", "MemTotal: 1 kB\n", "MemAvailable: lots\n"])
def test_a_system_that_does_not_tell_is_not_known(root: Path, content: str) -> None:
    (root / "meminfo").write_text(content)

    assert available(root) is None
    (root / "meminfo").unlink()
    assert available(root) is None
