"""Runs one network with MNN, from any number of threads. Knows no service.

MNN computes convolutions of 3 x 3 by Winograd's minimal filtering, with a quarter of the products
that ONNX Runtime multiplies out (A. Lavin, S. Gray, Fast Algorithms for Convolutional Neural
Networks, CVPR 2016).
"""

import ctypes
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MOST_AT_A_TIME = 8
"""Pictures, as many as a batch has. Each needs working memory of its own, 110 MB for u2netp."""

_MOST_THREADS_ALONE = 4
"""More cores than these speed up one picture too little."""

_NO_ERROR = 0
_STDOUT = 1

_output_lock = Lock()


@contextmanager
def _quietly() -> Iterator[None]:
    """Keeps what the library prints of itself off this process's standard output.

    It writes by C's buffered functions, past `sys.stdout`, and so for this while what any other
    thread writes there is lost, too. Ours write nothing there.
    """
    flush = ctypes.CDLL(None).fflush
    with _output_lock, open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - there is no path to it
        if sys.stdout:
            sys.stdout.flush()
        flush(None)
        kept = os.dup(_STDOUT)
        try:
            os.dup2(nowhere.fileno(), _STDOUT)
            yield
        finally:
            flush(None)
            os.dup2(kept, _STDOUT)
            os.close(kept)


# Not by way of `MNN.tools`, which report to their maker and install what they need for it.
with _quietly():
    import _mnncengine as mnn


class MnnNetwork:
    """One network, loaded and ready to run.

    A picture alone is computed on several cores. Where others are at work, on pictures or on
    anything else, each has a core of its own: threads that share a picture would wait for each
    other, and lose what others take meanwhile. So it uses at most 8 cores. The answers of the two
    ways differ by rounding, by less than 1e-3 at single cells and 1e-5 in the mean; those of one
    way are the same to the last bit, whatever else runs.
    """

    def __init__(self, path: Path, threads: int) -> None:
        """Loads the network, to use as many cores as `threads`, and at most 8.

        Raises:
            RuntimeError: MNN cannot load the file, or cannot run it.
        """
        threads = max(1, threads)
        # The one of several threads first: it decides how many there are in this process, for all
        # networks and for good.
        alone = _Run(path, min(threads, _MOST_THREADS_ALONE))
        count = min(threads, _MOST_AT_A_TIME)
        self._alone = _queue([alone])
        self._beside = self._alone if count == 1 else _queue([_Run(path, 1) for _ in range(count)])
        self._count = count
        self._running = 0
        self._running_lock = Lock()
        # Lone pictures come here, too, so that there is one place to wait for all.
        self._workers = ThreadPoolExecutor(count + 1, thread_name_prefix="mnn")

    @property
    def runs_at_a_time(self) -> int:
        """See `Network.runs_at_a_time`. Every picture has a core of its own."""
        return self._count

    def run(self, batch_u8: NDArray[np.uint8], *, alone: bool = True) -> NDArray[np.float32]:
        """See `Network.run`.

        Raises:
            ValueError: the network does not take pictures of their size.
            RuntimeError: the network failed on these pictures, or is closed.
        """
        with self._counted(len(batch_u8)) as running:
            free = self._alone if alone and running == 1 else self._beside
            return np.stack(list(self._workers.map(partial(_answer, free), batch_u8)))

    @contextmanager
    def _counted(self, pictures: int) -> Iterator[int]:
        """Gives how many pictures run, these included."""
        with self._running_lock:
            self._running += pictures
            running = self._running
        try:
            yield running
        finally:
            with self._running_lock:
                self._running -= pictures

    def close(self) -> None:
        """Waits for the runs in flight and frees the network, which cannot run any more."""
        self._workers.shutdown(wait=True)
        for queue in (self._alone, self._beside):
            while not queue.empty():
                queue.get()


def _queue(runs: Sequence["_Run"]) -> "SimpleQueue[_Run]":
    queue: SimpleQueue[_Run] = SimpleQueue()
    for each in runs:
        queue.put(each)
    return queue


def _answer(free: "SimpleQueue[_Run]", picture_u8: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Waits for a run that is free, and lets it answer."""
    run = free.get()
    try:
        return run(picture_u8)
    finally:
        free.put(run)


class _Run:
    """The network with working memory for one picture at a time."""

    def __init__(self, path: Path, threads: int) -> None:
        # "normal" is single precision; "low" would be half where the processor has it.
        options = {"backend": "CPU", "precision": "normal", "numThread": threads}
        try:
            with _quietly():
                # Its own interpreter, since one lets only one session run at a time.
                self._interpreter = mnn.Interpreter(str(path))
                self._session = self._interpreter.createSession(options)
            self._planes = self._interpreter.getSessionInput(self._session)
            self._alpha = self._interpreter.getSessionOutput(self._session)
            self._size_px = tuple(self._planes.getShape()[2:])
        except Exception as error:
            raise RuntimeError(f"MNN cannot load {path}.") from error

    def __call__(self, picture_u8: NDArray[np.uint8]) -> NDArray[np.float32]:
        if picture_u8.shape != (*self._size_px, 3):
            raise ValueError(
                f"The network takes pictures of {(*self._size_px, 3)}, not {picture_u8.shape}."
            )
        planes_f32 = np.ascontiguousarray(picture_u8.transpose(2, 0, 1), np.float32)
        self._planes.copyFrom(_tensor(planes_f32[np.newaxis]))
        status = self._interpreter.runSession(self._session)
        if status != _NO_ERROR:
            raise RuntimeError(f"MNN failed with code {status}.")
        # Its own tensor lies in memory that the next run writes to.
        answer = _tensor(np.empty((1, *self._size_px), np.float32))
        self._alpha.copyToHostTensor(answer)
        alpha_f32: NDArray[np.float32] = answer.getNumpyData()[0].copy()
        return alpha_f32


def _tensor(values_f32: NDArray[np.float32]) -> Any:  # noqa: ANN401 - its classes have no types
    return mnn.Tensor(
        values_f32.shape, mnn.Halide_Type_Float, values_f32, mnn.Tensor_DimensionType_Caffe
    )
