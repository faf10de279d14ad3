import pytest

from mattebox.models import card
from mattebox.models.errors import CardError
from tests.unit.mattebox.models.conftest import Place


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("[file]\nsha256 = ", "[file]\nsha256 = 'abc' # ", "file.sha256 (line "),
        ('layout = "NCHW"', 'layout = "NCWH"', "graph.layout (line "),
        ('scale = "image_maximum"', 'scale = "128"', "preprocessing.scale (line "),
        ('activation = "sigmoid"', 'activation = "relu"', "postprocessing.activation (line "),
        ("0.224", "0.0", "preprocessing.deviation.1 (line "),
        ("0.456", "nan", "preprocessing.mean.1 (line "),
        ("0.485", "123.675", "preprocessing.mean.0 (line "),
        ("0.485", "-0.1", "preprocessing.mean.0 (line "),
        ("0.229", "4.1", "preprocessing.deviation.0 (line "),
        ("0.485, 0.456", "0.456", "preprocessing.mean.2 (line "),
        ("height_px = 16", "height_px = 15", "graph.height_px (line "),
        ("height_px = 16", "height_px = 4097", "graph.height_px (line "),
        ('python = "3.11"', 'python = "latest"', "source.python (line "),
        ('spdx = "MIT"', 'spdx = ""', "licence.spdx (line "),
        ('title = "Tiny"', "", "title: "),
        ('title = "Tiny"', 'title = "Tiny"\ncolour = "red"', "colour (line "),
        ('name = "tiny"', 'name = "../tiny"', "name (line "),
        ("[preprocessing]", "[before]", "preprocessing: Field required"),
        ('holder = "Nobody, https://example.com"', "", "licence.holder (line "),
        ('use = "yes"', 'use = "maybe"', "licence.commercial_use (line "),
        ("[licence]", "[serving]\nmax_batch_size = 0\n[licence]", "serving.max_batch_size (line "),
        ("[licence]", "[serving]\nmax_batch_size = 65\n[licence]", "serving.max_batch_size (line "),
        ("[graph]", "[[known_files]]\ntitle = 'it'\n[graph]", "known_files.0 (line "),
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


@pytest.mark.parametrize(("old", "new"), [("0.485", "0"), ("0.485", "1"), ("0.229", "4")])
def test_a_channel_at_the_limit_is_taken(place: Place, old: str, new: str) -> None:
    place.rewrite_card(old, new)

    preprocessing = place.card.preprocessing
    assert float(new) in (preprocessing.mean[0], preprocessing.deviation[0])


@pytest.mark.parametrize("side_px", [16, 4096])
def test_a_side_at_the_limit_is_taken(place: Place, side_px: int) -> None:
    place.rewrite_card("height_px = 16", f"height_px = {side_px}")

    assert place.card.graph.height_px == side_px


def test_a_card_may_leave_to_the_file_what_the_file_tells(place: Place) -> None:
    place.publish(is_fetched=False)
    for line in ('input = "input.1"', 'output = "1959"', "height_px = 16", "width_px = 24"):
        place.rewrite_card(line, "")

    graph = place.card.graph
    assert (graph.input, graph.output, graph.height_px, graph.width_px) == (None, None, None, None)
    assert place.card.serving.max_batch_size == 8
    assert place.card.postprocessing.normalisation == "none"
