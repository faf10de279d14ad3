# ruff: noqa: INP001 - Triton loads this file by its path
"""Triton's backend "onnxruntime" where its native one is missing: the PyPI wheel's server.

Serves every model whose configuration names that backend, through Triton's Python backend, so one
model repository runs here and in NVIDIA's container alike.
"""

import contextlib
import os
import site
import sys

# Triton starts the interpreter isolated: neither the virtual environment nor PYTHONPATH is seen,
# and packages of the interpreter's own must not stand before ours.
if folders := os.environ.get("MATTEBOX_SITE_PACKAGES"):
    sys.path[:] = [p for p in sys.path if not p.endswith(("site-packages", "dist-packages"))]
    for folder in folders.split(os.pathsep):
        site.addsitedir(folder)

import traceback
from pathlib import Path
from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils  # type: ignore[import-not-found]  # Triton has it
from numpy.typing import NDArray

from bounds.cores import available_cores
from segmenter.inference.networks import open_network
from segmenter.inference.runtimes import CpuRuntime, Device

_INPUT = "image"
_OUTPUT = "alpha"


class TritonPythonModel:
    """One instance of one model. Triton makes it, and calls it from one thread."""

    def initialize(self, args: dict[str, str]) -> None:
        """Loads the network, or refuses with the reason that Triton then logs."""
        if int(np.__version__.partition(".")[0]) >= 2:
            raise RuntimeError(
                f"Triton's Python backend passes wrong pixels with NumPy {np.__version__};"
                " install `numpy<2` in this environment."
            )
        _keep_others_out()
        path = Path(args["model_repository"], args["model_version"], "model.onnx")
        threads = int(os.environ.get("MATTEBOX_TRITON_THREADS") or available_cores())
        device: Device = "cuda" if args["model_instance_kind"] == "GPU" else "cpu"
        runtime = CpuRuntime(os.environ.get("MATTEBOX_CPU_RUNTIME") or CpuRuntime.AUTO)
        self._network = open_network(path, threads, device, runtime)

    def execute(self, requests: list[Any]) -> list[Any]:
        """Answers requests in one run of the network; those cancelled meanwhile cost nothing."""
        images = {
            index: pb_utils.get_input_tensor_by_name(request, _INPUT).as_numpy()
            for index, request in enumerate(requests)
            if not request.is_cancelled()
        }
        responses = [_error("The request was cancelled.", "CANCELLED") for _ in requests]
        try:
            answers = self._run(list(images.values()))
        except Exception as error:  # noqa: BLE001 - raised on, its traceback would reach callers
            pb_utils.Logger.log_error(traceback.format_exc())
            for index in images:
                responses[index] = _error(f"The network failed: {error}", "INTERNAL")
        else:
            for index, alpha in zip(images, answers, strict=True):
                tensor = pb_utils.Tensor(_OUTPUT, alpha)
                responses[index] = pb_utils.InferenceResponse([tensor])
        return responses

    def _run(self, batches: list[NDArray[np.uint8]]) -> list[NDArray[np.float32]]:
        if not batches:
            return []
        alpha = self._network.run(np.concatenate(batches) if len(batches) > 1 else batches[0])
        return np.split(alpha, np.cumsum([len(batch) for batch in batches])[:-1])

    def finalize(self) -> None:
        """Frees the network."""
        self._network.close()


def _keep_others_out() -> None:
    """Keeps other users from the shared memory in which pictures pass between Triton and here.

    Triton lets them read it, whatever the umask is. No picture is in it yet.
    """
    fields = [line.split(maxsplit=5) for line in Path("/proc/self/maps").read_text().splitlines()]
    for name in {field[5] for field in fields if len(field) == 6}:
        if name.startswith("/dev/shm/"):  # noqa: S108  where Linux keeps it
            with contextlib.suppress(FileNotFoundError):  # it has no name any more
                Path(name).chmod(0o600)


def _error(message: str, code: str) -> Any:  # noqa: ANN401 - Triton's classes have no types
    error = pb_utils.TritonError(message, getattr(pb_utils.TritonError, code))
    return pb_utils.InferenceResponse(error=error)
