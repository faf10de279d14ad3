import hashlib
import json

import onnx
import pytest

from mattebox.models.errors import ConfigError, DamagedError, ProofError
from mattebox.models.install import InstallOptions, install
from mattebox.models.verify import verify
from segmenter.inference import known_answer
from tests.unit.mattebox.models import small_network
from tests.unit.mattebox.models.conftest import Place


@pytest.fixture
def built(place: Place) -> Place:
    install(place.card, place.repository, InstallOptions(from_file=place.file))
    return place


def replace_graph(place: Place, graph: bytes) -> None:
    """Puts another graph in the place of the installed one, and makes the provenance fit."""
    (place.version / "model.onnx").write_bytes(graph)
    path = place.version / "provenance.json"
    provenance = json.loads(path.read_text())
    provenance["sha256"] = hashlib.sha256(graph).hexdigest()
    path.write_text(json.dumps(provenance))


def test_what_was_installed_is_sound(built: Place) -> None:
    verify(built.card, built.repository)
    verify(built.card, built.repository, run=True)


def test_what_was_never_installed_is_told(place: Place) -> None:
    with pytest.raises(DamagedError, match="is not there"):
        verify(place.card, place.repository)


def test_a_changed_byte_is_told(built: Place) -> None:
    graph = built.version / "model.onnx"
    graph.write_bytes(graph.read_bytes() + b"?")

    with pytest.raises(DamagedError, match="is not the file that was installed"):
        verify(built.card, built.repository)


def test_a_configuration_for_another_network_is_told(built: Place) -> None:
    built.config.write_text(built.config.read_text().replace("16, 24 ]", "24, 16 ]"))

    with pytest.raises(ConfigError, match="the output"):
        verify(built.card, built.repository)


def test_another_graph_with_a_fitting_provenance_is_told(built: Place) -> None:
    replace_graph(built, built.file.read_bytes())

    with pytest.raises(DamagedError, match=r"has the tensors \['input.1 FLOAT"):
        verify(built.card, built.repository)


def test_bytes_that_are_no_graph_are_told(built: Place) -> None:
    replace_graph(built, b"\xffnothing")

    with pytest.raises(DamagedError, match="no ONNX graph"):
        verify(built.card, built.repository)


def test_wrong_weights_are_found_by_running_only(built: Place) -> None:
    model = onnx.load(built.version / "model.onnx")
    weights = next(each for each in model.graph.initializer if each.name == "published/weights")
    weights.CopyFrom(small_network.stored(weights.name, -small_network.WEIGHTS.reshape(1, 3, 1, 1)))
    replace_graph(built, model.SerializeToString())

    verify(built.card, built.repository)
    with pytest.raises(ProofError, match=f"at most {known_answer.TOLERANCE} is right"):
        verify(built.card, built.repository, run=True)
