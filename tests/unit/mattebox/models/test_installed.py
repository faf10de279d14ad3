import json
from collections.abc import Callable
from typing import Any

import pytest

from mattebox.models import installed
from mattebox.models.install import install
from mattebox.models.installed import Condition, State
from tests.unit.mattebox.models.conftest import Place


@pytest.fixture
def built(place: Place) -> Place:
    install(place.card, place.repository, from_file=place.file)
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
    assert condition_of(built) == Condition(State.INSTALLED)


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
    rewrite_provenance(built, lambda provenance: provenance.update(source_sha256="0" * 64))

    found = condition_of(built)

    assert found.state is State.DAMAGED
    assert f"from a file with sha256 {'0' * 64}" in found.problem


def test_a_build_by_another_recipe_is_damage(built: Place) -> None:
    built.rewrite_card("0.485", "0.5")

    found = condition_of(built)

    assert found.state is State.DAMAGED
    assert "built by another version of its card" in found.problem


def test_another_sentence_in_the_card_is_no_damage(built: Place) -> None:
    built.rewrite_card('commercial_use = "Yes."', 'commercial_use = "Yes, gladly."')

    assert condition_of(built).state is State.INSTALLED
