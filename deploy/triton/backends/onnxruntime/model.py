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

import json
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils  # type: ignore[import-not-found]  # Triton has it
from numpy.typing import NDArray

from bounds.cores import available_cores
from segmenter.inference.networks import open_network
from segmenter.inference.runtimes import CpuRuntime, Device

_INPUT = "image"
_OUTPUT = "alpha"
_ALONE = "alone"


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
        count = self._network.runs_at_a_time
        self._free_runs = BoundedSemaphore(count)
        self._runs = ThreadPoolExecutor(count, thread_name_prefix="answers")

    def execute(self, requests: list[Any]) -> None:
        """Begins to answer requests; those cancelled meanwhile cost nothing.

        Returns once another run can begin: what Triton holds until then it can refuse, and merge.
        """
        asked = [_Asked(request) for request in requests]
        is_one_run = self._network.runs_at_a_time == 1
        for group in [asked] if is_one_run else [[each] for each in asked]:
            self._free_runs.acquire()
            self._runs.submit(self._answer, group)
        with self._free_runs:
            pass

    def _answer(self, asked: "list[_Asked]") -> None:
        """Answers requests in one run of the network, and tells that another can begin."""
        try:
            wanted = [each for each in asked if each.is_wanted()]
            if wanted:
                self._run(wanted)
        except Exception:  # noqa: BLE001 - nobody listens to this thread
            pb_utils.Logger.log_error(traceback.format_exc())
        finally:
            self._free_runs.release()

    def _run(self, asked: "list[_Asked]") -> None:
        batches = [each.batch_u8 for each in asked]
        alone = all(each.alone for each in asked)
        try:
            batch_u8 = np.concatenate(batches) if len(batches) > 1 else batches[0]
            alphas_f32 = self._network.run(batch_u8, alone=alone)
        except Exception as error:  # noqa: BLE001 - raised on, its traceback would reach callers
            pb_utils.Logger.log_error(traceback.format_exc())
            for each in asked:
                each.refuse(f"The network failed: {error}", "INTERNAL")
            return
        ends = np.cumsum([len(batch) for batch in batches])
        for each, answer_f32 in zip(asked, np.split(alphas_f32, ends[:-1]), strict=True):
            each.answer(answer_f32)

    def finalize(self) -> None:
        """Waits for the runs in flight and frees the network."""
        self._runs.shutdown(wait=True)
        self._network.close()


class _Asked:
    """A request, and the way back to who asked."""

    def __init__(self, request: Any) -> None:  # noqa: ANN401 - Triton's classes have no types
        self._request = request
        self._sender = request.get_response_sender()
        self.batch_u8: NDArray[np.uint8] = pb_utils.get_input_tensor_by_name(
            request, _INPUT
        ).as_numpy()
        parameters = json.loads(request.parameters() or "{}")
        self.alone = parameters.get(_ALONE, True) is True

    def is_wanted(self) -> bool:
        """Tells whether the caller still waits; refuses the request where not."""
        if self._request.is_cancelled():
            self.refuse("The request was cancelled.", "CANCELLED")
            return False
        return True

    def answer(self, alpha_f32: NDArray[np.float32]) -> None:
        """Sends the answer."""
        self._send(pb_utils.InferenceResponse([pb_utils.Tensor(_OUTPUT, alpha_f32)]))

    def refuse(self, message: str, code: str) -> None:
        """Sends an error instead."""
        self._send(
            pb_utils.InferenceResponse(
                error=pb_utils.TritonError(message, getattr(pb_utils.TritonError, code))
            )
        )

    def _send(self, response: Any) -> None:  # noqa: ANN401 - Triton's classes have no types
        self._sender.send(response, flags=pb_utils.TRITONSERVER_RESPONSE_COMPLETE_FINAL)


def _keep_others_out() -> None:
    """Keeps other users from the shared memory in which pictures pass between Triton and here.

    Triton lets them read it, whatever the umask is. No picture is in it yet.
    """
    fields = [line.split(maxsplit=5) for line in Path("/proc/self/maps").read_text().splitlines()]
    for name in {field[5] for field in fields if len(field) == 6}:
        if name.startswith("/dev/shm/"):  # noqa: S108  where Linux keeps it
            with contextlib.suppress(FileNotFoundError):  # it has no name any more
                Path(name).chmod(0o600)
