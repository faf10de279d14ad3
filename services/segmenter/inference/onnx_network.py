"""Runs one network with ONNX Runtime, from any number of threads. Knows no service."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Its wheels report to their maker unless told otherwise, and this is read while it is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime as ort

from segmenter.inference.runtimes import Device

_PROVIDERS: dict[Device, str] = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}

# More cores than these speed up one image too little; with so many more, images run side by side.
# Each image at a time needs as much working memory as the first.
_CORES_AN_IMAGE = 4


class DeviceMissingError(RuntimeError):
    """The demanded device, or the ONNX Runtime that drives it, is not there."""


class OnnxNetwork:
    """One network, loaded and ready to run.

    A GPU runs a batch whole. A CPU gains no speed by that and needs memory in proportion, so
    there each image is a run of its own. The answers are the same to the last bit, however the
    images are grouped and whatever else runs.
    """

    def __init__(self, model_path: Path, threads: int, device: Device = "cpu") -> None:
        """Loads the network, to use as many cores as `threads`.

        Raises:
            DeviceMissingError: `device` is not there; another one is never taken instead.
            Exception: ONNX Runtime cannot load the file.
        """
        self._runs_whole = device != "cpu"
        self._session = _open(model_path, threads, _PROVIDERS[device])
        self._runs = ThreadPoolExecutor(max(1, threads // _CORES_AN_IMAGE))

    @property
    def runs_at_a_time(self) -> int:
        """See `Network.runs_at_a_time`. One uses all that there is."""
        return 1

    def run(self, batch_u8: NDArray[np.uint8], *, alone: bool = True) -> NDArray[np.float32]:  # noqa: ARG002
        """See `Network.run`. It makes no difference whether it is alone."""
        if self._runs_whole:
            return self._answer(batch_u8)
        images = np.split(batch_u8, len(batch_u8))
        return np.concatenate(list(self._runs.map(self._answer, images)))

    def close(self) -> None:
        """Waits for the runs in flight and frees the network, which cannot run any more."""
        self._runs.shutdown(wait=True)
        del self._session

    def _answer(self, batch_u8: NDArray[np.uint8]) -> NDArray[np.float32]:
        alpha_f32: NDArray[np.float32] = self._session.run(["alpha"], {"image": batch_u8})[0]
        return alpha_f32


def _open(model_path: Path, threads: int, provider: str) -> Any:  # noqa: ANN401 - it has no types
    if provider not in ort.get_available_providers():
        raise DeviceMissingError(
            f"The installed ONNX Runtime has no {provider}; install a build of it that has,"
            " or choose another device."
        )
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    # Patterns reserve the memory of a whole run at once, a third more than it needs step by step.
    options.enable_mem_pattern = False
    # A waiting thread that spins takes the core from the one that decodes the next picture.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = ort.InferenceSession(str(model_path), options, [provider], enable_fallback=0)
    # A driver that cannot be loaded is only logged, and the CPU taken instead.
    if session.get_providers()[0] != provider:
        raise DeviceMissingError(f"{provider} cannot be used; the log above says why.")
    return session
