from pathlib import Path

import pytest

from mattebox.models import card
from mattebox.models.errors import CardError
from tests.unit.mattebox.models.conftest import Place


def test_the_shipped_card_of_u2netp_tells_what_the_network_needs() -> None:
    u2netp = card.load("u2netp")

    assert (u2netp.graph.height_px, u2netp.graph.width_px) == (320, 320)
    assert (u2netp.graph.input, u2netp.graph.output) == ("input.1", "1959")
    assert u2netp.preprocessing.scale == "image_maximum"
    assert u2netp.postprocessing.activation == "none"
    assert u2netp.file.size_bytes == 4_574_861


def test_every_shipped_card_carries_its_licence() -> None:
    for name in card.names():
        licence = card.load(name).licence
        assert len(licence.text_file.read_text()) > 500
        assert licence.holder.split(",")[0].removesuffix(" et al.") in licence.notice


def test_the_shipped_notice_of_u2netp_tells_of_its_training_set() -> None:
    licence = card.load("u2netp").licence

    assert "Apache License" in licence.text_file.read_text()
    assert "DUTS" in licence.notice
    assert "DUTS" in licence.commercial_use


def test_names_are_those_of_the_folder(place: Place) -> None:
    assert card.names(place.cards) == ["tiny"]


def test_an_unknown_name_is_answered_with_the_known_ones(place: Place) -> None:
    with pytest.raises(CardError, match=r"no card for a model 'huge'.*The known models are: tiny"):
        card.load("huge", place.cards)


def test_a_path_is_no_name(place: Place) -> None:
    with pytest.raises(CardError, match="no card for a model"):
        card.load("../cards/tiny", place.cards)


def test_an_empty_folder_knows_no_models(tmp_path: Path) -> None:
    with pytest.raises(CardError, match="The known models are: none"):
        card.load("tiny", tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("[file]\nsha256 = ", "[file]\nsha256 = 'abc' # ", "file.sha256: "),
        ('layout = "NCHW"', 'layout = "NHWC"', "graph.layout: Input should be 'NCHW'"),
        ('scale = "image_maximum"', 'scale = "128"', "preprocessing.scale: "),
        ('activation = "sigmoid"', 'activation = "relu"', "postprocessing.activation: "),
        ("0.224", "0.0", "preprocessing.deviation.1: "),
        ("0.456", "nan", "preprocessing.mean.1: "),
        ("0.485, 0.456", "0.456", "preprocessing.mean"),
        ("height_px = 16", "height_px = 15", "graph.height_px: "),
        ("height_px = 16", "height_px = 4097", "graph.height_px: "),
        ('python = "3.11"', 'python = "latest"', "source.python: "),
        ('spdx = "MIT"', 'spdx = ""', "licence.spdx: "),
        ('title = "Tiny"', "", "title: "),
        ('title = "Tiny"', 'title = "Tiny"\ncolour = "red"', "colour: "),
        ('name = "tiny"', 'name = "../tiny"', "name: "),
    ],
)
def test_a_wrong_card_is_refused_with_the_field(
    place: Place, old: str, new: str, problem: str
) -> None:
    place.rewrite_card(old, new)

    with pytest.raises(CardError) as caught:
        card.load("tiny", place.cards)

    assert problem in str(caught.value)
    assert str(place.cards / "tiny.toml") in str(caught.value)


@pytest.mark.parametrize("side_px", [16, 4096])
def test_a_side_at_the_limit_is_taken(place: Place, side_px: int) -> None:
    place.rewrite_card("height_px = 16", f"height_px = {side_px}")

    assert place.card.graph.height_px == side_px


def test_all_problems_are_told_at_once(place: Place) -> None:
    place.rewrite_card('layout = "NCHW"', 'layout = "NHWC"')
    place.rewrite_card("size_bytes = ", "size_bytes = -")

    with pytest.raises(CardError, match=r"file\.size_bytes: .*; graph\.layout: "):
        card.load("tiny", place.cards)


def test_a_file_that_is_no_toml_is_refused(place: Place) -> None:
    (place.cards / "tiny.toml").write_text("name: tiny")

    with pytest.raises(CardError, match="is no TOML file"):
        card.load("tiny", place.cards)


def test_a_card_under_another_name_is_refused(place: Place) -> None:
    (place.cards / "tiny.toml").rename(place.cards / "other.toml")

    with pytest.raises(CardError, match=r"must be named after its model: tiny\.toml"):
        card.load("other", place.cards)


def test_a_card_without_its_licence_text_is_refused(place: Place) -> None:
    (place.cards / "MIT.txt").unlink()

    with pytest.raises(CardError, match=r"licence text that is not there: .*MIT\.txt"):
        card.load("tiny", place.cards)
