"""Where networks run, and which library computes them there. Loads none of them, nor NumPy."""

from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

Device = Literal["cpu", "cuda"]

MNN_FORM = "model.mnn"
"""What the installation of some networks writes for MNN, beside their graph."""

MOST_CORES_OF_MNN = 12
"""It gives each picture of a batch one core, and batches have 8: with more cores than these ONNX
Runtime, which splits each picture, does more in spite of its products."""

_MNN_LIBRARY = "_mnncengine"
_INSTALL = "`pip install 'mattebox[models]'`"


class CpuRuntime(StrEnum):
    """What computes networks on a CPU."""

    AUTO = "auto"
    """MNN where it is installed, the network has a form for it and cores are few; ONNX Runtime
    otherwise."""

    MNN = "mnn"
    ONNXRUNTIME = "onnxruntime"


class RuntimeMissingError(RuntimeError):
    """A library is not installed, or the network was not installed for it."""


def chosen(graph: Path, threads: int, wanted: CpuRuntime) -> CpuRuntime:
    """Tells what computes the network of a file ``model.onnx`` on so many cores; never AUTO.

    Raises:
        RuntimeMissingError: what is demanded is not there; another one is never taken instead.
    """
    if wanted is CpuRuntime.ONNXRUNTIME:
        return CpuRuntime.ONNXRUNTIME
    reason = _why_not_mnn(graph.with_name(MNN_FORM))
    if wanted is CpuRuntime.MNN:
        if reason is not None:
            raise RuntimeMissingError(reason)
        return CpuRuntime.MNN
    few = threads <= MOST_CORES_OF_MNN
    return CpuRuntime.MNN if few and reason is None else CpuRuntime.ONNXRUNTIME


def mnn_is_installed() -> bool:
    """Tells whether the library is there."""
    return find_spec(_MNN_LIBRARY) is not None


def not_installed(title: str) -> RuntimeMissingError:
    """Makes the error of a library that cannot be loaded."""
    return RuntimeMissingError(f"{title} is not installed; {_INSTALL}.")


def _why_not_mnn(form: Path) -> str | None:
    if not mnn_is_installed():
        return str(not_installed("MNN"))
    if not form.is_file():
        return f"{form} is not there: the network has no form for MNN, or none was installed."
    return None
