import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import GraphProto, helper

from mattebox.models import graph_edit
from tests.unit.mattebox.models import small_network
from tests.unit.mattebox.models.small_network import Network

SHAPE = [1, 3]


@pytest.fixture
def branching() -> GraphProto:
    """Doubles its input, in a branch that reads the factor from around it; negates it besides."""
    branch = helper.make_graph(
        [helper.make_node("Mul", ["x", "two"], ["inside"])],
        "branch",
        [],
        [small_network.tensor("inside", SHAPE)],
    )
    nodes = [
        helper.make_node("If", ["yes"], ["double"], then_branch=branch, else_branch=branch),
        helper.make_node("Mul", ["x", "minus one"], ["negative"]),
    ]
    return helper.make_graph(
        nodes,
        "branching",
        [small_network.tensor("x", SHAPE)],
        [small_network.tensor("double", SHAPE), small_network.tensor("negative", SHAPE)],
        [
            small_network.stored("yes", np.array(True)),
            small_network.stored("two", np.array([2], np.float32)),
            small_network.stored("minus one", np.array([-1], np.float32)),
        ],
    )


def stored_in(graph: GraphProto) -> list[str]:
    return [each.name for each in graph.initializer]


def test_pruning_keeps_what_a_branch_reads(branching: GraphProto) -> None:
    graph_edit.prune(branching, "double")

    assert [node.op_type for node in branching.node] == ["If"]
    assert [each.name for each in branching.output] == ["double"]
    assert stored_in(branching) == ["yes", "two"]


def test_pruning_keeps_what_a_branch_hands_through(branching: GraphProto) -> None:
    for attribute in branching.node[0].attribute:
        del attribute.g.node[:]
        attribute.g.output[0].name = "two"

    graph_edit.prune(branching, "double")

    assert stored_in(branching) == ["yes", "two"]


def test_pruning_drops_what_only_another_output_reads(branching: GraphProto) -> None:
    graph_edit.prune(branching, "negative")

    assert [node.op_type for node in branching.node] == ["Mul"]
    assert stored_in(branching) == ["minus one"]


def test_renamed_tensors_still_find_each_other(branching: GraphProto) -> None:
    graph_edit.prefix_tensors(branching, "in/")

    session = onnxruntime.InferenceSession(small_network.published(branching))
    x = np.array([[1, 2, 3]], np.float32)
    double, negative = session.run(["in/double", "in/negative"], {"in/x": x})
    np.testing.assert_array_equal(double, 2 * x)
    np.testing.assert_array_equal(negative, -x)


def test_renaming_leaves_what_is_left_out_without_a_name() -> None:
    clip = helper.make_node("Clip", ["x", "", "most"], ["y"])
    graph = helper.make_graph(
        [clip],
        "clipping",
        [small_network.tensor("x", SHAPE)],
        [small_network.tensor("y", SHAPE)],
        [small_network.stored("most", np.array(1, np.float32))],
    )

    graph_edit.prefix_tensors(graph, "in/")

    assert list(graph.node[0].input) == ["in/x", "", "in/most"]


def test_renaming_drops_shapes_in_between() -> None:
    published = small_network.graph_of(Network(ends_in_sigmoid=True))
    graph = onnx.load_model_from_string(published).graph
    assert len(graph.value_info) == 1

    graph_edit.prefix_tensors(graph, "in/")

    assert len(graph.value_info) == 0
