import hashlib
import json

import pytest

from mattebox.models import installed
from mattebox.models.install import InstallOptions, install
from mattebox.models.installed import State
from tests.unit.mattebox.models import small_network
from tests.unit.mattebox.models.conftest import Place


def test_the_provenance_tells_of_source_and_build(place: Place) -> None:
    install(place.card, place.repository, InstallOptions(from_file=place.file))

    graph = place.version / "model.onnx"
    provenance = json.loads((place.version / "provenance.json").read_text())
    assert provenance["card"]["name"] == "tiny"
    assert provenance["card"]["licence"]["text_file"] is None
    assert provenance["origin"] == {
        "name": "tiny_net-1.0-py3-none-any.whl: net/tiny.onnx",
        "sha256": small_network.sha256_of(place.file),
        "size_bytes": place.file.stat().st_size,
        "recognised_as": "",
    }
    assert provenance["licence_accepted_at"] == ""
    assert [provenance[key] for key in ("height_px", "width_px", "max_batch_size")] == [16, 24, 8]
    assert provenance["sha256"] == small_network.sha256_of(graph)
    assert provenance["size_bytes"] == graph.stat().st_size
    assert sorted(provenance["tools"]) == ["mattebox", "onnx"]


@pytest.mark.parametrize("hash_name", ["md5", "sha256"])
def test_a_known_file_is_called_by_its_name(place: Place, hash_name: str) -> None:
    place.publish(is_fetched=False)
    digest = hashlib.new(hash_name, place.file.read_bytes()).hexdigest()
    known = f'[[known_files]]\ntitle = "the file of everybody"\n{hash_name} = "{digest}"\n[graph]'
    place.rewrite_card("[graph]", known)
    told: list[str] = []

    install(place.card, place.repository, InstallOptions(from_file=place.file), told.append)

    condition = installed.condition(place.card, place.repository)
    assert told[1] == "This is the file of everybody."
    assert condition.provenance is not None
    assert condition.provenance.origin.recognised_as == "the file of everybody"


def test_an_unknown_file_is_installed_with_a_notice(place: Place) -> None:
    place.publish(is_fetched=False)
    told: list[str] = []

    install(place.card, place.repository, InstallOptions(from_file=place.file), told.append)

    assert told[0] == f"Fetching {place.file}"
    assert told[1].startswith("Notice: this file is not known to the card of tiny.")
    assert told[1].endswith(f"Its sha256 is {small_network.sha256_of(place.file)}.")
    assert installed.condition(place.card, place.repository).state is State.INSTALLED


def test_accepted_terms_are_recorded(place: Place) -> None:
    place.rewrite_card('commercial_use = "yes"', 'commercial_use = "no"')

    install(place.card, place.repository, InstallOptions(accept_licence=True))

    provenance = installed.condition(place.card, place.repository).provenance
    assert provenance is not None
    assert provenance.licence_accepted_at.endswith("+00:00")
    assert provenance.card.licence.notice == "Nobody made this."
    assert provenance.card.licence.commercial_use == "no"
