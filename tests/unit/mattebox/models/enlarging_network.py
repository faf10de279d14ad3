"""A small wrapped graph as exporters write it: a map of one channel, enlarged to computed sizes."""

from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import GraphProto, TensorProto, helper

from tests.unit.mattebox.models.small_network import stored

SIDE_PX = 16
CHANNELS = 16
PICTURES = np.random.default_rng(5).integers(0, 256, (2, SIDE_PX, SIDE_PX, 3), np.uint8)


def wrapped(
    *,
    side_px: int = SIDE_PX,
    channels: int = CHANNELS,
    kernel_px: int = 3,
    strides: int = 1,
    ratio: tuple[float, float] = (2, 2),
    opset: int = 13,
    with_bias: bool = True,
    **resize: Any,
) -> bytes:
    """Halves a picture, convolves it to one map, and enlarges that to a computed size."""
    rng = np.random.default_rng(3)
    weights = rng.normal(0, 0.1, (1, channels, kernel_px, kernel_px)).astype(np.float32)
    read = ["features", "weights", *(["bias"] if with_bias else [])]
    pads = [kernel_px // 2] * 4
    strided: dict[str, Any] = {"strides": [strides] * 2} if strides != 1 else {}
    given: dict[str, Any] = {
        "mode": "linear",
        "coordinate_transformation_mode": "pytorch_half_pixel",
    } | resize
    nodes = [
        helper.make_node("Cast", ["image"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["floats"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["planes", "mix"], ["features"], strides=[2, 2]),
        helper.make_node("Conv", read, ["map"], name="to one", pads=pads, **strided),
        helper.make_node("Shape", ["map"], ["size"]),
        helper.make_node("Cast", ["size"], ["size as floats"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["size as floats", "ratio"], ["larger"]),
        helper.make_node("Cast", ["larger"], ["sizes"], to=TensorProto.INT64),
        helper.make_node("Resize", ["map", "roi", "", "sizes"], ["enlarged"], **given),
        helper.make_node("Squeeze", ["enlarged", "channel axis"], ["alpha"]),
    ]
    if opset == 11:
        nodes[8].input[2] = "no scales"
        nodes[9] = helper.make_node("Squeeze", ["enlarged"], ["alpha"], axes=[1])
    graph = helper.make_graph(
        nodes,
        "computed sizes",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["N", side_px, side_px, 3])],
        [helper.make_tensor_value_info("alpha", TensorProto.FLOAT, ["N", None, None])],
        [
            stored("mix", rng.normal(0, 0.01, (channels, 3, 1, 1)).astype(np.float32)),
            stored("weights", weights),
            stored("bias", np.array([0.5], np.float32)),
            stored("ratio", np.array([1, 1, *ratio], np.float32)),
            stored("roi", np.zeros(0, np.float32)),
            stored("no scales", np.zeros(0, np.float32)),
            stored("channel axis", np.array([1], np.int64)),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    return bytes(model.SerializeToString())


def operators(built: bytes) -> list[str]:
    return [node.op_type for node in graph_of(built).node]


def graph_of(built: bytes) -> GraphProto:
    return onnx.load_model_from_string(built).graph


def run(graph: bytes) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    alpha_f32: NDArray[np.float32] = session.run(["alpha"], {"image": PICTURES})[0]
    return alpha_f32
