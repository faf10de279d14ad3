import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from mattebox.models import published
from mattebox.models.errors import WrapError
from mattebox.models.published import Published
from tests.unit.mattebox.models import small_network
from tests.unit.mattebox.models.conftest import Place

FREE: list[int | str] = ["n", 3, "h", "w"]


def graph_with(shape: list[int | str], element: int = TensorProto.FLOAT) -> onnx.ModelProto:
    """A published graph of which only the ends matter."""
    graph = helper.make_graph(
        [helper.make_node("Identity", ["input.1"], ["1959"])],
        "ends",
        [helper.make_tensor_value_info("input.1", element, shape)],
        [helper.make_tensor_value_info("1959", element, shape)],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)])


def test_what_the_card_leaves_open_is_found(place: Place) -> None:
    for line in ('input = "input.1"', 'output = "1959"', "height_px = 16", "width_px = 24"):
        place.rewrite_card(line, "")

    found = published.inspect(published.parsed(place.file.read_bytes()), place.card)

    assert found == Published(
        input="input.1",
        input_type=TensorProto.FLOAT,
        output="1959",
        output_type=TensorProto.FLOAT,
        height_px=16,
        width_px=24,
    )
    assert not found.is_half


def test_the_size_of_the_file_is_right_where_it_has_one(place: Place) -> None:
    found = published.inspect(graph_with([1, 3, 32, "w"]), place.card)

    assert (found.height_px, found.width_px) == (32, 24)


def test_the_size_of_the_card_is_taken_where_the_file_leaves_it_free(place: Place) -> None:
    found = published.inspect(graph_with(FREE), place.card)

    assert (found.height_px, found.width_px) == (16, 24)


@pytest.mark.parametrize("key", ["height_px = 16", "width_px = 24"])
def test_a_size_that_nobody_tells_is_asked_for(place: Place, key: str) -> None:
    place.rewrite_card(key, "")

    with pytest.raises(WrapError, match=rf"leaves its size free.* Add {key[:5]}.*_px to its"):
        published.inspect(graph_with(FREE), place.card)


@pytest.mark.parametrize(("side_px", "is_taken"), [(15, 0), (16, 1), (4096, 1), (4097, 0)])
def test_sides_have_limits(place: Place, side_px: int, is_taken: int) -> None:
    model = graph_with([1, 3, side_px, 24])

    if is_taken:
        assert published.inspect(model, place.card).height_px == side_px
    else:
        with pytest.raises(WrapError, match=f"a side of {side_px} pixels, .* not in 16 to 4096"):
            published.inspect(model, place.card)


def test_layout_says_where_the_channels_are(place: Place) -> None:
    place.rewrite_card("NCHW", "NHWC")

    found = published.inspect(graph_with([1, 32, 48, 3]), place.card)

    assert (found.height_px, found.width_px) == (32, 48)


@pytest.mark.parametrize("shape", [[1, 4, 16, 24], [3, 16, 24], [1, 3, 1, 16, 24], [1, 16, 24, 3]])
def test_a_picture_has_three_channels_where_the_card_says(
    place: Place, shape: list[int | str]
) -> None:
    with pytest.raises(WrapError, match="four axes with 3 channels in the order NCHW"):
        published.inspect(graph_with(shape), place.card)


@pytest.mark.parametrize(("batch", "is_taken"), [(1, 1), ("n", 1), (2, 0)])
def test_a_picture_can_be_read_alone(place: Place, batch: int | str, is_taken: int) -> None:
    model = graph_with([batch, 3, 16, 24])

    if is_taken:
        published.inspect(model, place.card)
    else:
        with pytest.raises(WrapError, match="always reads 2 pictures at once"):
            published.inspect(model, place.card)


def test_half_precision_is_taken(place: Place) -> None:
    found = published.inspect(graph_with(FREE, TensorProto.FLOAT16), place.card)

    assert found.is_half


@pytest.mark.parametrize("element", [TensorProto.UINT8, TensorProto.DOUBLE])
def test_other_types_are_refused(place: Place, element: int) -> None:
    with pytest.raises(WrapError, match=r"reads (UINT8|DOUBLE), expected FLOAT or FLOAT16"):
        published.inspect(graph_with(FREE, element), place.card)


@pytest.mark.parametrize(("opset", "is_taken"), [(7, False), (8, True)])
def test_opsets_have_a_limit(place: Place, opset: int, is_taken: bool) -> None:
    model = graph_with(FREE)
    model.opset_import[0].version = opset

    if is_taken:
        published.inspect(model, place.card)
    else:
        with pytest.raises(WrapError, match="the opset 7, at least 8 is needed"):
            published.inspect(model, place.card)


def test_a_graph_without_outputs_is_refused(place: Place) -> None:
    place.rewrite_card('output = "1959"', "")
    model = graph_with(FREE)
    del model.graph.output[:]

    with pytest.raises(WrapError, match=r"has the outputs \[\]"):
        published.inspect(model, place.card)


@pytest.mark.parametrize("where", ["stored", "inner"])
def test_weights_in_other_files_are_refused(place: Place, where: str) -> None:
    model = published.parsed(place.file.read_bytes())
    tensor = model.graph.initializer[0]
    if where == "inner":
        constant = helper.make_node("Constant", [], ["c"], value=tensor)
        branch = helper.make_graph([constant], "branch", [], [])
        yes = small_network.stored("yes", np.array(True))
        model.graph.initializer.append(yes)
        model.graph.node.append(
            helper.make_node("If", ["yes"], [], then_branch=branch, else_branch=branch)
        )
        tensor = model.graph.node[-1].attribute[0].g.node[0].attribute[0].t
    tensor.data_location = TensorProto.EXTERNAL

    with pytest.raises(WrapError, match="keeps its weights in other files beside it"):
        published.parsed(model.SerializeToString())
