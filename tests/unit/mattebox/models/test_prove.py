import subprocess
import sys
from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from mattebox.models import onnx_runs, published
from mattebox.models.card import Card
from mattebox.models.errors import ProofError
from mattebox.models.prove import Proof, fingerprint_of, prove
from mattebox.models.wrap import wrap
from segmenter.inference import known_answer
from tests.unit.mattebox.models import small_network
from tests.unit.mattebox.models.conftest import Place
from tests.unit.mattebox.models.small_network import HEIGHT_PX, WIDTH_PX, Network


def proof_of(data: bytes, card: Card, wrapped: bytes | None = None) -> Proof:
    found = published.inspect(published.parsed(data), card)
    return prove(data, wrapped or wrap(data, card), card, found)


@pytest.mark.parametrize("scale", ["255", "image_maximum"])
@pytest.mark.parametrize("ends_in_sigmoid", [True, False])
def test_a_right_graph_differs_by_no_more_than_rounding(
    place: Place, scale: str, ends_in_sigmoid: bool
) -> None:
    place.publish(Network(ends_in_sigmoid=ends_in_sigmoid), scale)

    proof = proof_of(place.file.read_bytes(), place.card)

    assert proof.from_published < 1e-6
    assert proof.from_single is not None
    assert proof.from_single < 1e-6
    assert (proof.max_batch_size, proof.batch_problem) == (8, "")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('layout = "NCHW"', 'layout = "NCHW"\nchannels = "BGR"'),
        ('activation = "sigmoid"', 'activation = "clip"'),
    ],
)
def test_whatever_a_card_says_is_computed_in_both_ways(place: Place, old: str, new: str) -> None:
    place.rewrite_card(old, new)

    assert proof_of(place.file.read_bytes(), place.card).from_published < 1e-5


def test_the_known_answer_is_that_of_the_network(place: Place) -> None:
    data = place.file.read_bytes()

    picture = known_answer.picture(HEIGHT_PX, WIDTH_PX)
    right = known_answer.fingerprint(small_network.matte_of(picture).astype(np.float32))
    np.testing.assert_allclose(proof_of(data, place.card).known_answer, right, atol=1e-6)
    found = fingerprint_of(wrap(data, place.card), HEIGHT_PX, WIDTH_PX)
    np.testing.assert_allclose(found, right, atol=1e-6)


def test_a_graph_that_scales_otherwise_than_the_card_is_found_out(place: Place) -> None:
    data = place.file.read_bytes()
    preprocessing = replace(place.card.preprocessing, scale="255")
    other = replace(place.card, preprocessing=preprocessing)

    with pytest.raises(ProofError, match="The wrapped graph and the published graph differ by"):
        proof_of(data, other, wrap(data, place.card))


def test_a_graph_that_fails_on_a_batch_is_given_one_picture_at_a_time(
    place: Place, capfd: pytest.CaptureFixture[str]
) -> None:
    proof = proof_of(small_network.graph_of(Network(keeps_batch_of_one=True)), place.card)

    assert (proof.max_batch_size, proof.from_single) == (1, None)
    assert "cannot be run on a batch of 3" in proof.batch_problem
    assert capfd.readouterr().err == ""


def test_a_graph_that_mixes_pictures_is_given_one_at_a_time(place: Place) -> None:
    proof = proof_of(mixing(), place.card)

    assert (proof.max_batch_size, proof.from_single) == (1, None)
    assert proof.batch_problem.startswith("in a batch its answers differ by 0.")


def mixing() -> bytes:
    """Lowers the logits by the largest of the whole batch."""
    model = onnx.load_model_from_string(small_network.graph_of(Network()))
    model.graph.node[0].output[0] = "alone"
    model.graph.node.append(helper.make_node("ReduceMax", ["alone"], ["most"], keepdims=0))
    model.graph.node.append(helper.make_node("Sub", ["alone", "most"], ["1959"]))
    return model.SerializeToString()


