"""What could run the network here: the Triton of the wheel, and libraries inside the segmenter."""

import os
import platform
import sys
import sysconfig
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from mattebox.up import triton_wheel
from mattebox.up.options import EngineChoice
from mattebox.up.plans import CPU_RUNTIME_VARIABLE
from mattebox.up.triton_wheel import TritonWheel
from segmenter.inference.runtimes import mnn_is_installed


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """All that decides which engine can run."""

    wanted: EngineChoice
    python: tuple[int, int, int]
    shared_library: Path | None
    """libpython, which the Triton backend loads; None where this Python has none."""

    system: str
    machine: str
    glibc: tuple[int, int] | None
    """None on systems with another C library."""

    wheel: TritonWheel | None
    missing_parts: tuple[Path, ...]
    """Of the wheel and our backend."""

    loader_error: str | None
    """Why the backend cannot be loaded; None if it can, or was not tried."""

    numpy: str | None
    onnxruntime_is_installed: bool
    mnn_is_installed: bool
    cpu_runtime: str | None
    """What the environment demands."""


def gather(wanted: EngineChoice) -> EngineFacts:
    """Looks at the running Python and what is installed for it."""
    wheel = triton_wheel.locate()
    parts = [] if wheel is None else [wheel.server, wheel.stub, wheel.onnxruntime_backend]
    missing = tuple(part for part in parts if not part.is_file())
    can_try = wheel is not None and wheel.stub not in missing and wanted != EngineChoice.ONNXRUNTIME
    return EngineFacts(
        wanted=wanted,
        python=sys.version_info[:3],
        shared_library=_shared_library(),
        system=sys.platform,
        machine=platform.machine(),
        glibc=_glibc(),
        wheel=wheel,
        missing_parts=missing,
        loader_error=triton_wheel.loader_error(wheel) if wheel and can_try else None,
        numpy=_version("numpy"),
        onnxruntime_is_installed=find_spec("onnxruntime") is not None,
        mnn_is_installed=mnn_is_installed(),
        cpu_runtime=os.environ.get(CPU_RUNTIME_VARIABLE),
    )


def _shared_library() -> Path | None:
    folder, name = sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("INSTSONAME")
    if not folder or not name or ".so" not in name:
        return None
    path = Path(folder, name)
    return path if path.is_file() else None


def _glibc() -> tuple[int, int] | None:
    name, number = platform.libc_ver()
    try:
        major, minor = map(int, number.split(".")[:2])
    except ValueError:
        return None
    return (major, minor) if name == "glibc" else None


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
