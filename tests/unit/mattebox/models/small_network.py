"""A published network small enough to be computed by hand, and all that an installation needs."""

import hashlib
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from segmenter.inference import known_answer

HEIGHT_PX, WIDTH_PX = 16, 24
WEIGHTS = np.array([1.5, -2.0, 0.5], np.float32)
BIAS = -0.25
MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)
MEMBER = "net/tiny.onnx"


@dataclass(frozen=True)
class Network:
    """How the small network is published."""

    ends_in_sigmoid: bool = False
    keeps_batch_of_one: bool = False
    opset: int = 11
    input: str = "input.1"
    output: str = "1959"


def graph_of(network: Network) -> bytes:
    """One convolution to a single map; a second map nobody reads, with weights of its own."""
    logits = "logits" if network.ends_in_sigmoid or network.keeps_batch_of_one else network.output
    nodes = [
        helper.make_node("Conv", [network.input, "weights", "bias"], [logits]),
        helper.make_node("Conv", [network.input, "side weights"], ["side"]),
    ]
    if network.ends_in_sigmoid:
        nodes.append(helper.make_node("Sigmoid", ["logits"], [network.output]))
    if network.keeps_batch_of_one:
        nodes.append(helper.make_node("Reshape", ["logits", "fixed"], [network.output]))
    shape = [1, 1, HEIGHT_PX, WIDTH_PX]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [tensor(network.input, [1, 3, HEIGHT_PX, WIDTH_PX])],
        [tensor(network.output, shape), tensor("side", shape)],
        [
            stored("weights", WEIGHTS.reshape(1, 3, 1, 1)),
            stored("bias", np.array([BIAS], np.float32)),
            stored("side weights", np.ones((1, 3, 1, 1), np.float32)),
            stored("fixed", np.array(shape, np.int64)),
        ],
        value_info=[tensor("logits", shape)] if logits == "logits" else [],
    )
    return published(graph, network.opset)


def published(graph: onnx.GraphProto, opset: int = 11) -> bytes:
    opsets = [helper.make_opsetid("", opset)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString()


def tensor(name: str, shape: list[int]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def stored(name: str, values: NDArray[np.generic]) -> onnx.TensorProto:
    return numpy_helper.from_array(values, name)


def matte_of(picture_u8: NDArray[np.uint8], scale: str = "image_maximum") -> NDArray[np.float64]:
    """What the network answers, float [H, W], computed without ONNX."""
    matte: NDArray[np.float64] = 1 / (1 + np.exp(-logits_of(picture_u8, scale)))
    return matte


def logits_of(picture_u8: NDArray[np.uint8], scale: str = "image_maximum") -> NDArray[np.float64]:
    """What stands before its sigmoid, float [H, W]."""
    divisor = 255 if scale == "255" else max(picture_u8.max(), 1)
    normal = (picture_u8 / divisor - MEAN) / DEVIATION
    logits: NDArray[np.float64] = normal @ WEIGHTS + BIAS
    return logits


def write_wheel(
    path: Path, graph: bytes, *, change: Callable[[dict[str, bytes]], object] = lambda _: None
) -> Path:
    """A wheel that pip accepts, with the graph in it."""
    distribution, version = path.name.split("-")[:2]
    info = f"{distribution}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
    files = {
        MEMBER: graph,
        f"{info}/METADATA": metadata.encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
    change(files)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


CARD = """
name = "tiny"
title = "Tiny"
{source}
[graph]
input = "{input}"
output = "{output}"
height_px = 16
width_px = 24
layout = "NCHW"

[preprocessing]
scale = "{scale}"
mean = [0.485, 0.456, 0.406]
deviation = [0.229, 0.224, 0.225]

[postprocessing]
activation = "{activation}"

[licence]
spdx = "MIT"
holder = "Nobody, https://example.com"
source = "https://example.com/LICENSE"
text_file = "MIT.txt"
notice = "Nobody made this."
commercial_use = "yes"
commercial_use_note = "Gladly."
"""

SOURCE = """
[source]
distribution = "tiny-net"
version = "1.0"
wheel = "tiny_net-1.0-py3-none-any.whl"
wheel_sha256 = "{wheel_sha256}"
member = "net/tiny.onnx"
python = "3.11"

[file]
sha256 = "{sha256}"
size_bytes = {size_bytes}
"""

CONFIG = """
name: "tiny"
backend: "onnxruntime"
max_batch_size: 4
input [ {{ name: "image" data_type: TYPE_UINT8 dims: [ 16, 24, 3 ] }} ]
output [ {{ name: "alpha" data_type: TYPE_FP32 dims: [ 16, 24 ] }} ]
parameters {{ key: "known_answer" value {{ string_value: "{known_answer}" }} }}
"""


def config_text(scale: str = "image_maximum") -> str:
    matte_f32 = matte_of(known_answer.picture(HEIGHT_PX, WIDTH_PX), scale).astype(np.float32)
    return CONFIG.format(known_answer=known_answer.to_text(known_answer.fingerprint(matte_f32)))
