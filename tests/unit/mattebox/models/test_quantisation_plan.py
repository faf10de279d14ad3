import onnx
import pytest
from onnx import GraphProto

from mattebox.models.errors import WrapError
from mattebox.models.quantisation_plan import plan
from tests.unit.mattebox.models import layered_network


@pytest.fixture
def graph() -> GraphProto:
    return onnx.load_model_from_string(layered_network.wrapped()).graph


def test_what_a_convolution_reads_and_leaves_is_rounded(graph: GraphProto) -> None:
    found = plan(graph, [])

    assert found.convolutions == ("first", "middle", "last")
    assert found.tensors == (
        "both", "first, positive", "half", "last", "middle, positive", "planes", "whole"
    )  # fmt: skip


def test_only_what_computes_values_has_to_be_measured(graph: GraphProto) -> None:
    assert plan(graph, []).measured == ("first, positive", "last", "middle, positive", "planes")


def test_what_is_handed_on_keeps_its_scale(graph: GraphProto) -> None:
    groups = plan(graph, []).groups

    joined = ("both", "first, positive", "half", "middle, positive", "whole")
    assert len({groups[name] for name in joined}) == 1
    assert len({groups[name] for name in ("both", "planes", "last")}) == 3


def test_a_convolution_in_floats_needs_no_integers(graph: GraphProto) -> None:
    found = plan(graph, ["last"])

    assert found.convolutions == ("first", "middle")
    assert found.tensors == ("first, positive", "half", "middle, positive", "planes")
    assert len({found.groups["first, positive"], found.groups["middle, positive"]}) == 2


def test_floats_are_read_unrounded_where_floats_are_computed(graph: GraphProto) -> None:
    found = plan(graph, ["first"])

    readers = {node.output[0]: node for node in graph.node}
    assert found.rounds_for(readers["half"], "first, positive")
    assert found.rounds_for(readers["both"], "first, positive")
    # That which reads it here computes in floats, too.
    assert not found.rounds_for(readers["matte"], "first, positive")
    assert found.rounds_for(readers["matte"], "middle, positive")
    assert not found.rounds_for(readers["middle"], "middle weights")


def test_a_convolution_whose_weights_are_computed_stays_in_floats(graph: GraphProto) -> None:
    stored = next(each for each in graph.initializer if each.name == "middle weights")
    stored.name = "others"
    graph.node.insert(0, onnx.helper.make_node("Neg", ["others"], ["middle weights"]))

    assert plan(graph, []).convolutions == ("first", "last")


def test_floats_between_integers_would_not_stay_and_are_refused(graph: GraphProto) -> None:
    with pytest.raises(WrapError, match="keep middle in floats, and nothing that reads it"):
        plan(graph, ["middle"])


def test_a_name_of_no_convolution_is_refused(graph: GraphProto) -> None:
    with pytest.raises(WrapError, match="no convolutions named Conv_1, Conv_2"):
        plan(graph, ["Conv_2", "last", "Conv_1"])
