"""Puts a published graph behind the one tensor contract. Knows ONNX; runs nothing.

The result takes ``image`` uint8 [N, H, W, 3] in sRGB and gives ``alpha`` float32 [N, H, W].
"""

import hashlib

import numpy as np
import onnx
from google.protobuf.message import EncodeError
from numpy.typing import ArrayLike, DTypeLike
from onnx import checker, helper, numpy_helper

from mattebox.models import graph_edit, published
from mattebox.models.card import Card
from mattebox.models.card_parts import Postprocessing
from mattebox.models.errors import WrapError
from mattebox.models.published import Published

SMALLEST_RANGE = 1e-6
"""What the range of a matte counts for at least where it is divided by: one without is empty."""

_INSIDE = "published/"
_FLOAT = onnx.TensorProto.FLOAT
_UINT8 = onnx.TensorProto.UINT8
# Before this version initializers had to be listed as inputs, too.
_OLDEST_IR = 4


def wrap(data: bytes, card: Card) -> bytes:
    """Wraps a published graph as its card says; the same arguments give the same bytes.

    Raises:
        WrapError: the graph is not what the card says, or the outcome is no valid graph.
    """
    model = published.parsed(data)
    found = published.inspect(model, card)
    graph_edit.prune(model.graph, found.output)
    # No tensor of the published graph may have a name of ours.
    graph_edit.prefix_tensors(model.graph, _INSIDE)
    # Weights can take a gigabyte: the graph is changed where it is, never copied.
    _strip(model)
    _put_around(model.graph, card, found)
    model.ir_version = max(model.ir_version, _OLDEST_IR)
    helper.set_model_props(model, _origin(card, data))
    return _valid(model)


def _strip(model: onnx.ModelProto) -> None:
    """Takes away all but what is computed."""
    graph_edit.keep_fields(model, {"ir_version", "opset_import", "functions", "graph"})
    graph_edit.keep_fields(model.graph, {"node", "initializer"})


def _put_around(graph: onnx.GraphProto, card: Card, found: Published) -> None:
    """Joins the published nodes with ours, and gives the graph the tensors of the contract."""
    published_nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend([*_front(card, found), *published_nodes, *_behind(card, found)])
    graph.initializer.extend(_constants(card, found))
    graph.name = card.name
    picture: list[str | int] = ["N", found.height_px, found.width_px, 3]
    graph.input.append(helper.make_tensor_value_info("image", _UINT8, picture))
    graph.output.append(helper.make_tensor_value_info("alpha", _FLOAT, picture[:3]))


def _front(card: Card, found: Published) -> list[onnx.NodeProto]:
    """From ``image`` to the published input. Only operators that no opset from 8 on redefined."""
    node = helper.make_node
    last = _INSIDE + found.input
    nodes = []
    # Bytes are turned before they are floats, and channels by channels are faster to scale.
    if card.graph.layout == "NCHW":
        nodes.append(node("Transpose", ["image"], ["in/planes"], perm=[0, 3, 1, 2]))
    nodes.append(node("Cast", [nodes[-1].output[0] if nodes else "image"], ["in/float"], to=_FLOAT))
    if card.preprocessing.scale == "image_maximum":
        nodes += [
            node("Reshape", ["in/float", "in/one_row"], ["in/row"]),
            node("GlobalMaxPool", ["in/row"], ["in/maximum"]),
            # A black picture is divided by 1.
            node("Max", ["in/maximum", "in/one"], ["in/divisor"]),
        ]
    nodes += [
        node("Div", ["in/float", "in/divisor"], ["in/scaled"]),
        node("Sub", ["in/scaled", "in/mean"], ["in/centred"]),
        node("Mul", ["in/centred", "in/inverse_deviation"], ["in/normal"]),
    ]
    if card.graph.channels == "BGR":
        axis = card.graph.layout.index("C")
        nodes.append(node("Gather", ["in/normal", "in/bgr"], ["in/reversed"], axis=axis))
    if found.input_type != _FLOAT:
        nodes.append(node("Cast", nodes[-1].output, ["in/half"], to=found.input_type))
    nodes[-1].output[:] = [last]
    return nodes


