import os
from pathlib import Path

import pytest

from mattebox.up import triton_files
from mattebox.up.triton_wheel import TritonWheel


@pytest.fixture
def wheel(tmp_path: Path) -> TritonWheel:
    """A wheel whose programs have lost the permission to be executed."""
    parts = tmp_path / "wheel"
    wheel = TritonWheel(
        server=parts / "tritonserver",
        python_backend=parts / "python",
        stub=parts / "triton_python_backend_stub",
        libraries=parts / "libs",
        onnxruntime_backend=parts / "onnxruntime" / "model.py",
    )
    for file in (
        wheel.server,
        wheel.stub,
        wheel.onnxruntime_backend,
        wheel.python_backend / "libtriton_python.so",
        wheel.python_backend / "triton_python_backend_utils.py",
    ):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(file.name)
        file.chmod(0o644)
    return wheel


@pytest.fixture
def model(tmp_path: Path) -> Path:
    model = tmp_path / "repository" / "toy"
    (model / "1").mkdir(parents=True)
    (model / "config.pbtxt").write_text('name: "toy"')
    (model.parent / "other").mkdir()
    return model


def test_backends_are_files_of_their_own(tmp_path: Path, wheel: TritonWheel, model: Path) -> None:
    files = triton_files.put_together(tmp_path / "triton", wheel, [model])

    found = [path for path in files.backends.rglob("*") if path.is_file()]
    assert {str(path.relative_to(files.backends)) for path in found} == {
        "onnxruntime/model.py",
        "python/libtriton_python.so",
        "python/triton_python_backend_stub",
        "python/triton_python_backend_utils.py",
    }
    assert not any(path.is_symlink() for path in found)


def test_programs_can_be_executed(tmp_path: Path, wheel: TritonWheel, model: Path) -> None:
    files = triton_files.put_together(tmp_path / "triton", wheel, [model])

    assert os.access(wheel.server, os.X_OK)
    assert os.access(files.backends / "python" / "triton_python_backend_stub", os.X_OK)


def test_the_server_finds_only_the_wanted_models(
    tmp_path: Path, wheel: TritonWheel, model: Path
) -> None:
    (model.parent / "unwanted").mkdir()
    models = [model, model.with_name("other")]
    files = triton_files.put_together(tmp_path / "triton", wheel, models)

    assert sorted(path.name for path in files.models.iterdir()) == ["other", "toy"]
    assert (files.models / "toy" / "config.pbtxt").read_text() == 'name: "toy"'


def test_what_an_earlier_start_left_is_gone(
    tmp_path: Path, wheel: TritonWheel, model: Path
) -> None:
    triton_files.put_together(tmp_path / "triton", wheel, [model])
    wheel.onnxruntime_backend.write_text("of the next version")

    files = triton_files.put_together(tmp_path / "triton", wheel, [model.with_name("other")])

    assert (files.backends / "onnxruntime" / "model.py").read_text() == "of the next version"
    assert [path.name for path in files.models.iterdir()] == ["other"]
    assert (model / "config.pbtxt").exists()
