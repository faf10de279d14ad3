"""A small network of the one tensor contract, to run engines on without a download."""

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from segmenter.inference.runtimes import MNN_FORM
from tests import network_files

SIZE_PX = 16


def install(repository: Path, name: str, queue_delay_us: int = 0) -> Path:
    """Puts a network of two convolutions into a model repository; returns its file."""
    path = network_files.save(repository, name, _graph())
    network_files.configure(repository, name, SIZE_PX, batching(queue_delay_us))
    return path


def batching(queue_delay_us: int = 0) -> str:
    """Tells Triton for how long to wait for company."""
    return f"dynamic_batching {{ max_queue_delay_microseconds: {queue_delay_us} }}"


def install_for_mnn(repository: Path, name: str) -> Path:
    """Puts the same network there with a form for MNN beside it; returns that."""
    from mattebox.models.mnn_form import mnn_form  # noqa: PLC0415 - few tests have use for it

    graph = install(repository, name)
    form = graph.with_name(MNN_FORM)
    form.write_bytes(mnn_form(graph.read_bytes(), list(pictures(2)[:, np.newaxis])).content)
    return form


def pictures(count: int, seed: int = 0) -> NDArray[np.uint8]:
    """Draws noise, uint8 [N, H, W, 3]."""
    random = np.random.default_rng(seed)
    return random.integers(0, 256, (count, SIZE_PX, SIZE_PX, 3), dtype=np.uint8)


def _graph() -> onnx.ModelProto:
    random = np.random.default_rng(0)
    constants = {
        "first": random.normal(0, 0.3, (8, 3, 3, 3)).astype(np.float32),
        "second": random.normal(0, 0.3, (1, 8, 3, 3)).astype(np.float32),
        "scale": np.float32(1 / 255),
        "axis": np.array([1], np.int64),
    }
    nodes = [
        helper.make_node("Transpose", ["image"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Cast", ["planes"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["floats", "scale"], ["scaled"]),
        helper.make_node("Conv", ["scaled", "first"], ["features"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["features"], ["active"]),
        helper.make_node("Conv", ["active", "second"], ["logits"], pads=[1, 1, 1, 1]),
        helper.make_node("Sigmoid", ["logits"], ["matte"]),
        helper.make_node("Squeeze", ["matte", "axis"], ["alpha"]),
    ]
    return network_files.graph("toy", nodes, constants, SIZE_PX)
