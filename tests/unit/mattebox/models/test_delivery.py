import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from mattebox.models.cli import models_app
from mattebox.models.delivery import deliver
from mattebox.models.errors import ConfigError, DamagedError
from mattebox.models.install import InstallOptions, install
from tests.umasks import umask
from tests.unit.mattebox.models.conftest import Place

KILLED = """
import os, signal, sys
from pathlib import Path
from mattebox.models import folder

version = Path(sys.argv[1])
with folder.sole_writer(version):
    (version / "model.onnx.partial").write_bytes(b"ha")
    (version / "model.onnx").write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def built(place: Place) -> Place:
    install(place.card, place.repository, InstallOptions(from_file=place.file))
    return place


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "models"


def run(place: Place, target: Path) -> Result:
    arguments = ["deliver", "tiny", "--from", str(place.repository), "--to", str(target)]
    return CliRunner().invoke(models_app, [*arguments, "--cards", str(place.cards)])


def contents(repository: Path) -> dict[str, bytes]:
    files = (path for path in repository.rglob("*") if path.is_file())
    return {str(path.relative_to(repository)): path.read_bytes() for path in files}


def flip_a_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_a_delivered_model_is_the_installed_one(built: Place, target: Path) -> None:
    result = run(built, target)

    assert result.exit_code == 0, result.output
    assert result.stdout == f"Delivered tiny to {target}.\n"
    assert contents(target) == contents(built.repository)


def test_whoever_serves_it_may_read_it(built: Place, target: Path) -> None:
    target.mkdir(mode=0o755)
    with umask(0o077):
        deliver(built.card, built.repository, target)

    modes = {path.stat().st_mode & 0o777 for path in target.rglob("*") if path.is_dir()}
    assert modes == {0o755}
    assert {path.stat().st_mode & 0o777 for path in target.rglob("*.*")} == {0o644}


def test_it_may_be_read_where_there_was_no_folder_for_models(built: Place, tmp_path: Path) -> None:
    target = tmp_path / "data" / "models"
    with umask(0o077):
        deliver(built.card, built.repository, target)

    assert {each.stat().st_mode & 0o777 for each in (target, target.parent)} == {0o755}


def test_a_folder_that_was_there_stays_as_closed_as_it_was(built: Place, target: Path) -> None:
    target.mkdir(mode=0o750)
    deliver(built.card, built.repository, target)

    assert target.stat().st_mode & 0o777 == 0o750


def written(folder: Path) -> dict[Path, tuple[int, int]]:
    """Which file each is, and when it was written; reading may change the rest."""
    found = {path: path.stat() for path in folder.rglob("*")}
    return {path: (stat.st_ino, stat.st_mtime_ns) for path, stat in found.items()}


def test_what_is_there_is_not_touched(
    built: Place, target: Path, files_opened_for_writing: list[str]
) -> None:
    deliver(built.card, built.repository, target)
    before = written(target)
    files_opened_for_writing.clear()

    result = run(built, target)

    assert result.exit_code == 0
    assert result.stdout == f"tiny is in {target} already.\n"
    assert not [name for name in files_opened_for_writing if name.startswith(str(target))]
    assert written(target) == before


@pytest.mark.parametrize("name", ["1/model.onnx", "1/provenance.json", "1/NOTICE", "config.pbtxt"])
@pytest.mark.parametrize("damage", [flip_a_byte, Path.unlink])
def test_what_is_damaged_there_is_replaced(
    built: Place, target: Path, name: str, damage: Callable[[Path], None]
) -> None:
    deliver(built.card, built.repository, target)
    damage(target / "tiny" / name)

    assert deliver(built.card, built.repository, target)

    assert contents(target) == contents(built.repository)


def test_a_form_for_mnn_that_is_not_of_it_goes_away(built: Place, target: Path) -> None:
    deliver(built.card, built.repository, target)
    (target / "tiny" / "1" / "model.mnn").write_bytes(b"of an older build")

    assert deliver(built.card, built.repository, target)

    assert contents(target) == contents(built.repository)


def test_a_killed_delivery_is_finished_by_the_next(built: Place, target: Path) -> None:
    version = target / "tiny" / "1"
    killed = subprocess.run([sys.executable, "-c", KILLED, str(version)], check=False)
    assert killed.returncode == -signal.SIGKILL

    assert deliver(built.card, built.repository, target)

    assert contents(target) == contents(built.repository)


def test_of_many_at_once_one_delivers(built: Place, target: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        done = [pool.submit(deliver, built.card, built.repository, target) for _ in range(8)]

    assert sorted(each.result() for each in done) == [False] * 7 + [True]
    assert contents(target) == contents(built.repository)


def test_a_flipped_byte_is_not_delivered(built: Place, target: Path) -> None:
    flip_a_byte(built.version / "model.onnx")

    result = run(built, target)

    assert result.exit_code == 1
    assert "model.onnx is not the file that was installed: expected sha256" in result.stderr
    assert not target.exists()


@pytest.mark.parametrize("name", ["model.onnx", "provenance.json"])
def test_a_missing_file_is_told(built: Place, target: Path, name: str) -> None:
    (built.version / name).unlink()

    with pytest.raises(DamagedError, match=name):
        deliver(built.card, built.repository, target)

    assert not target.exists()


def test_a_missing_configuration_is_told(built: Place, target: Path) -> None:
    built.config.unlink()

    with pytest.raises(ConfigError, match=r"config\.pbtxt is not there"):
        deliver(built.card, built.repository, target)


def test_what_changes_while_it_is_copied_is_not_delivered(
    built: Place, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(built.card, built.repository, target)
    before = contents(target)
    (target / "tiny" / "config.pbtxt").unlink()
    monkeypatch.setattr("mattebox.models.delivery.sha256_of", lambda _path: "0" * 64)

    with pytest.raises(DamagedError, match="has changed while it was copied"):
        deliver(built.card, built.repository, target)

    assert not list(target.rglob("*.partial"))
    assert contents(target).items() <= before.items()


def test_a_target_that_cannot_be_written_is_named(built: Place, target: Path) -> None:
    target.write_text("a file")

    result = run(built, target)

    assert result.exit_code == 1
    assert f"{target}" in result.stderr
    assert "cannot be read or written: Not a directory" in result.stderr
