"""A small wrapped graph with what networks are made of: layers, a skip, pooling, enlargement."""

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from mattebox.models import onnx_runs
from tests.unit.mattebox.models.small_network import stored

SIDE_PX = 16
PICTURES = np.random.default_rng(7).integers(0, 256, (4, SIDE_PX, SIDE_PX, 3), np.uint8)


def wrapped(opset: int = 13) -> bytes:
    """First, middle and last are convolutions; the last sees both sides of the skip."""
    rng = np.random.default_rng(11)

    def weights(count: int, channels: int) -> NDArray[np.float32]:
        scale = rng.uniform(0.1, 3, (count, 1, 1, 1)) / np.sqrt(channels * 9)
        values: NDArray[np.float64] = rng.normal(0, 1, (count, channels, 3, 3)) * scale
        return values.astype(np.float32)

    layers = {"first": weights(8, 3), "middle": weights(8, 8), "last": weights(1, 16)}
    halving: dict[str, Any] = {"kernel_shape": [2, 2], "strides": [2, 2]}
    nodes = [
        helper.make_node("Cast", ["image"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["floats", "one 64th"], ["scaled"]),
        helper.make_node("Transpose", ["scaled"], ["planes"], perm=[0, 3, 1, 2]),
        _convolution("first", "planes"),
        helper.make_node("Relu", ["first"], ["first, positive"]),
        helper.make_node("MaxPool", ["first, positive"], ["half"], **halving),
        _convolution("middle", "half"),
        helper.make_node("Relu", ["middle"], ["middle, positive"]),
        helper.make_node("Resize", ["middle, positive", "", "scales"], ["whole"], mode="linear"),
        helper.make_node("Concat", ["first, positive", "whole"], ["both"], axis=1),
        _convolution("last", "both"),
        helper.make_node("Sigmoid", ["last"], ["matte"]),
        helper.make_node("Reshape", ["matte", "shape"], ["alpha"]),
    ]  # fmt: skip
    constants = [stored(f"{name} weights", values) for name, values in layers.items()]
    constants += [
        stored(f"{name} bias", rng.normal(0, 0.1, len(values)).astype(np.float32))
        for name, values in layers.items()
    ]
    constants += [
        stored("one 64th", np.array(1 / 64, np.float32)),
        stored("scales", np.array([1, 1, 2, 2], np.float32)),
        stored("shape", np.array([0, SIDE_PX, SIDE_PX], np.int64)),
    ]
    if opset < 13:
        nodes[8].input[1] = "no region"
        constants.append(stored("no region", np.zeros(0, np.float32)))
    sides: list[str | int] = ["N", SIDE_PX, SIDE_PX]
    graph = helper.make_graph(
        nodes,
        "layered",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, [*sides, 3])],
        [helper.make_tensor_value_info("alpha", TensorProto.FLOAT, sides)],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString())


def ranges(names: tuple[str, ...]) -> dict[str, tuple[float, float]]:
    """The smallest and the largest value of tensors over the pictures."""
    model = onnx.load_model_from_string(wrapped())
    del model.graph.output[:]
    model.graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names
    )
    found = onnx_runs.run_all(onnx_runs.session(model.SerializeToString()), {"image": PICTURES})
    return {
        name: (float(each.min()), float(each.max()))
        for name, each in zip(names, found, strict=True)
    }


def mattes(graph: bytes, pictures: NDArray[np.uint8] = PICTURES) -> NDArray[np.float32]:
    return onnx_runs.run(onnx_runs.session(graph), "alpha", {"image": pictures})


def _convolution(name: str, reads: str) -> onnx.NodeProto:
    read = [reads, f"{name} weights", f"{name} bias"]
    return helper.make_node("Conv", read, [name], name=name, pads=[1, 1, 1, 1])
