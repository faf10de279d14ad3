"""Computes narrow convolutions tap by tap, which is quicker with MNN than in blocks.

For a convolution in blocks (`narrow_convolutions`) MNN gathers everything around each block anew.
Here each of the nine taps of the kernel is a product of matrices, whose nine maps are then moved by
a pixel or not, and summed up. Knows no card.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, NodeProto, TensorProto, helper, numpy_helper

from mattebox.models.narrow_convolutions import IN_BLOCKS, KERNEL_PX

_TAPS = KERNEL_PX**2


def take_apart(graph: GraphProto) -> None:
    """Rewrites all convolutions in blocks. The answers differ by rounding."""
    stored = {each.name: each for each in graph.initializer}
    blocks = {node.output[0]: node for node in graph.node if node.output[0].startswith(IN_BLOCKS)}
    nodes: list[NodeProto] = []
    for node in graph.node:
        # What lays blocks out comes after them, and all that they read was there before.
        if node.op_type == "DepthToSpace" and node.input[0] in blocks:
            apart = _Apart(blocks[node.input[0]], node.output[0])
            graph.initializer.extend(apart.constants(stored))
            nodes += apart.nodes()
        elif node.output[0] not in blocks:
            nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)


@dataclass(frozen=True, slots=True)
class _Apart:
    """What takes the place of a convolution in blocks, and of laying them out."""

    blocks: NodeProto
    output: str

    def nodes(self) -> list[NodeProto]:
        """Gives the products of all taps, their moves, and the sum."""
        bias = [self._name("bias")] if self._has_bias else []
        return [
            helper.make_node(
                "Conv",
                [self.blocks.input[0], self._name("taps")],
                [self._name("products")],
                kernel_shape=[1, 1],
            ),
            helper.make_node(
                "Conv",
                [self._name("products"), self._name("moves")],
                [self._name("moved")],
                kernel_shape=[KERNEL_PX] * 2,
                pads=[1] * 4,
                group=_TAPS,
            ),
            helper.make_node(
                "Conv",
                [self._name("moved"), self._name("ones"), *bias],
                [self.output],
                kernel_shape=[1, 1],
            ),
        ]

    def constants(self, stored: dict[str, TensorProto]) -> Iterator[TensorProto]:
        """Gives the weights of all three, and the bias where there is one."""
        values = [numpy_helper.to_array(stored[each]) for each in self.blocks.input[1:]]
        # The first pixel of a block has the kernel where it lay before there were blocks.
        kernel = values[0][0, :, :KERNEL_PX, :KERNEL_PX]
        yield self._constant("taps", kernel.reshape(-1, _TAPS).T[..., np.newaxis, np.newaxis])
        yield self._constant("moves", np.eye(_TAPS).reshape(_TAPS, 1, KERNEL_PX, KERNEL_PX))
        yield self._constant("ones", np.ones((1, _TAPS, 1, 1)))
        if self._has_bias:
            yield self._constant("bias", values[1][:1])

    @property
    def _has_bias(self) -> bool:
        return len(self.blocks.input) > len(("X", "W"))

    def _name(self, part: str) -> str:
        return f"taps/{self.output}/{part}"

    def _constant(self, part: str, values: NDArray[Any]) -> TensorProto:
        return numpy_helper.from_array(values.astype(np.float32), self._name(part))