@pytest.mark.parametrize(("most", "run_with"), [(1, None), (2, 2), (3, 3), (9, 3)])
def test_a_batch_is_tried_with_no_more_pictures_than_the_card_allows(
    place: Place, most: int, run_with: int | None
) -> None:
    place.rewrite_card("[licence]", f"[serving]\nmax_batch_size = {most}\n[licence]")

    proof = proof_of(place.file.read_bytes(), place.card)

    assert proof.max_batch_size == most
    assert (proof.from_single is None) == (run_with is None)
    assert proof.batch_problem == ""


def test_logits_under_a_card_without_activation_are_found_out(place: Place) -> None:
    place.rewrite_card('activation = "sigmoid"', 'activation = "none"')

    with pytest.raises(ProofError, match=r"values from -\d.* expected 0 to 1"):
        proof_of(place.file.read_bytes(), place.card)


def test_logits_are_found_out_also_where_they_would_be_stretched(place: Place) -> None:
    place.rewrite_card('activation = "sigmoid"', 'activation = "none"\nnormalisation = "min_max"')

    with pytest.raises(ProofError, match=r"values from -\d.* logits need 'sigmoid'"):
        proof_of(place.file.read_bytes(), place.card)


def test_a_second_sigmoid_is_found_out(place: Place) -> None:
    data = small_network.graph_of(Network(ends_in_sigmoid=True))

    with pytest.raises(ProofError, match=r"applied to already.*activation 'none'"):
        proof_of(data, place.card)


def test_answers_that_are_no_numbers_are_found_out(place: Place) -> None:
    model = onnx.load_model_from_string(place.file.read_bytes())
    weights = next(each for each in model.graph.initializer if each.name == "weights")
    nothing = np.full((1, 3, 1, 1), np.nan, np.float32)
    weights.CopyFrom(small_network.stored("weights", nothing))

    with pytest.raises(ProofError, match="with values that are no numbers"):
        proof_of(model.SerializeToString(), place.card)


def test_a_stretched_matte_is_held_against_what_it_was_before(place: Place) -> None:
    place.rewrite_card(
        'activation = "sigmoid"', 'activation = "sigmoid"\nnormalisation = "min_max"'
    )

    data = flattened(place.file.read_bytes())

    proof = proof_of(data, place.card, scaled(wrap(data, place.card), 0.99))

    # A hundredth of the stretched matte, which spans 0 to 1, is next to nothing of the flat one.
    assert 0 < proof.from_published < 1e-4
    assert max(proof.known_answer) > 0.9


def flattened(data: bytes) -> bytes:
    """The network with a thousandth of its weights, whose mattes are nearly even."""
    model = onnx.load_model_from_string(data)
    weights = next(each for each in model.graph.initializer if each.name == "weights")
    small = onnx.numpy_helper.to_array(weights) / np.float32(1000)
    weights.CopyFrom(small_network.stored("weights", small))
    return model.SerializeToString()


@pytest.mark.parametrize(("off_by", "is_taken"), [(9e-5, 1), (1.1e-4, 0)])
def test_what_may_differ_has_a_limit(place: Place, off_by: float, is_taken: int) -> None:
    data = place.file.read_bytes()
    wrapped = wrap(data, place.card)
    largest = max_of(wrapped)
    wrong = scaled(wrapped, 1 - off_by / largest)

    if is_taken:
        assert proof_of(data, place.card, wrong).from_published == pytest.approx(off_by, abs=1e-6)
    else:
        with pytest.raises(ProofError, match=r"differ by 0\.00011, at most 0\.0001 is right"):
            proof_of(data, place.card, wrong)


