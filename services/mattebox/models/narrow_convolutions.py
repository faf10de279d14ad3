"""Lets convolutions to a single channel compute sixteen neighbours at once. Knows no card.

ONNX Runtime computes 8 or 16 channels at a time and pads what is less, so a map of one channel
costs as much as sixteen. Here a block of 4 x 4 pixels takes the place of the channels: one
convolution with a stride of 4 gives the 16 values of a block, and DepthToSpace lays them out. Each
is the same sum of products as before.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, NodeProto, TensorProto, helper, numpy_helper

from mattebox.models import graph_edit
from mattebox.models.tensor_shapes import Shape

BLOCK_PX = 4
"""The side of a block: as many pixels as a vector of AVX-512 has floats."""

KERNEL_PX = 3
"""The side of the kernels that are looked for."""

IN_BLOCKS = "lean/blocks/"
"""How the names of all begin that is in blocks."""

_BLOCK_KERNEL_PX = BLOCK_PX + KERNEL_PX - 1
_FEWEST_CHANNELS = 16
_TENSOR = IN_BLOCKS + "{}"
_ORDINARY = {
    "kernel_shape": [KERNEL_PX, KERNEL_PX],
    "pads": [1, 1, 1, 1],
    "strides": [1, 1],
    "dilations": [1, 1],
    "group": 1,
    "auto_pad": b"NOTSET",
}


def find(graph: GraphProto) -> list[NodeProto]:
    """The convolutions of 3 x 3 from many channels to one that keep the size of their map."""
    stored = {each.name: each for each in graph.initializer}
    return [node for node in graph.node if _is_narrow(node, stored)]


def spread(graph: GraphProto, shapes: dict[str, Shape]) -> None:
    """Rewrites those whose map, float [N, C, H, W], divides into blocks."""
    stored = {each.name: each for each in graph.initializer}
    for index in reversed(range(len(graph.node))):
        node = graph.node[index]
        if _is_narrow(node, stored) and not any(px % BLOCK_PX for px in shapes[node.input[0]][2:]):
            graph.node.insert(index + 1, _laid_out(node.output[0]))
            graph.initializer.extend(_constants(node, stored))
            graph.node[index].CopyFrom(_in_blocks(node))


def _is_narrow(node: NodeProto, stored: dict[str, TensorProto]) -> bool:
    if node.op_type != "Conv" or any(each not in stored for each in node.input[1:]):
        return False
    count, channels, *kernel = stored[node.input[1]].dims
    if count != 1 or channels < _FEWEST_CHANNELS or kernel != [KERNEL_PX, KERNEL_PX]:
        return False
    given = graph_edit.attributes(node)
    return "pads" in given and all(_ORDINARY[name] == value for name, value in given.items())


def _in_blocks(node: NodeProto) -> NodeProto:
    blocks = _TENSOR.format(node.output[0])
    return helper.make_node(
        "Conv",
        [node.input[0], *(f"{blocks}/{index}" for index in range(1, len(node.input)))],
        [blocks],
        name=node.name,
        kernel_shape=[_BLOCK_KERNEL_PX] * 2,
        strides=[BLOCK_PX] * 2,
        pads=[1, 1, 1, 1],
    )


def _laid_out(output: str) -> NodeProto:
    return helper.make_node("DepthToSpace", [_TENSOR.format(output)], [output], blocksize=BLOCK_PX)


def _constants(node: NodeProto, stored: dict[str, TensorProto]) -> Iterator[TensorProto]:
    """Weights and, where there is one, bias, by their place among the inputs."""
    shapings = enumerate((_shifted, _repeated), start=1)
    for (index, shaping), name in zip(shapings, node.input[1:], strict=False):
        values = shaping(numpy_helper.to_array(stored[name]))
        yield numpy_helper.from_array(values, f"{_TENSOR.format(node.output[0])}/{index}")


def _shifted(weights: NDArray[Any]) -> NDArray[Any]:
    """The kernel once for each pixel of a block, moved there; [16, C, 6, 6]."""
    shape = (BLOCK_PX**2, weights.shape[1], _BLOCK_KERNEL_PX, _BLOCK_KERNEL_PX)
    shifted = np.zeros(shape, weights.dtype)
    for index in range(BLOCK_PX**2):
        y, x = divmod(index, BLOCK_PX)
        shifted[index, :, y : y + KERNEL_PX, x : x + KERNEL_PX] = weights[0]
    return shifted


def _repeated(bias: NDArray[Any]) -> NDArray[Any]:
    return np.repeat(bias, BLOCK_PX**2)
