import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from onnx import helper

from mattebox.models import config
from mattebox.models.errors import ProofError
from mattebox.models.prove import Proof, prove, prove_known_answer
from mattebox.models.wrap import wrap
from segmenter.inference import known_answer
from tests.unit.mattebox.models import small_network
from tests.unit.mattebox.models.conftest import Place
from tests.unit.mattebox.models.small_network import Network


def proof_of(place: Place) -> Proof:
    published = place.file.read_bytes()
    serving = config.read(place.card, place.repository)
    return prove(published, wrap(published, place.card), place.card, serving)


@pytest.mark.parametrize("scale", ["255", "image_maximum"])
@pytest.mark.parametrize("ends_in_sigmoid", [True, False])
def test_a_right_graph_differs_by_no_more_than_rounding(
    place: Place, scale: str, ends_in_sigmoid: bool
) -> None:
    place.publish(Network(ends_in_sigmoid=ends_in_sigmoid), scale)

    proof = proof_of(place)

    assert proof.from_published < 1e-6
    assert proof.from_single < 1e-6
    assert proof.from_known_answer < 1e-4


def test_a_graph_that_scales_otherwise_than_the_card_is_found_out(place: Place) -> None:
    published = place.file.read_bytes()
    serving = config.read(place.card, place.repository)
    wrapped = wrap(published, place.card)
    preprocessing = replace(place.card.preprocessing, scale="255")
    other = replace(place.card, preprocessing=preprocessing)

    with pytest.raises(ProofError, match="The wrapped graph and the published graph differ by"):
        prove(published, wrapped, other, serving)


def test_a_graph_that_keeps_a_batch_of_one_is_found_out(place: Place) -> None:
    place.publish(Network(keeps_batch_of_one=True))

    with pytest.raises(ProofError, match="cannot be run on a batch of 3"):
        proof_of(place)


def test_logits_under_a_card_without_activation_are_found_out(place: Place) -> None:
    place.rewrite_card('activation = "sigmoid"', 'activation = "none"')

    with pytest.raises(ProofError, match=r"values from -\d.* expected 0 to 1"):
        proof_of(place)


def test_another_network_is_found_out_by_the_known_answer(place: Place) -> None:
    other = known_answer.to_text((0.5,) * 64)
    place.config.write_text(small_network.CONFIG.format(known_answer=other))

    with pytest.raises(ProofError, match=r"config\.pbtxt, at most 0\.05 is right"):
        proof_of(place)


@pytest.mark.parametrize(("shift", "passes"), [(0.049, True), (0.051, False)])
def test_the_known_answer_has_a_tolerance(place: Place, shift: float, passes: bool) -> None:
    serving = config.read(place.card, place.repository)
    assert serving.known_answer is not None
    shifted = (serving.known_answer[0] + shift, *serving.known_answer[1:])
    graph = wrap(place.file.read_bytes(), place.card)

    if passes:
        found = prove_known_answer(graph, place.card, replace(serving, known_answer=shifted))
        assert found == pytest.approx(shift, abs=1e-3)
    else:
        with pytest.raises(ProofError, match=r"differs by 0\.051"):
            prove_known_answer(graph, place.card, replace(serving, known_answer=shifted))


def test_without_a_known_answer_the_one_to_write_down_is_told(place: Place) -> None:
    text = place.config.read_text()
    place.config.write_text(text.split("parameters")[0])

    with pytest.raises(ProofError, match="has no parameter known_answer") as caught:
        proof_of(place)

    told = known_answer.from_text(str(caught.value).rsplit(" ", 1)[1])
    right = text.split('string_value: "')[1].split('"')[0]
    np.testing.assert_allclose(told, known_answer.from_text(right), atol=2e-4)


def test_a_published_output_of_several_maps_is_refused(place: Place) -> None:
    published = small_network.graph_of(Network())
    serving = config.read(place.card, place.repository)
    wrapped = wrap(published, place.card)
    smaller = replace(place.card, graph=replace(place.card.graph, output="maps"))

    with pytest.raises(ProofError, match=r"shape \[1, 2, 16, 24\], which is no single map"):
        prove(two_maps(), wrapped, smaller, serving)


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


def test_bytes_that_are_no_graph_are_refused(place: Place) -> None:
    serving = config.read(place.card, place.repository)

    with pytest.raises(ProofError, match="cannot load the graph"):
        prove_known_answer(b"\xffnothing", place.card, serving)


def test_onnx_runtime_is_loaded_without_its_reports(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS", "CI"):
        monkeypatch.delenv(name, raising=False)

    subprocess.run([sys.executable, "-c", "import mattebox.models.prove"], check=True)

    # The first thing a reporting one does is to open a session, which it notes in this folder.
    assert list(place.temporary.iterdir()) == []