def _behind(card: Card, found: Published) -> list[onnx.NodeProto]:
    """From the published output, a single map a picture, to ``alpha``."""
    node = helper.make_node
    nodes = []
    raw = _INSIDE + found.output
    if found.output_type != _FLOAT:
        nodes.append(node("Cast", [raw], ["out/float"], to=_FLOAT))
        raw = "out/float"
    match card.postprocessing.activation:
        case "none":
            pass
        case "sigmoid":
            nodes.append(node("Sigmoid", [raw], ["out/sigmoid"]))
            raw = "out/sigmoid"
        case "clip":
            nodes.append(node("Max", [raw, "out/zero"], ["out/positive"]))
            nodes.append(node("Min", ["out/positive", "out/one"], ["out/clipped"]))
            raw = "out/clipped"
    if card.postprocessing.normalisation == "min_max":
        nodes += _stretch(raw)
        raw = "out/stretched"
    # Squeeze would say it, too, but was redefined in opset 13.
    nodes.append(node("Reshape", [raw, "out/shape"], ["alpha"]))
    return nodes


def _stretch(raw: str) -> list[onnx.NodeProto]:
    """Each matte by its own smallest and largest value, never by those of the batch."""
    node = helper.make_node
    return [
        node("Reshape", [raw, "out/one_row"], ["out/row"]),
        node("GlobalMaxPool", ["out/row"], ["out/largest"]),
        node("Neg", ["out/row"], ["out/negative"]),
        node("GlobalMaxPool", ["out/negative"], ["out/negative_smallest"]),
        node("Neg", ["out/negative_smallest"], ["out/smallest"]),
        node("Sub", ["out/largest", "out/smallest"], ["out/range"]),
        node("Max", ["out/range", "out/smallest_range"], ["out/divisor"]),
        node("Sub", ["out/row", "out/smallest"], ["out/lowered"]),
        node("Div", ["out/lowered", "out/divisor"], ["out/stretched"]),
    ]


def _constants(card: Card, found: Published) -> list[onnx.TensorProto]:
    preprocessing = card.preprocessing
    inverse = [1 / each for each in preprocessing.deviation]
    channels = (3, 1, 1) if card.graph.layout == "NCHW" else (3,)
    constants = [
        _constant("in/mean", np.reshape(preprocessing.mean, channels), np.float32),
        _constant("in/inverse_deviation", np.reshape(inverse, channels), np.float32),
        # Zero takes over the batch dimension.
        _constant("out/shape", [0, found.height_px, found.width_px], np.int64),
    ]
    if card.graph.channels == "BGR":
        constants.append(_constant("in/bgr", [2, 1, 0], np.int64))
    match preprocessing.scale:
        case "255":
            constants.append(_constant("in/divisor", 255, np.float32))
        case "image_maximum":
            constants.append(_constant("in/one_row", [0, 1, -1, 1], np.int64))
            constants.append(_constant("in/one", 1, np.float32))
    return constants + _constants_behind(card.postprocessing)


def _constants_behind(postprocessing: Postprocessing) -> list[onnx.TensorProto]:
    constants = []
    if postprocessing.activation == "clip":
        constants.append(_constant("out/zero", 0, np.float32))
        constants.append(_constant("out/one", 1, np.float32))
    if postprocessing.normalisation == "min_max":
        constants.append(_constant("out/one_row", [0, 1, -1], np.int64))
        constants.append(_constant("out/smallest_range", SMALLEST_RANGE, np.float32))
    return constants


def _constant(name: str, values: ArrayLike, dtype: DTypeLike) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array(values, dtype), name)


def _origin(card: Card, data: bytes) -> dict[str, str]:
    return {
        "mattebox.card": card.name,
        "mattebox.licence": card.licence.spdx,
        "mattebox.licence_holder": card.licence.holder,
        "mattebox.source_sha256": hashlib.sha256(data).hexdigest(),
    }


def _valid(model: onnx.ModelProto) -> bytes:
    try:
        built: bytes = model.SerializeToString(deterministic=True)
        # Whether shapes fit is shown by running it: what is inferred of them is stricter than
        # ONNX Runtime, and refuses exports that compute rightly.
        checker.check_model(built)
    except (checker.ValidationError, EncodeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise WrapError(f"The published graph cannot be wrapped: {reason}") from error
    return built
