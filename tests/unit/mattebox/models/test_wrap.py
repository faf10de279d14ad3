import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from mattebox.models.errors import WrapError
from mattebox.models.wrap import wrap
from segmenter.inference import known_answer
from tests.unit.mattebox.models import small_network
from tests.unit.mattebox.models.conftest import Place
from tests.unit.mattebox.models.small_network import HEIGHT_PX, WIDTH_PX, Network

PICTURE = known_answer.picture(HEIGHT_PX, WIDTH_PX)


def run(graph: bytes, batch_u8: NDArray[np.uint8]) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    alpha_f32: NDArray[np.float32] = session.run(["alpha"], {"image": batch_u8})[0]
    return alpha_f32


def wrapped(place: Place) -> bytes:
    return wrap(place.file.read_bytes(), place.card)


@pytest.mark.parametrize("scale", ["255", "image_maximum"])
@pytest.mark.parametrize("ends_in_sigmoid", [True, False])
def test_the_answer_is_the_networks(place: Place, scale: str, ends_in_sigmoid: bool) -> None:
    place.publish(Network(ends_in_sigmoid=ends_in_sigmoid), scale)

    alpha_f32 = run(wrapped(place), PICTURE[np.newaxis])

    assert alpha_f32.dtype == np.float32
    np.testing.assert_allclose(alpha_f32[0], small_network.matte_of(PICTURE, scale), atol=1e-6)


@pytest.mark.parametrize("opset", [8, 11, 13, 18, 21])
def test_the_opset_is_kept(place: Place, opset: int) -> None:
    place.publish(Network(opset=opset))

    built = wrapped(place)

    assert [each.version for each in onnx.load_model_from_string(built).opset_import] == [opset]
    matte = small_network.matte_of(PICTURE)
    np.testing.assert_allclose(run(built, PICTURE[np.newaxis])[0], matte, atol=1e-6)


def test_a_network_of_the_other_layout_is_given_the_same_picture(place: Place) -> None:
    place.rewrite_card("NCHW", "NHWC")
    model = onnx.load_model_from_string(place.file.read_bytes())
    turn = helper.make_node("Transpose", ["pixels"], ["input.1"], perm=[0, 3, 1, 2])
    model.graph.node.insert(0, turn)
    model.graph.input[0].CopyFrom(small_network.tensor("pixels", [1, HEIGHT_PX, WIDTH_PX, 3]))
    place.rewrite_card('input = "input.1"', 'input = "pixels"')

    alpha_f32 = run(wrap(model.SerializeToString(), place.card), PICTURE[np.newaxis])

    np.testing.assert_allclose(alpha_f32[0], small_network.matte_of(PICTURE), atol=1e-6)


def test_a_network_that_wants_blue_first_is_given_it_first(place: Place) -> None:
    place.rewrite_card('layout = "NCHW"', 'layout = "NCHW"\nchannels = "BGR"')
    model = onnx.load_model_from_string(place.file.read_bytes())
    weights = next(each for each in model.graph.initializer if each.name == "weights")
    for_bgr = small_network.WEIGHTS[::-1].reshape(1, 3, 1, 1)
    weights.CopyFrom(small_network.stored("weights", np.ascontiguousarray(for_bgr)))

    alpha_f32 = run(wrap(model.SerializeToString(), place.card), PICTURE[np.newaxis])

    np.testing.assert_allclose(alpha_f32[0], small_network.matte_of(PICTURE), atol=1e-6)


def test_a_cut_at_0_and_1_is_made(place: Place) -> None:
    place.rewrite_card('activation = "sigmoid"', 'activation = "clip"')

    alpha_f32 = run(wrapped(place), PICTURE[np.newaxis])

    logits = small_network.logits_of(PICTURE)
    assert logits.min() < 0
    assert logits.max() > 1
    np.testing.assert_allclose(alpha_f32[0], logits.clip(0, 1), atol=1e-5)


