"""Puts a published graph behind the one tensor contract. Knows ONNX; runs nothing.

The result takes ``image`` uint8 [N, H, W, 3] in sRGB and gives ``alpha`` float32 [N, H, W].
"""

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from numpy.typing import ArrayLike, DTypeLike
from onnx import checker, helper, numpy_helper, shape_inference

from mattebox.models import graph_edit
from mattebox.models.card import Card
from mattebox.models.errors import WrapError

_INSIDE = "published/"
_FLOAT = onnx.TensorProto.FLOAT
_UINT8 = onnx.TensorProto.UINT8
# Before this version initializers had to be listed as inputs, too.
_OLDEST_IR = 4


def wrap(published: bytes, card: Card) -> bytes:
    """Wraps a published graph as its card says; the same arguments give the same bytes.

    Raises:
        WrapError: the graph is not what the card says, or the outcome is no valid graph.
    """
    source = _parsed(published)
    _demand_tensors(source.graph, card)
    graph_edit.prune(source.graph, card.graph.output)
    # No tensor of the published graph may have a name of ours.
    graph_edit.prefix_tensors(source.graph, _INSIDE)
    height_px, width_px = card.graph.height_px, card.graph.width_px
    graph = helper.make_graph(
        nodes=[*_front(card), *source.graph.node, *_behind(card)],
        name=card.name,
        inputs=[helper.make_tensor_value_info("image", _UINT8, ["N", height_px, width_px, 3])],
        outputs=[helper.make_tensor_value_info("alpha", _FLOAT, ["N", height_px, width_px])],
        initializer=[*source.graph.initializer, *_constants(card)],
    )
    model = helper.make_model(
        graph,
        opset_imports=source.opset_import,
        functions=source.functions,
        ir_version=max(source.ir_version, _OLDEST_IR),
    )
    helper.set_model_props(model, _origin(card))
    return _valid(model)


def _parsed(published: bytes) -> onnx.ModelProto:
    try:
        return onnx.load_model_from_string(published)
    except DecodeError as error:
        raise WrapError(f"The published file is no ONNX graph: {error}.") from error


def _demand_tensors(graph: onnx.GraphProto, card: Card) -> None:
    stored = {each.name for each in graph.initializer}
    inputs = [each for each in graph.input if each.name not in stored]
    names = [each.name for each in inputs]
    if names != [card.graph.input]:
        raise WrapError(
            f"The published graph has the inputs {names}, expected only '{card.graph.input}'. "
            f"The card of {card.name} is wrong."
        )
    outputs = [each.name for each in graph.output]
    if card.graph.output not in outputs:
        raise WrapError(
            f"The published graph has the outputs {outputs}, expected '{card.graph.output}' among "
            f"them. The card of {card.name} is wrong."
        )
    tensor = inputs[0].type.tensor_type
    shape = [each.dim_value for each in tensor.shape.dim]
    fixed = [3, card.graph.height_px, card.graph.width_px]
    fits = len(shape) == 4 and all(a in (0, b) for a, b in zip(shape[1:], fixed, strict=True))
    if tensor.elem_type != _FLOAT or not fits:
        type_name = onnx.TensorProto.DataType.Name(tensor.elem_type)
        raise WrapError(
            f"The published graph reads {type_name} {shape} (0 where free), expected FLOAT "
            f"{[0, *fixed]}. The card of {card.name} is wrong."
        )


def _front(card: Card) -> list[onnx.NodeProto]:
    """From ``image`` to the published input. Only operators that no opset from 8 on redefined."""
    node = helper.make_node
    by_maximum = [
        node("Reshape", ["in/float", "in/one_row"], ["in/row"]),
        node("GlobalMaxPool", ["in/row"], ["in/maximum"]),
        # A black picture is divided by 1.
        node("Max", ["in/maximum", "in/one"], ["in/divisor"]),
    ]
    return [
        node("Cast", ["image"], ["in/float"], to=_FLOAT),
        *(by_maximum if card.preprocessing.scale == "image_maximum" else []),
        node("Div", ["in/float", "in/divisor"], ["in/scaled"]),
        node("Sub", ["in/scaled", "in/mean"], ["in/centred"]),
        node("Mul", ["in/centred", "in/inverse_deviation"], ["in/normal"]),
        node("Transpose", ["in/normal"], [_INSIDE + card.graph.input], perm=[0, 3, 1, 2]),
    ]


def _behind(card: Card) -> list[onnx.NodeProto]:
    """From the published output, [N, 1, H, W], to ``alpha``."""
    raw = _INSIDE + card.graph.output
    nodes = []
    if card.postprocessing.activation == "sigmoid":
        nodes.append(helper.make_node("Sigmoid", [raw], ["out/sigmoid"]))
        raw = "out/sigmoid"
    # Squeeze would say it, too, but was redefined in opset 13.
    nodes.append(helper.make_node("Reshape", [raw, "out/shape"], ["alpha"]))
    return nodes


def _constants(card: Card) -> list[onnx.TensorProto]:
    preprocessing = card.preprocessing
    inverse = [1 / each for each in preprocessing.deviation]
    constants = [
        _constant("in/mean", preprocessing.mean, np.float32),
        _constant("in/inverse_deviation", inverse, np.float32),
        # Zero takes over the batch dimension.
        _constant("out/shape", [0, card.graph.height_px, card.graph.width_px], np.int64),
    ]
    match preprocessing.scale:
        case "255":
            constants.append(_constant("in/divisor", 255, np.float32))
        case "image_maximum":
            constants.append(_constant("in/one_row", [0, 1, -1, 1], np.int64))
            constants.append(_constant("in/one", 1, np.float32))
    return constants


def _constant(name: str, values: ArrayLike, dtype: DTypeLike) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array(values, dtype), name)


def _origin(card: Card) -> dict[str, str]:
    return {
        "mattebox.card": card.name,
        "mattebox.licence": card.licence.spdx,
        "mattebox.licence_holder": card.licence.holder,
        "mattebox.source_sha256": card.file.sha256,
    }


def _valid(model: onnx.ModelProto) -> bytes:
    try:
        checker.check_model(model, full_check=True)
    except (checker.ValidationError, shape_inference.InferenceError) as error:
        reason = " ".join(str(error).split())
        raise WrapError(f"The published graph cannot be wrapped: {reason}") from error
    return model.SerializeToString(deterministic=True)
