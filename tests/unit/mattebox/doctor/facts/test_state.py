import os
from pathlib import Path

import pytest

from mattebox.doctor.facts import state
from mattebox.up import state_dir


def test_a_directory_that_is_not_there_is_judged_by_where_it_would_be_made(tmp_path: Path) -> None:
    facts = state.gather(tmp_path / "a" / "b")

    assert not facts.exists
    assert facts.nearest == tmp_path
    assert facts.is_folder
    assert facts.is_writable
    assert facts.free_bytes > 0
    assert not (tmp_path / "a").exists()


def test_its_mode_and_owner_are_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o702)

    facts = state.gather(tmp_path)

    assert (facts.exists, facts.mode, facts.owner_is_user) == (True, 0o702, True)
    assert facts.running_pid is None


def test_a_file_in_its_place_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "state").touch()

    assert not state.gather(tmp_path / "state").is_folder
    assert not state.gather(tmp_path / "state" / "inside").is_folder


def test_a_link_to_nowhere_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "state").symlink_to(tmp_path / "gone")

    facts = state.gather(tmp_path / "state")

    assert not facts.is_folder
    assert facts.free_bytes == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_directory_of_others_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    assert not state.gather(tmp_path).is_writable


def test_who_holds_it_is_told_without_taking_it(tmp_path: Path) -> None:
    with state_dir.hold(tmp_path):
        assert state.gather(tmp_path).running_pid == os.getpid()
        assert state.gather(tmp_path).running_pid == os.getpid()

    # The file of the lock stays, with what was written into it.
    assert (tmp_path / "lock").read_text().startswith(f"mattebox-{os.getpid()}-")
    assert state.gather(tmp_path).running_pid is None


def test_a_lock_with_nonsense_in_it_is_nobodys(tmp_path: Path) -> None:
    (tmp_path / "lock").write_bytes(b"\xff\xfe")

    assert state.gather(tmp_path).running_pid is None
