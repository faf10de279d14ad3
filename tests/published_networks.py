"""Small networks in the shapes in which networks are published, to install without a download."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Axis = int | str


@dataclass(frozen=True)
class Shape:
    """How a network is published."""

    height: Axis = 32
    width: Axis = 48
    """A name stands for an axis that the file leaves free."""
    batch: Axis = 1
    ends_in: Literal["logits", "sigmoid", "min_max"] = "sigmoid"
    """`min_max` is a sigmoid, stretched over the whole tensor."""
    maps: int = 1
    """How many outputs there are; the first is the one to use."""
    is_channels_last: bool = False
    is_half: bool = False
    keeps_batch_of_one: bool = False
    """Whether a shape inside says that there is one picture."""
    input: str = "input"
    output: str = "output"
    seed: int = 0


def write(path: Path, shape: Shape) -> Path:
    """Publishes a network of two convolutions in a file; returns its path."""
    graph = helper.make_graph(
        [*_front(shape), *_body(shape), *_maps(shape)],
        "published",
        [_value(shape.input, _input_axes(shape), shape)],
        [_value(name, _output_axes(shape), shape) for name in _names(shape)],
        [numpy_helper.from_array(value, name) for name, value in _weights(shape).items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)
    return path


def _front(shape: Shape) -> list[onnx.NodeProto]:
    if not shape.is_channels_last:
        return [helper.make_node("Identity", [shape.input], ["planes"])]
    return [helper.make_node("Transpose", [shape.input], ["planes"], perm=[0, 3, 1, 2])]


def _body(shape: Shape) -> list[onnx.NodeProto]:
    reshaped = helper.make_node("Reshape", ["free", "one picture"], ["logits"])
    kept = helper.make_node("Identity", ["free"], ["logits"])
    return [
        helper.make_node("Conv", ["planes", "first"], ["features"], pads=[1, 1, 1, 1]),
        helper.make_node("Tanh", ["features"], ["active"]),
        helper.make_node("Conv", ["active", "second"], ["free"], pads=[1, 1, 1, 1]),
        reshaped if shape.keeps_batch_of_one else kept,
    ]


def _maps(shape: Shape) -> list[onnx.NodeProto]:
    node = helper.make_node
    used, *side = _names(shape)
    nodes = [node("Conv", ["active", "second"], [name], pads=[1, 1, 1, 1]) for name in side]
    match shape.ends_in:
        case "logits":
            nodes.append(node("Identity", ["logits"], [used]))
        case "sigmoid":
            nodes.append(node("Sigmoid", ["logits"], [used]))
        case "min_max":
            nodes += [
                node("Sigmoid", ["logits"], ["matte"]),
                node("ReduceMax", ["matte"], ["largest"]),
                node("ReduceMin", ["matte"], ["smallest"]),
                node("Sub", ["largest", "smallest"], ["range"]),
                node("Sub", ["matte", "smallest"], ["lowered"]),
                node("Add", ["range", "little"], ["divisor"]),
                node("Div", ["lowered", "divisor"], [used]),
            ]
    return nodes


def _weights(shape: Shape) -> dict[str, NDArray[np.generic]]:
    random = np.random.default_rng(shape.seed)
    dtype = np.float16 if shape.is_half else np.float32
    weights: dict[str, NDArray[np.generic]] = {
        "first": random.normal(0, 0.4, (6, 3, 3, 3)).astype(dtype),
        "second": random.normal(0, 0.8, (1, 6, 3, 3)).astype(dtype),
    }
    if shape.ends_in == "min_max":
        weights["little"] = np.array(1e-6, dtype)
    if shape.keeps_batch_of_one:
        weights["one picture"] = np.array([1, 1, shape.height, shape.width], np.int64)
    return weights


def _names(shape: Shape) -> list[str]:
    return [shape.output, *(f"side {number}" for number in range(1, shape.maps))]


def _input_axes(shape: Shape) -> list[Axis]:
    if shape.is_channels_last:
        return [shape.batch, shape.height, shape.width, 3]
    return [shape.batch, 3, shape.height, shape.width]


def _output_axes(shape: Shape) -> list[Axis]:
    return [shape.batch, 1, shape.height, shape.width]


def _value(name: str, axes: list[Axis], shape: Shape) -> onnx.ValueInfoProto:
    element = TensorProto.FLOAT16 if shape.is_half else TensorProto.FLOAT
    return helper.make_tensor_value_info(name, element, axes)
