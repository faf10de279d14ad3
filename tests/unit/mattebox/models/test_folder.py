import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from mattebox.models import folder

KILLED_WRITER = """
import os, signal, sys
from pathlib import Path
from mattebox.models import folder

target = Path(sys.argv[1])
with folder.sole_writer(target):
    folder.put(target, {target / "whole": b"whole"})
    (target / "half.partial").write_bytes(b"ha")
    os.kill(os.getpid(), signal.SIGKILL)
"""

FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from mattebox.models import folder

target = Path(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    with folder.sole_writer(target):
        folder.put(target, {target / "small": bytes(1000), target / "large": bytes(1001)})
except OSError as error:
    print(f"{error.filename}: {error.strerror}")
"""


def interrupt_writing(target: Path) -> None:
    with suppress(KeyboardInterrupt), folder.sole_writer(target):
        (target / "file.partial").write_bytes(b"ha")
        raise KeyboardInterrupt


def test_what_is_put_is_there_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "1"

    with folder.sole_writer(target):
        assert folder.was_left(target)
        folder.put(target, {target / "file": b"old"})
        folder.put(target, {target / "file": b"new"})

    assert [path.name for path in target.iterdir()] == ["file"]
    assert (target / "file").read_bytes() == b"new"
    assert not folder.was_left(target)


def test_a_folder_into_which_nothing_was_put_goes_away(tmp_path: Path) -> None:
    target = tmp_path / "model" / "1"

    interrupt_writing(target)

    assert list(tmp_path.iterdir()) == []


def test_a_folder_beside_which_something_stands_stays(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config").touch()

    interrupt_writing(tmp_path / "model" / "1")

    assert [path.name for path in (tmp_path / "model").iterdir()] == ["config"]


def test_a_file_can_be_put_beside_the_folder(tmp_path: Path) -> None:
    target = tmp_path / "new" / "model" / "1"

    with folder.sole_writer(target):
        folder.put(target, {target / "file": b"inside", target.parent / "config": b"beside"})

    assert (target.parent / "config").read_bytes() == b"beside"
    assert [path.name for path in target.iterdir()] == ["file"]


def test_a_link_to_nowhere_is_told(tmp_path: Path) -> None:
    (tmp_path / "repository").symlink_to(tmp_path / "nowhere")

    with pytest.raises(FileExistsError), folder.sole_writer(tmp_path / "repository" / "m" / "1"):
        pass


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "1"
    with folder.sole_writer(target):
        folder.put(target, {target / "file": b"old"})

    interrupt_writing(target)

    assert [path.name for path in target.iterdir()] == ["file"]


def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path: Path) -> None:
    target = tmp_path / "1"
    killed = subprocess.run([sys.executable, "-c", KILLED_WRITER, str(target)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert folder.was_left(target)
    assert (target / "half.partial").exists()

    with folder.sole_writer(target):
        assert not (target / "half.partial").exists()

    assert [path.name for path in target.iterdir()] == ["whole"]


def test_a_file_that_cannot_be_written_leaves_all_the_old_ones(tmp_path: Path) -> None:
    target = tmp_path / "1"
    first, second = target / "first", target / "second"
    with folder.sole_writer(target):
        folder.put(target, {first: b"old", second: b"old"})
        (target / "second.partial").mkdir()
        with pytest.raises(IsADirectoryError):
            folder.put(target, {first: b"new", second: b"new"})
        (target / "second.partial").rmdir()

    assert (first.read_bytes(), second.read_bytes()) == (b"old", b"old")


def test_a_full_disk_is_told_with_the_file(tmp_path: Path) -> None:
    target = tmp_path / "model" / "1"
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(target)], capture_output=True, text=True, check=False
    )

    assert done.stdout == f"{target / 'large.partial'}: File too large\n", done.stderr
    assert list(tmp_path.iterdir()) == []


def test_writers_take_turns_also_where_the_folder_comes_and_goes(tmp_path: Path) -> None:
    target, inside = tmp_path / "model" / "1", tmp_path / "inside"

    def enter() -> None:
        for _ in range(50):
            with folder.sole_writer(target):
                # Fails if another one is inside.
                os.close(os.open(inside, os.O_CREAT | os.O_EXCL))
                inside.unlink()

    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(enter) for _ in range(8)]:
            future.result()

    assert list(tmp_path.iterdir()) == []
