import subprocess
import sys
from pathlib import Path

import pytest

from mattebox.up import state_dir
from mattebox.up.errors import CannotStartError
from tests.umasks import umask

SHM = Path("/dev/shm")  # noqa: S108 - where Linux keeps it
HOLDING = """
import sys
from pathlib import Path
from mattebox.up import state_dir
with state_dir.hold(Path(sys.argv[1])) as state:
    print(state.shm_prefix, flush=True)
    sys.stdin.read()
"""


def test_the_directory_is_made_for_this_user_alone(tmp_path: Path) -> None:
    with state_dir.hold(tmp_path / "new" / "state") as state:
        assert state.path == tmp_path / "new" / "state"
        assert state.path.stat().st_mode & 0o777 == 0o700
        assert state.database.parent == state.triton.parent == state.path


def test_one_that_is_there_keeps_its_permissions_and_content(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    (tmp_path / "mattebox.db").write_text("kept")

    with state_dir.hold(tmp_path) as state:
        assert state.database.read_text() == "kept"

    assert tmp_path.stat().st_mode & 0o777 == 0o750


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_whatever_the_umask_it_is_for_this_user_alone(tmp_path: Path, mask: int) -> None:
    with umask(mask), state_dir.hold(tmp_path / "state") as state:
        modes = {path.stat().st_mode & 0o777 for path in state.path.iterdir()}

        assert state.path.stat().st_mode & 0o777 == 0o700
    assert modes == {0o600}


@pytest.mark.parametrize(
    ("mode", "told"),
    [(0o700, False), (0o755, False), (0o775, True), (0o702, True), (0o1777, True)],
)
def test_one_in_which_others_can_write_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], mode: int, *, told: bool
) -> None:
    tmp_path.chmod(mode)

    with state_dir.hold(tmp_path):
        pass

    assert (f"`chmod go-w {tmp_path}`" in capsys.readouterr().err) == told
    assert tmp_path.stat().st_mode & 0o7777 == mode


def test_a_second_holder_is_refused_and_told_of_the_first(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDING, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        first.stdout.readline()

        with pytest.raises(CannotStartError) as error, state_dir.hold(tmp_path):
            pass
        first.communicate()

    assert f"(process {first.pid}) uses the state directory {tmp_path}." in str(error.value)
    with state_dir.hold(tmp_path):
        pass


def test_a_file_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state").touch()

    with (
        pytest.raises(CannotStartError, match="cannot be used: File exists"),
        state_dir.hold(tmp_path / "state"),
    ):
        pass


def test_what_a_killed_holder_left_in_shared_memory_is_removed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDING, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        left = SHM / f"{first.stdout.readline().decode().strip()}region"
        left.touch()
        first.kill()

    with state_dir.hold(tmp_path) as state:
        assert not left.exists()
        assert not left.name.startswith(state.shm_prefix)
