"""Finds the Triton server in the wheel nvidia-pytriton, and what keeps it from running here.

Imports neither that package nor NumPy: both are large, and this process lives long.
"""

import os
import platform
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

BACKENDS_VARIABLE = "MATTEBOX_TRITON_BACKENDS"

_INSTALL = "`pip install 'mattebox[triton]'`"
_CANNOT_LOAD = 127
_LOADER_TIMEOUT_S = 20


@dataclass(frozen=True, slots=True)
class TritonWheel:
    """The parts of the wheel, and our backend, that make up a server."""

    server: Path
    python_backend: Path
    stub: Path
    """The program of the Python backend for the running Python version."""

    libraries: Path
    onnxruntime_backend: Path
    """Our `model.py`, which stands in for the native ONNX Runtime backend."""

    @property
    def library_path(self) -> str:
        """The value of LD_LIBRARY_PATH: the running Python's own library must come first."""
        folders = [
            sysconfig.get_config_var("LIBDIR"),
            str(self.libraries),
            os.environ.get("LD_LIBRARY_PATH"),
        ]
        return os.pathsep.join(folder for folder in folders if folder)


def locate() -> TritonWheel | None:
    """Finds the wheel; None where it is not installed. Its parts may still be missing."""
    spec = find_spec("pytriton")
    if spec is None or spec.origin is None:
        return None
    package = Path(spec.origin).parent
    triton = package / "tritonserver"
    return TritonWheel(
        server=triton / "bin" / "tritonserver",
        python_backend=triton / "backends" / "python",
        stub=triton / "python_backend_stubs" / _python_version() / "triton_python_backend_stub",
        libraries=package.parent / "nvidia_pytriton.libs",
        onnxruntime_backend=_backends(os.environ) / "onnxruntime" / "model.py",
    )


def why_not(wheel: TritonWheel | None) -> str | None:
    """Says in one sentence why Triton cannot run here; None if it can."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return f"The Triton wheel is for Linux on x86-64, not {sys.platform} {platform.machine()}."
    if wheel is None:
        return f"The package nvidia-pytriton is not installed; {_INSTALL}."
    if not wheel.server.is_file():
        return f"The package nvidia-pytriton holds no server at {wheel.server}."
    if not wheel.stub.is_file():
        return f"The Triton wheel has no backend for Python {_python_version()}; use 3.11 or 3.12."
    if not wheel.onnxruntime_backend.is_file():
        return (
            f"Triton's backend for ONNX models is not at {wheel.onnxruntime_backend};"
            f" set {BACKENDS_VARIABLE} to the folder deploy/triton/backends of a checkout."
        )
    return _wrong_packages() or loader_error(wheel)


def _python_version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _backends(env: Mapping[str, str]) -> Path:
    """Finds our backends: where the operator says, or in an installed wheel, or in a checkout."""
    if chosen := env.get(BACKENDS_VARIABLE):
        return Path(chosen)
    packaged = Path(__file__).parent / "backends"
    checkout = Path(__file__).parents[3]
    return packaged if packaged.is_dir() else checkout / "deploy" / "triton" / "backends"


def _wrong_packages() -> str | None:
    try:
        numpy = version("numpy")
        version("onnxruntime")
    except PackageNotFoundError as error:
        return f"The package {error.name} is not installed; {_INSTALL}."
    if int(numpy.partition(".")[0]) >= 2:
        return f"This Triton computes wrong pixels with NumPy {numpy}; {_INSTALL}."
    return None


def loader_error(wheel: TritonWheel) -> str | None:
    """Says why the system cannot load the stub; None if it can.

    Without its libpython, Triton would hang for ever.
    """
    env = {"LD_LIBRARY_PATH": wheel.library_path}
    try:
        result = subprocess.run(
            [wheel.stub], env=env, capture_output=True, timeout=_LOADER_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"Triton's Python backend cannot be started: {error}."
    if result.returncode != _CANNOT_LOAD:
        return None  # it has started, and ended because it was given no model
    reason = result.stderr.decode(errors="replace").strip().rpartition("libraries: ")[2]
    return f"Triton's Python backend cannot be loaded: {reason}."
