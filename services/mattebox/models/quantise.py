"""Rounds the convolutions of a wrapped graph to 8-bit integers, by ranges that a card knows.

Static quantisation as engines read it (QDQ): weights int8 with a scale for each channel, tensors
between layers uint8, biases int32. Scheme: B. Jacob et al., Quantization and Training of Neural
Networks for Efficient Integer-Arithmetic-Only Inference, CVPR 2018.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from onnx import (
    ModelProto,
    NodeProto,
    TensorProto,
    helper,
    load_model_from_string,
    numpy_helper,
    version_converter,
)

from mattebox.models import graph_edit
from mattebox.models.card_parts import Quantisation
from mattebox.models.errors import WrapError
from mattebox.models.quantisation_plan import Plan, plan

_LARGEST_WEIGHT = 127
_LARGEST_VALUE = 255
_LARGEST_BIAS = 2**31 - 1
_SMALLEST_SCALE = 1e-12
_OPSET = 13
"""The first with a scale for each channel."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A tensor's value is ``step * (integer - zero)``."""

    step: NDArray[np.float32]
    zero: NDArray[np.uint8]


def measured(wrapped: bytes, float_nodes: tuple[str, ...]) -> tuple[str, ...]:
    """Lists the tensors whose ranges a card has to know.

    Raises:
        WrapError: the graph has no convolution of such a name.
    """
    return plan(_converted(wrapped).graph, float_nodes).measured


def quantise(wrapped: bytes, card: Quantisation) -> bytes:
    """Rounds all convolutions but those that the card keeps in float.

    Raises:
        WrapError: the card does not suit the graph.
    """
    model = _converted(wrapped)
    chosen = plan(model.graph, card.float_nodes)
    scales = _scales(chosen, card)
    stored = {each.name: each for each in model.graph.initializer}
    for name, scale in scales.items():
        model.graph.initializer.extend(_pair(name, scale.step, scale.zero))
    nodes: list[NodeProto] = []
    for node in model.graph.node:
        read = [_floats_of(name) if chosen.rounds_for(node, name) else name for name in node.input]
        if node.output[0] in chosen.convolutions:
            model.graph.initializer.extend(_integers(node, stored, scales[node.input[0]]))
            nodes += [_floats_again(name) for name in _parameters(node)]
            read[1:] = [_floats_of(name) for name in _parameters(node)]
        node.input[:] = read
        nodes.append(node)
        for name in node.output:
            if name in scales:
                nodes += [_rounded(name), _floats_again(name)]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    graph_edit.prune(model.graph, model.graph.output[0].name)
    built: bytes = model.SerializeToString(deterministic=True)
    return built


def _converted(wrapped: bytes) -> ModelProto:
    model = load_model_from_string(wrapped)
    if graph_edit.opset(model) >= _OPSET:
        return model
    try:
        return version_converter.convert_version(model, _OPSET)
    except RuntimeError as error:
        raise WrapError(
            f"The graph cannot be brought to opset {_OPSET}, which 8-bit graphs need: {error}. "
            "Export the network with a newer opset."
        ) from error


def _scales(chosen: Plan, card: Quantisation) -> dict[str, Scale]:
    """The scale of each tensor: that of the widest range in its group, with 0 in it."""
    if missing := [name for name in chosen.measured if name not in card.ranges]:
        raise WrapError(
            f"The card's [quantisation.ranges] lack {', '.join(missing)}. "
            "Measure them with python -m benchmarks.calibration."
        )
    ranges = dict.fromkeys(chosen.groups.values(), (0.0, 0.0))
    for name in chosen.measured:
        group = chosen.groups[name]
        smallest, largest = card.ranges[name]
        ranges[group] = (min(ranges[group][0], smallest), max(ranges[group][1], largest))
    return {name: _scale(*ranges[chosen.groups[name]]) for name in chosen.tensors}


def _scale(smallest: float, largest: float) -> Scale:
    step = np.float32(max((largest - smallest) / _LARGEST_VALUE, _SMALLEST_SCALE))
    zero = np.clip(np.rint(-smallest / step), 0, _LARGEST_VALUE)
    return Scale(np.array(step), np.array(zero, np.uint8))


def _parameters(node: NodeProto) -> list[str]:
    """Names for a convolution's weights and bias: others may read those that are stored."""
    return [f"{node.output[0]}/weights", f"{node.output[0]}/bias"][: len(node.input) - 1]


def _integers(
    node: NodeProto, stored: dict[str, TensorProto], of_input: Scale
) -> Iterator[TensorProto]:
    """Weights and bias, and the scale by which each channel of them was divided."""
    values = [numpy_helper.to_array(stored[name]) for name in node.input[1:]]
    largest = np.abs(values[0]).reshape(len(values[0]), -1).max(axis=1)
    weights_step = np.maximum(largest / _LARGEST_WEIGHT, _SMALLEST_SCALE).astype(np.float32)
    # Sums of products have the scale of both factors, and the bias is added to them.
    kinds = [
        (weights_step, np.int8, _LARGEST_WEIGHT),
        ((weights_step * of_input.step).astype(np.float32), np.int32, _LARGEST_BIAS),
    ]
    for name, floats, (step, dtype, bound) in zip(_parameters(node), values, kinds, strict=False):
        steps = step.astype(np.float64).reshape(-1, *[1] * (floats.ndim - 1))
        integers = np.clip(np.rint(floats / steps), -bound, bound).astype(dtype)
        yield numpy_helper.from_array(integers, _integers_of(name))
        yield from _pair(name, step, np.zeros(len(step), dtype))


def _pair(name: str, step: NDArray[np.float32], zero: NDArray[np.generic]) -> list[TensorProto]:
    pairs = zip((step, zero), _steps_of(name), strict=True)
    return [numpy_helper.from_array(values, each) for values, each in pairs]


def _rounded(name: str) -> NodeProto:
    return helper.make_node("QuantizeLinear", [name, *_steps_of(name)], [_integers_of(name)])


def _floats_again(name: str) -> NodeProto:
    read = [_integers_of(name), *_steps_of(name)]
    # Where there is a scale for each channel, channels are the first axis of what is stored.
    return helper.make_node("DequantizeLinear", read, [_floats_of(name)], axis=0)


def _steps_of(name: str) -> tuple[str, str]:
    return f"int8/{name}/step", f"int8/{name}/zero"


def _integers_of(name: str) -> str:
    return f"int8/{name}/integers"


def _floats_of(name: str) -> str:
    return f"int8/{name}/floats"
