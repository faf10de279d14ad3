"""A small network of the one tensor contract, to run engines on without a download."""

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from segmenter.inference.runtimes import MNN_FORM

SIZE_PX = 16
MAX_BATCH = 8

CONFIG = f"""
backend: "onnxruntime"
max_batch_size: {MAX_BATCH}
input [{{ name: "image" data_type: TYPE_UINT8 dims: [{SIZE_PX}, {SIZE_PX}, 3] }}]
output [{{ name: "alpha" data_type: TYPE_FP32 dims: [{SIZE_PX}, {SIZE_PX}] }}]
instance_group [{{ count: 1 kind: KIND_AUTO }}]
dynamic_batching {{ max_queue_delay_microseconds: %d }}
"""


def install(repository: Path, name: str, queue_delay_us: int = 0) -> Path:
    """Puts a network of two convolutions into a model repository; returns its file."""
    path = repository / name / "1" / "model.onnx"
    path.parent.mkdir(parents=True)
    onnx.save(_graph(), path)
    config = f'name: "{name}"{CONFIG % queue_delay_us}'
    (repository / name / "config.pbtxt").write_text(config)
    return path


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
    image_shape: list[str | int] = ["n", SIZE_PX, SIZE_PX, 3]
    graph = helper.make_graph(
        nodes,
        "toy",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, image_shape)],
        [helper.make_tensor_value_info("alpha", TensorProto.FLOAT, image_shape[:3])],
        [numpy_helper.from_array(np.asarray(v), name) for name, v in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model