def max_of(wrapped: bytes) -> float:
    """The largest value in the mattes that the proof compares."""
    picture = known_answer.picture(HEIGHT_PX, WIDTH_PX)
    shown = [picture, picture[:, ::-1] // 3, np.zeros_like(picture)]
    session = onnx_runs.session(wrapped)
    mattes = onnx_runs.run(session, "alpha", {"image": np.stack(shown).astype(np.uint8)})
    return float(mattes.max())


def scaled(wrapped: bytes, by: float) -> bytes:
    """A wrapped graph whose mattes are multiplied."""
    model = onnx.load_model_from_string(wrapped)
    model.graph.node[-1].output[0] = "right"
    model.graph.initializer.append(small_network.stored("by", np.array(by, np.float32)))
    model.graph.node.append(helper.make_node("Mul", ["right", "by"], ["alpha"]))
    return model.SerializeToString()


def test_half_precision_has_a_tolerance_of_its_own(place: Place) -> None:
    proof = proof_of(halved(place.file.read_bytes()), place.card)

    assert proof.from_published < 5e-3
    assert proof.max_batch_size == 8


def halved(data: bytes) -> bytes:
    """The network with half precision from end to end."""
    graph = onnx.load_model_from_string(data).graph
    for value in [*graph.input, *graph.output]:
        value.type.tensor_type.elem_type = TensorProto.FLOAT16
    stored = [
        small_network.stored(each.name, onnx.numpy_helper.to_array(each).astype(np.float16))
        for each in graph.initializer
        if each.data_type == TensorProto.FLOAT
    ]
    del graph.initializer[:]
    graph.initializer.extend(stored)
    return small_network.published(graph)


def test_a_published_output_of_several_maps_is_refused(place: Place) -> None:
    data = small_network.graph_of(Network())
    wrapped = wrap(data, place.card)
    smaller = replace(place.card, graph=replace(place.card.graph, output="maps"))

    with pytest.raises(ProofError, match=r"shape \[1, 2, 16, 24\], which is no single map"):
        proof_of(two_maps(), smaller, wrapped)


def two_maps() -> bytes:
    shape = [1, 3, small_network.HEIGHT_PX, small_network.WIDTH_PX]
    graph = helper.make_graph(
        [helper.make_node("Conv", ["input.1", "weights"], ["maps"])],
        "tiny",
        [small_network.tensor("input.1", shape)],
        [small_network.tensor("maps", [1, 2, *shape[2:]])],
        [small_network.stored("weights", np.ones((2, 3, 1, 1), np.float32))],
    )
    return small_network.published(graph)


@pytest.mark.parametrize(("shape", "is_taken"), [([16, 24], 1), ([24, 16], 0), ([8, 48], 0)])
def test_a_map_on_its_side_is_no_matte(place: Place, shape: list[int], is_taken: int) -> None:
    data = reshaped(shape)

    if is_taken:
        assert proof_of(data, place.card).from_published < 1e-6
    else:
        with pytest.raises(ProofError, match=r"no single map of 16 x 24.* another size than"):
            proof_of(data, place.card)


def reshaped(shape: list[int]) -> bytes:
    model = onnx.load_model_from_string(small_network.graph_of(Network()))
    model.graph.node[0].output[0] = "upright"
    shape_i64 = np.array([0, 1, *shape], np.int64)
    model.graph.initializer.append(small_network.stored("shape", shape_i64))
    model.graph.node.append(helper.make_node("Reshape", ["upright", "shape"], ["1959"]))
    del model.graph.output[0].type.tensor_type.shape.dim[2:]
    for side in shape:
        model.graph.output[0].type.tensor_type.shape.dim.add(dim_value=side)
    return model.SerializeToString()


def test_bytes_that_are_no_graph_are_refused() -> None:
    with pytest.raises(ProofError, match="cannot load the graph"):
        fingerprint_of(b"\xffnothing", HEIGHT_PX, WIDTH_PX)


def test_onnx_runtime_is_loaded_without_its_reports(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS", "CI"):
        monkeypatch.delenv(name, raising=False)

    subprocess.run([sys.executable, "-c", "import mattebox.models.prove"], check=True)

    # The first thing a reporting one does is to open a session, which it notes in this folder.
    assert list(place.temporary.iterdir()) == []