def test_each_matte_of_a_batch_is_stretched_by_itself(place: Place) -> None:
    place.rewrite_card(
        'activation = "sigmoid"', 'activation = "sigmoid"\nnormalisation = "min_max"'
    )
    pictures = [PICTURE, PICTURE // np.uint8(4), np.zeros_like(PICTURE)]

    alpha_f32 = run(wrapped(place), np.stack(pictures))

    for alpha, picture in zip(alpha_f32[:2], pictures, strict=False):
        matte = small_network.matte_of(picture)
        stretched = (matte - matte.min()) / (matte.max() - matte.min())
        np.testing.assert_allclose(alpha, stretched, atol=1e-5)
    # One value all over is no subject, and nothing to divide by.
    np.testing.assert_array_equal(alpha_f32[2], 0)


def test_each_picture_of_a_batch_is_scaled_by_its_own_maximum(place: Place) -> None:
    pictures = [PICTURE, PICTURE // np.uint8(4), PICTURE[::-1], np.zeros_like(PICTURE)]

    alpha_f32 = run(wrapped(place), np.stack(pictures))

    expected = np.stack([small_network.matte_of(each) for each in pictures])
    np.testing.assert_allclose(alpha_f32, expected, atol=1e-6)


def test_the_tensors_are_those_of_the_contract(place: Place) -> None:
    graph = onnx.load_model_from_string(wrapped(place)).graph

    described = [
        (each.name, each.type.tensor_type.elem_type, dims_of(each))
        for each in [*graph.input, *graph.output]
    ]
    assert described == [
        ("image", TensorProto.UINT8, ["N", HEIGHT_PX, WIDTH_PX, 3]),
        ("alpha", TensorProto.FLOAT, ["N", HEIGHT_PX, WIDTH_PX]),
    ]


def dims_of(value: onnx.ValueInfoProto) -> list[str | int]:
    return [each.dim_param or each.dim_value for each in value.type.tensor_type.shape.dim]


def test_what_nobody_reads_is_gone(place: Place) -> None:
    graph = onnx.load_model_from_string(wrapped(place)).graph

    assert [each.op_type for each in graph.node].count("Conv") == 1
    stored = {each.name for each in graph.initializer}
    assert {"published/weights", "published/bias"} < stored
    assert not stored & {"published/side weights", "published/fixed"}
    assert len(graph.value_info) == 0


def test_what_a_file_tells_besides_is_gone(place: Place) -> None:
    model = onnx.load_model_from_string(place.file.read_bytes())
    model.producer_name = model.doc_string = model.graph.doc_string = "told"
    model.graph.quantization_annotation.add().tensor_name = "told"
    model.metadata_props.add(key="told", value="told")

    assert b"told" not in wrap(model.SerializeToString(), place.card)


def test_the_same_file_gives_the_same_bytes(place: Place) -> None:
    assert wrapped(place) == wrapped(place)


def test_the_graph_tells_where_it_comes_from(place: Place) -> None:
    model = onnx.load_model_from_string(wrapped(place))

    assert {each.key: each.value for each in model.metadata_props} == {
        "mattebox.card": "tiny",
        "mattebox.licence": "MIT",
        "mattebox.licence_holder": "Nobody, https://example.com",
        "mattebox.source_sha256": small_network.sha256_of(place.file),
    }


@pytest.mark.parametrize(("input_name", "output_name"), [("image", "alpha"), ("alpha", "image")])
def test_names_of_the_published_graph_may_be_ours(
    place: Place, input_name: str, output_name: str
) -> None:
    place.publish(Network(input=input_name, output=output_name))

    alpha_f32 = run(wrapped(place), PICTURE[np.newaxis])

    np.testing.assert_allclose(alpha_f32[0], small_network.matte_of(PICTURE), atol=1e-6)


def test_weights_that_are_also_listed_as_inputs_are_no_inputs(place: Place) -> None:
    model = onnx.load_model_from_string(place.file.read_bytes())
    model.graph.input.append(small_network.tensor("weights", [1, 3, 1, 1]))

    alpha_f32 = run(wrap(model.SerializeToString(), place.card), PICTURE[np.newaxis])

    np.testing.assert_allclose(alpha_f32[0], small_network.matte_of(PICTURE), atol=1e-6)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('input = "input.1"', 'input = "x"', r"inputs \['input.1'\], expected only 'x'"),
        ('output = "1959"', 'output = "x"', r"outputs \['1959', 'side'\], expected 'x'"),
        ('layout = "NCHW"', 'layout = "NHWC"', r"shape \[1, 3, 16, 24\] .* 3 channels .* NHWC"),
    ],
)
def test_a_graph_other_than_the_cards_is_refused(
    place: Place, old: str, new: str, problem: str
) -> None:
    place.rewrite_card(old, new)

    with pytest.raises(WrapError, match=problem):
        wrapped(place)


def test_a_graph_with_a_second_input_is_refused(place: Place) -> None:
    model = onnx.load_model_from_string(place.file.read_bytes())
    model.graph.input.append(small_network.tensor("trimap", [1, 1, HEIGHT_PX, WIDTH_PX]))

    with pytest.raises(WrapError, match=r"inputs \['input.1', 'trimap'\]"):
        wrap(model.SerializeToString(), place.card)


def test_bytes_that_are_no_graph_are_refused(place: Place) -> None:
    with pytest.raises(WrapError, match="no ONNX graph"):
        wrap(b"\xffnothing", place.card)


def test_a_graph_that_does_not_hold_together_is_refused(place: Place) -> None:
    model = onnx.load_model_from_string(place.file.read_bytes())
    model.graph.node[0].input[1] = "lost"

    with pytest.raises(WrapError, match="cannot be wrapped"):
        wrap(model.SerializeToString(), place.card)
