"""Rewrites a wrapped graph so that it computes the same in less time. Changes no weight.

Exporters compute sizes while the network runs, and in forms that keep ONNX Runtime from its fast
layout (NCHWc) between convolutions. With the size of the picture fixed, those sizes are constants.
"""

import numpy as np
from onnx import GraphProto, ModelProto, NodeProto, helper, load_model_from_string, numpy_helper

from mattebox.models import graph_edit, narrow_convolutions, tensor_shapes
from mattebox.models.tensor_shapes import Shape

_SCALES = "lean/scales/{}"
_MODES = (b"linear", b"nearest")
# Those in which the whole scale says as much as the sizes do.
_COORDINATES = (b"half_pixel", b"pytorch_half_pixel", b"asymmetric", b"align_corners")
_FIRST_WITH_SIZES = 11


def lean(wrapped: bytes) -> bytes:
    """Writes fixed scales for computed sizes, and lets convolutions to one channel fill a vector.

    A graph in which there is nothing to do comes back as it was. The answers differ by rounding.

    Raises:
        ProofError: the graph cannot be run on a picture.
    """
    shapes = tensor_shapes.measure(wrapped, _names(wrapped))
    if not shapes:
        return wrapped
    model = load_model_from_string(wrapped)
    for node in _resizes(model):
        _fix_scales(node, model.graph, shapes)
    narrow_convolutions.spread(model.graph, shapes)
    graph_edit.prune(model.graph, model.graph.output[0].name)
    built: bytes = model.SerializeToString(deterministic=True)
    return built


def _names(wrapped: bytes) -> list[str]:
    """The tensors whose shapes decide."""
    model = load_model_from_string(wrapped)
    around = [name for node in _resizes(model) for name in (node.input[0], node.output[0])]
    before = [node.input[0] for node in narrow_convolutions.find(model.graph)]
    return list(dict.fromkeys(around + before))


def _resizes(model: ModelProto) -> list[NodeProto]:
    """The enlargements to given sizes that a whole scale can stand for."""
    if graph_edit.opset(model) < _FIRST_WITH_SIZES:
        return []
    return [node for node in model.graph.node if node.op_type == "Resize" and _goes_by_scale(node)]


def _goes_by_scale(node: NodeProto) -> bool:
    given = graph_edit.attributes(node)
    return (
        len(node.input) == len(("X", "roi", "scales", "sizes"))
        and given.get("mode", b"nearest") in _MODES
        and given.get("coordinate_transformation_mode", b"half_pixel") in _COORDINATES
        and given.get("keep_aspect_ratio_policy", b"stretch") == b"stretch"
        and not given.get("antialias")
        and "axes" not in given
    )


def _fix_scales(node: NodeProto, graph: GraphProto, shapes: dict[str, Shape]) -> None:
    before, after = shapes[node.input[0]], shapes[node.output[0]]
    if 0 in before or any(b % a for a, b in zip(before, after, strict=True)):
        return
    scales = np.array([b // a for a, b in zip(before, after, strict=True)], np.float32)
    # The batch is free, and the scale must not depend on the single picture that was run.
    if len(scales) != len("NCHW") or scales[0] != 1:
        return
    name = _SCALES.format(node.output[0])
    graph.initializer.append(numpy_helper.from_array(scales, name))
    node.input[2:] = [name]
    for attribute in node.attribute:
        if attribute.s == b"pytorch_half_pixel":
            # They differ for a side of one pixel only, which no whole scale gives but from one.
            attribute.CopyFrom(helper.make_attribute(attribute.name, "half_pixel"))
