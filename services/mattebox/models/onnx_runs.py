"""Runs graphs on ONNX Runtime, on the CPU. Knows nothing of what they compute."""

import os
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bounds.cores import available_cores
from mattebox.models.errors import ProofError

# Its wheels report to their maker unless told otherwise, and this is read while it is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
from onnxruntime import InferenceSession, SessionOptions
from onnxruntime.capi import onnxruntime_pybind11_state as failures

Session: TypeAlias = InferenceSession

# Errors come as exceptions, and a graph that fails on a batch is no error.
_SILENT = 4
_FAILURES = (
    failures.Fail,
    failures.InvalidArgument,
    failures.InvalidGraph,
    failures.InvalidProtobuf,
    failures.NotImplemented,
    failures.RuntimeException,
)


def session(graph: bytes) -> Session:
    """Loads a graph.

    Raises:
        ProofError: it is none, or ONNX Runtime cannot load it.
    """
    options = SessionOptions()
    # Its own count goes by the machine, whatever a container may use of it.
    options.intra_op_num_threads = available_cores()
    options.log_severity_level = _SILENT
    try:
        return InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except _FAILURES as error:
        raise ProofError(
            f"ONNX Runtime cannot load the graph: {_line(error)} Export the network again, with"
            " operators that it has."
        ) from error


def size(session: Session) -> tuple[int, int]:
    """The height and width of the pictures that a wrapped graph takes."""
    _, height_px, width_px, _ = session.get_inputs()[0].shape
    return height_px, width_px


def run(
    session: Session, output: str, feed: Mapping[str, NDArray[np.generic]]
) -> NDArray[np.float32]:
    """Computes one output of a graph from all its inputs.

    Raises:
        ProofError: it cannot be run on these.
    """
    alpha_f32: NDArray[np.float32] = _run(session, [output], feed)[0]
    return alpha_f32


def run_all(session: Session, feed: Mapping[str, NDArray[np.generic]]) -> list[NDArray[Any]]:
    """Computes all outputs of a graph, in its order.

    Raises:
        ProofError: it cannot be run on these inputs.
    """
    return _run(session, None, feed)


def _run(
    session: Session, outputs: list[str] | None, feed: Mapping[str, NDArray[np.generic]]
) -> list[NDArray[Any]]:
    try:
        found: list[NDArray[Any]] = session.run(outputs, feed)
    except _FAILURES as error:
        count = next(iter(feed.values())).shape[0]
        raise ProofError(
            f"The graph cannot be run on a batch of {count}: {_line(error)}"
        ) from error
    return found


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
