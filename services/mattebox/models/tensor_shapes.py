"""Finds the shapes of tensors inside a wrapped graph by running it on one picture."""

import numpy as np
from onnx import GraphProto, TensorProto, helper, load_model_from_string

from mattebox.models import graph_edit, onnx_runs

Shape = tuple[int, ...]


def measure(wrapped: bytes, names: list[str]) -> dict[str, Shape]:
    """Tells the shapes of tensors for a single picture.

    What shape inference says is not enough: it does not follow sizes that are computed from other
    sizes, as exporters write them.

    Raises:
        ProofError: the graph cannot be run on a picture.
    """
    if not names:
        return {}
    probe, picture = _probe(wrapped, names)
    session = onnx_runs.session(probe)
    found = onnx_runs.run_all(session, {"image": np.zeros(picture, np.uint8)})
    return {name: tuple(map(int, shape)) for name, shape in zip(names, found, strict=True)}


def _probe(wrapped: bytes, names: list[str]) -> tuple[bytes, Shape]:
    """A graph that answers with shapes alone, and the shape of what it takes."""
    model = load_model_from_string(wrapped)
    graph: GraphProto = model.graph
    shapes = [f"shape/{index}" for index in range(len(names))]
    pairs = zip(names, shapes, strict=True)
    graph.node.extend(helper.make_node("Shape", [name], [shape]) for name, shape in pairs)
    del graph.output[:]
    graph.output.extend(
        helper.make_tensor_value_info(shape, TensorProto.INT64, [None]) for shape in shapes
    )
    _, *sides_px, channels = graph_edit.dims(graph.input[0])
    return model.SerializeToString(), (1, *sides_px, channels)
