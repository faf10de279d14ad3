import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mattebox.up import triton_wheel
from mattebox.up.triton_wheel import TritonWheel

MISSING = Path("/no/such/file")
REASON = "from mattebox.up import triton_wheel; print(triton_wheel.why_not(triton_wheel.locate()))"


@pytest.fixture
def wheel() -> TritonWheel:
    located = triton_wheel.locate()
    if (reason := triton_wheel.why_not(located)) is not None:
        pytest.skip(reason)
    assert located is not None
    return located


def reason_with(package_folder: Path | None = None, **env: str) -> str:
    """Asks a fresh interpreter, which sees packages in this folder before all others."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | env
    if package_folder is not None:
        env["PYTHONPATH"] = str(package_folder)
    answer = subprocess.run(
        [sys.executable, "-c", REASON], env=env, capture_output=True, text=True, check=True
    )
    return answer.stdout.strip()


def pretend_installed(folder: Path, name: str, version: str) -> None:
    metadata = folder / f"{name}-{version}.dist-info" / "METADATA"
    metadata.parent.mkdir(parents=True)
    metadata.write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


def test_nothing_keeps_the_wheel_of_this_environment_from_running(wheel: TritonWheel) -> None:
    assert reason_with() == "None"
    assert wheel.server.name == "tritonserver"


def test_locating_the_wheel_imports_nothing_large() -> None:
    program = f"{REASON}; import sys; print([m for m in ('pytriton', 'numpy') if m in sys.modules])"

    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert answer.stdout.splitlines()[1] == "[]"


def test_without_the_wheel_its_installation_is_advised() -> None:
    reason = triton_wheel.why_not(None)

    assert reason == (
        "The package nvidia-pytriton is not installed; `pip install 'mattebox[triton]'`."
    )


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("server", "holds no server at /no/such/file"),
        ("stub", "has no backend for Python 3."),
        ("onnxruntime_backend", "is not at /no/such/file; set MATTEBOX_TRITON_BACKENDS"),
    ],
)
def test_a_missing_part_is_named(wheel: TritonWheel, part: str, said: str) -> None:
    reason = triton_wheel.why_not(dataclasses.replace(wheel, **{part: MISSING}))

    assert reason is not None
    assert said in reason


def test_a_stub_without_its_libpython_is_found_before_triton_hangs_on_it(
    wheel: TritonWheel,
) -> None:
    of_a_python_that_is_not_here = wheel.stub.parents[1] / "3.8" / wheel.stub.name

    reason = triton_wheel.why_not(dataclasses.replace(wheel, stub=of_a_python_that_is_not_here))

    assert reason is not None
    assert reason.startswith("Triton's Python backend cannot be loaded: libpython3.8.so.1.0: ")


def test_a_stub_that_is_no_program_is_found(wheel: TritonWheel, tmp_path: Path) -> None:
    stub = tmp_path / "stub"
    stub.write_bytes(b"\x7fELF")
    stub.chmod(0o755)

    reason = triton_wheel.why_not(dataclasses.replace(wheel, stub=stub))

    assert reason is not None
    assert reason.startswith("Triton's Python backend cannot be started: ")


@pytest.mark.usefixtures("wheel")
@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("1.26.4", "None"),
        ("2.0.0", "This Triton computes wrong pixels with NumPy 2.0.0;"),
        ("2.4.1", "This Triton computes wrong pixels with NumPy 2.4.1;"),
    ],
)
def test_only_numpy_1_is_right(tmp_path: Path, version: str, said: str) -> None:
    pretend_installed(tmp_path, "numpy", version)

    assert reason_with(tmp_path).startswith(said)


@pytest.mark.usefixtures("wheel")
def test_the_folder_of_the_backends_can_be_named(tmp_path: Path) -> None:
    assert f"is not at {tmp_path}/onnxruntime/model.py" in reason_with(
        MATTEBOX_TRITON_BACKENDS=str(tmp_path)
    )

    (tmp_path / "onnxruntime").mkdir()
    (tmp_path / "onnxruntime" / "model.py").touch()

    assert reason_with(MATTEBOX_TRITON_BACKENDS=str(tmp_path)) == "None"
