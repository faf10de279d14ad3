import json
import shutil
from collections.abc import Callable
from typing import Any

import pytest

from mattebox.models import installed
from mattebox.models.install import InstallOptions, install
from mattebox.models.installed import Condition, State
from tests.unit.mattebox.models.conftest import Place


@pytest.fixture
def built(place: Place) -> Place:
    install(place.card, place.repository, InstallOptions(from_file=place.file))
    return place


def condition_of(place: Place) -> Condition:
    return installed.condition(place.card, place.repository)


def rewrite_provenance(place: Place, change: Callable[[dict[str, Any]], object]) -> None:
    path = place.version / "provenance.json"
    provenance = json.loads(path.read_text())
    change(provenance)
    path.write_text(json.dumps(provenance))


def test_what_was_never_installed_is_missing(place: Place) -> None:
    found = condition_of(place)

    assert found.state is State.MISSING
    assert found.problem.endswith("is not there. Run 'mattebox models install tiny'.")


def test_what_was_installed_is_installed(built: Place) -> None:
    found = condition_of(built)

    assert (found.state, found.problem) == (State.INSTALLED, "")
    assert found.provenance is not None
    assert found.provenance.card.name == "tiny"


def test_a_changed_byte_is_damage(built: Place) -> None:
    graph = built.version / "model.onnx"
    graph.write_bytes(graph.read_bytes()[:-1] + b"?")

    found = condition_of(built)

    assert found.state is State.DAMAGED
    assert "is not the file that was installed: expected sha256" in found.problem


def test_a_lost_provenance_is_damage(built: Place) -> None:
    (built.version / "provenance.json").unlink()

    found = condition_of(built)

    assert found.state is State.DAMAGED
    assert "provenance.json cannot be read" in found.problem


@pytest.mark.parametrize("text", ["", "{", "[]", '{"card": "tiny"}'])
def test_a_broken_provenance_is_damage(built: Place, text: str) -> None:
    (built.version / "provenance.json").write_text(text)

    found = condition_of(built)

    assert found.state is State.DAMAGED
    assert "is no provenance" in found.problem


def test_a_build_from_another_source_is_damage(built: Place) -> None:
    rewrite_provenance(built, lambda found: found["origin"].update(sha256="0" * 64))

    found = condition_of(built)

    assert found.state is State.DAMAGED
    assert f"from a file with sha256 {'0' * 64}" in found.problem


def test_a_build_by_another_recipe_is_damage(built: Place) -> None:
    built.rewrite_card("0.485", "0.5")

    found = condition_of(built)

    assert found.state is State.DAMAGED
    assert "built by another version of its card" in found.problem


@pytest.mark.parametrize("field", ["sha256", "size_bytes", "name"])
def test_a_provenance_that_lacks_a_field_of_its_origin_is_damage(built: Place, field: str) -> None:
    rewrite_provenance(built, lambda found: found["origin"].pop(field))

    assert condition_of(built).problem.startswith(f"{built.version / 'provenance.json'} is no")


def test_a_build_by_another_wrapping_is_damage(built: Place) -> None:
    rewrite_provenance(built, lambda found: found.update(wrapping=0))

    assert "another version of its card or of Mattebox" in condition_of(built).problem


def test_what_was_installed_is_listed_with_its_card(built: Place) -> None:
    assert installed.names(built.repository) == ["tiny"]
    card = installed.card_of("tiny", built.repository)
    assert card is not None
    assert (card.name, card.licence.text_file) == ("tiny", None)
    assert installed.card_of("other", built.repository) is None


def test_a_copied_folder_is_no_other_model(built: Place) -> None:
    shutil.copytree(built.repository / "tiny", built.repository / "copy")

    assert installed.card_of("copy", built.repository) is None


def test_what_the_operator_brings_is_asked_for_by_its_file(place: Place) -> None:
    place.publish(is_fetched=False)

    remedy = "install tiny --from-file FILE', with --card too if the card is your own."
    assert condition_of(place).problem.endswith(remedy)


def test_another_sentence_in_the_card_is_no_damage(built: Place) -> None:
    built.rewrite_card('commercial_use_note = "Gladly."', 'commercial_use_note = "Any."')

    assert condition_of(built).state is State.INSTALLED
