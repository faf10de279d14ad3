"""Cuts and renames inside an ONNX graph, branches and loop bodies included. Knows no card."""

from collections.abc import Iterator
from typing import Any

from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, helper


def prune(graph: GraphProto, output: str) -> None:
    """Takes out of a graph all that one of its outputs does not depend on."""
    wanted, nodes = {output}, []
    for node in reversed(graph.node):
        if wanted.intersection(node.output):
            wanted.update(_reads(node))
            nodes.append(node)
    del graph.node[:]
    graph.node.extend(reversed(nodes))
    for index in reversed(range(len(graph.initializer))):
        if graph.initializer[index].name not in wanted:
            del graph.initializer[index]
    outputs = [each for each in graph.output if each.name == output]
    del graph.output[:]
    graph.output.extend(outputs)


def prefix_tensors(graph: GraphProto, prefix: str) -> None:
    """Renames every tensor of a graph.

    What was stored about the shapes of tensors in between is dropped.
    """
    del graph.value_info[:]
    for value in [*graph.input, *graph.output]:
        value.name = prefix + value.name
    for stored in graph.initializer:
        stored.name = prefix + stored.name
    for node in graph.node:
        # An empty name stands for an optional tensor that is left out.
        node.input[:] = [name and prefix + name for name in node.input]
        node.output[:] = [name and prefix + name for name in node.output]
        for inner in _inner_graphs(node):
            prefix_tensors(inner, prefix)


def keep_fields(message: ModelProto | GraphProto, names: set[str]) -> None:
    """Clears all fields of a message but these."""
    for field, _ in message.ListFields():
        if field.name not in names:
            message.ClearField(field.name)


def keeps_weights_elsewhere(graph: GraphProto) -> bool:
    """Tells whether a stored tensor is only a reference to another file."""
    return any(each.data_location == TensorProto.EXTERNAL for each in _stored(graph))


def attributes(node: NodeProto) -> dict[str, Any]:
    """The attributes of a node by name; text as it stands in the graph, in bytes."""
    return {each.name: helper.get_attribute_value(each) for each in node.attribute}


def dims(value: ValueInfoProto) -> list[int]:
    """The lengths of the axes of a graph's input or output, 0 where free."""
    return [int(each.dim_value) for each in value.type.tensor_type.shape.dim]


def opset(model: ModelProto) -> int:
    """The version of ONNX' own operators; 0 where a model uses none."""
    return next((e.version for e in model.opset_import if e.domain in ("", "ai.onnx")), 0)


def _stored(graph: GraphProto) -> Iterator[TensorProto]:
    yield from graph.initializer
    for node in graph.node:
        yield from (each.t for each in node.attribute if each.HasField("t"))
        for inner in _inner_graphs(node):
            yield from _stored(inner)


def _reads(node: NodeProto) -> Iterator[str]:
    yield from node.input
    for graph in _inner_graphs(node):
        # It may read any tensor around it.
        yield from (each.name for each in graph.output)
        for inner in graph.node:
            yield from _reads(inner)


def _inner_graphs(node: NodeProto) -> list[GraphProto]:
    graphs: list[GraphProto] = []
    for attribute in node.attribute:
        graphs += [attribute.g] if attribute.HasField("g") else attribute.graphs
    return graphs
