"""Opens networks, each with the library that computes it."""

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from segmenter.inference.runtimes import MNN_FORM, CpuRuntime, Device, chosen, not_installed


class Network(Protocol):
    """A network, loaded and ready to run from any number of threads."""

    @property
    def runs_at_a_time(self) -> int:
        """How many runs are done sooner side by side than together in one."""

    def run(self, batch_u8: NDArray[np.uint8], *, alone: bool = True) -> NDArray[np.float32]:
        """Computes mattes, float32 [N, H, W] in 0..1, of N >= 1 pictures, uint8 [N, H, W, 3].

        `alone` says that nothing else is at work on these cores, as far as the caller knows.

        Raises:
            Exception: the network failed on these pictures, or does not take their size.
        """

    def close(self) -> None:
        """Waits for the runs in flight and frees the network, which cannot run any more."""


def open_network(
    graph: Path, threads: int, device: Device = "cpu", runtime: CpuRuntime = CpuRuntime.AUTO
) -> Network:
    """Loads a network, to use as many cores as `threads`.

    Args:
        graph: the file ``model.onnx``; what else the installation wrote lies beside it.
        threads: how many cores of a CPU.
        device: where it runs. A GPU is for ONNX Runtime alone.
        runtime: what computes it on a CPU.

    Raises:
        RuntimeMissingError: a library cannot be loaded, or what is demanded is not there.
        Exception: the library cannot load the file, or the device is not there.
    """
    if device == "cpu" and chosen(graph, threads, runtime) is CpuRuntime.MNN:
        return _by_mnn(graph.with_name(MNN_FORM), threads)
    return _by_onnx_runtime(graph, threads, device)


# Each library takes tens of megabytes, and either may be missing where the other serves.


def _by_mnn(form: Path, threads: int) -> Network:
    try:
        from segmenter.inference.mnn_network import MnnNetwork  # noqa: PLC0415
    except ImportError as error:
        raise not_installed("MNN") from error
    return MnnNetwork(form, threads)


def _by_onnx_runtime(graph: Path, threads: int, device: Device) -> Network:
    try:
        from segmenter.inference.onnx_network import OnnxNetwork  # noqa: PLC0415
    except ImportError as error:
        raise not_installed("ONNX Runtime") from error
    return OnnxNetwork(graph, threads, device)
