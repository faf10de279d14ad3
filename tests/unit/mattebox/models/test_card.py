import re
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
    assert u2netp.file is not None
    assert u2netp.file.size_bytes == 4_574_861


def test_every_shipped_card_carries_its_licence() -> None:
    for name in card.names():
        licence = card.load(name).licence
        assert licence.text_file is None or len(licence.text_file.read_text()) > 500
        assert licence.commercial_use_note.endswith(".")
        assert "https://" in licence.source
        assert re.findall(r"https://[^ ,]+", licence.holder)[0] in licence.notice


def test_the_shipped_notice_of_u2netp_tells_of_its_training_set() -> None:
    licence = card.load("u2netp").licence

    assert licence.text_file is not None
    assert "Apache License" in licence.text_file.read_text()
    assert "DUTS" in licence.notice
    assert "DUTS" in licence.commercial_use_note


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


def test_a_file_without_its_source_is_refused(place: Place) -> None:
    place.publish(is_fetched=False)
    place.rewrite_card("[graph]", f'[file]\nsha256 = "{"0" * 64}"\nsize_bytes = 1\n[graph]')

    with pytest.raises(CardError, match=r"the card: .*\[source\] and \[file\] stand together"):
        card.load("tiny", place.cards)


def test_all_problems_are_told_at_once(place: Place) -> None:
    place.rewrite_card('layout = "NCHW"', 'layout = "NCWH"')
    place.rewrite_card("size_bytes = ", "size_bytes = -")

    with pytest.raises(CardError, match=r"file\.size_bytes .*; graph\.layout "):
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


def test_a_card_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(CardError, match=r"my\.toml cannot be read: No such file"):
        card.read(tmp_path / "my.toml")


def test_a_card_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_bytes(b"\xff\xfe")

    with pytest.raises(CardError, match="is no TOML file"):
        card.read(tmp_path / "my.toml")


def test_a_card_nested_beyond_measure_is_refused(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text("mean = " + "[" * 10_000)

    with pytest.raises(CardError, match="is no TOML file"):
        card.read(tmp_path / "my.toml")


def test_a_card_may_begin_with_the_mark_of_its_encoding(place: Place) -> None:
    path = place.cards / "tiny.toml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())

    assert place.card.name == "tiny"


def test_a_network_in_integers_has_no_form_for_mnn(place: Place) -> None:
    integers = "[quantisation]\nranges = { image = [0, 1] }\n\n"
    place.rewrite_card("[licence]", f"[serving]\nmnn = true\n\n{integers}[licence]")

    with pytest.raises(CardError, match="leave mnn out of"):
        card.load("tiny", place.cards)
