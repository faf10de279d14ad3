"""Puts networks of the one tensor contract, written down node by node, into model repositories."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

MAX_BATCH = 8


def graph(
    name: str,
    nodes: Sequence[NodeProto],
    constants: Mapping[str, Any],
    size_px: int,
) -> onnx.ModelProto:
    """Makes a network of nodes, from `image` to `alpha`, for square pictures."""
    image_shape: list[str | int] = ["n", size_px, size_px, 3]
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info("image", TensorProto.UINT8, image_shape)],
        [helper.make_tensor_value_info("alpha", TensorProto.FLOAT, image_shape[:3])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model


def save(repository: Path, name: str, model: onnx.ModelProto) -> Path:
    """Writes the graph; returns its file."""
    path = repository / name / "1" / "model.onnx"
    path.parent.mkdir(parents=True)
    onnx.save(model, path)
    return path


def configure(
    repository: Path, name: str, size_px: int, more: str, backend: str = "onnxruntime"
) -> None:
    """Writes how Triton serves it; `more` goes on from there."""
    config = f"""
name: "{name}"
backend: "{backend}"
max_batch_size: {MAX_BATCH}
input [{{ name: "image" data_type: TYPE_UINT8 dims: [{size_px}, {size_px}, 3] }}]
output [{{ name: "alpha" data_type: TYPE_FP32 dims: [{size_px}, {size_px}] }}]
instance_group [{{ count: 1 kind: KIND_AUTO }}]
{more}
"""
    (repository / name / "config.pbtxt").write_text(config)
