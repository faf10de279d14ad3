import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import helper

from mattebox.models.errors import ProofError, WrapError
from mattebox.models.mnn_form import TOLERANCE, mnn_form
from mattebox.models.prove import proof_pictures
from mattebox.models.wrap import wrap
from tests.unit.mattebox.models import small_network
from tests.unit.mattebox.models.conftest import Place

pytest.importorskip("_tools", reason="MNN has no build for this platform")


def pictures() -> list[NDArray[np.uint8]]:
    return proof_pictures(small_network.HEIGHT_PX, small_network.WIDTH_PX)


@pytest.fixture
def wrapped(place: Place) -> bytes:
    return wrap(place.file.read_bytes(), place.card)


def test_a_graph_is_converted_and_computes_the_same(wrapped: bytes) -> None:
    form = mnn_form(wrapped, pictures())

    assert form.content
    assert 0 <= form.from_graph < 1e-5


def test_nothing_is_left_beside_it(wrapped: bytes, place: Place) -> None:
    mnn_form(wrapped, pictures())

    assert list(place.temporary.iterdir()) == []


@pytest.mark.parametrize("scale", ["255", "image_maximum"])
def test_what_is_done_to_the_picture_before_is_part_of_it(place: Place, scale: str) -> None:
    place.publish(scale=scale)

    form = mnn_form(wrap(place.file.read_bytes(), place.card), pictures())

    assert form.from_graph < 1e-5


def test_a_graph_that_does_not_read_planes_has_no_form() -> None:
    model = onnx.load_model_from_string(_without_front())

    with pytest.raises(WrapError, match="layout NCHW"):
        mnn_form(model.SerializeToString(), pictures())


def _without_front() -> bytes:
    node = helper.make_node("Cast", ["image"], ["floats"], to=onnx.TensorProto.FLOAT)
    mean = helper.make_node("ReduceMean", ["floats"], ["alpha"], axes=[3], keepdims=0)
    sides: list[str | int] = ["N", small_network.HEIGHT_PX, small_network.WIDTH_PX]
    graph = helper.make_graph(
        [node, mean],
        "mean",
        [helper.make_tensor_value_info("image", onnx.TensorProto.UINT8, [*sides, 3])],
        [helper.make_tensor_value_info("alpha", onnx.TensorProto.FLOAT, sides)],
    )
    return bytes(helper.make_model(graph).SerializeToString())


def test_a_graph_that_cannot_be_converted_is_refused(wrapped: bytes) -> None:
    model = onnx.load_model_from_string(wrapped)
    model.graph.node[2].op_type = "NobodyKnowsThis"

    with pytest.raises(WrapError, match="MNN cannot convert or run the graph"):
        mnn_form(model.SerializeToString(), pictures())


def test_a_form_whose_answers_cannot_be_told_right_is_refused(wrapped: bytes) -> None:
    model = onnx.load_model_from_string(wrapped)
    weights = next(each for each in model.graph.initializer if each.name.endswith("weights"))
    values = np.full_like(onnx.numpy_helper.to_array(weights), np.nan)
    weights.CopyFrom(onnx.numpy_helper.from_array(values, weights.name))

    with pytest.raises(ProofError, match=f"differ by nan, at most {TOLERANCE} is right"):
        mnn_form(model.SerializeToString(), pictures())
