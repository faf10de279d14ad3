import pytest

from gateway.bodies.gathering import BEGINNING_BYTES, Gatherer
from gateway.bodies.kind import BodyKind
from gateway.bodies.submission import ImageBytes, ImageText, ImageUrl, Source
from gateway.bodies.vocabulary import V2, Vocabulary
from gateway.errors import InvalidImageUrlError, MultipleSourcesError
from gateway.options.fields import NoText
from gateway.pictures import Slot
from tests.unit.gateway.bodies.dialects import DATA_URLS, FILE_WINS, TWO


def gathered(vocabulary: Vocabulary, *fields: tuple[str, bytes]) -> dict[Slot, Source]:
    """Puts what forms hold, in that order."""
    gatherer = Gatherer(vocabulary)
    for name, content in fields:
        meaning = vocabulary.meaning(name, BodyKind.MULTIPART)
        if name in vocabulary.files:
            gatherer.put_file(name, meaning, content)
        elif name.lower() in vocabulary.texts:
            gatherer.put_text(name, meaning, content)
        else:
            gatherer.put_url(name, meaning, content.decode())
    return gatherer.gathered.sources


FIELDS = [("picture", b"1"), ("picture_b64", b"2"), ("picture_url", b"3")]


def test_each_picture_has_a_source_of_its_own() -> None:
    sources = gathered(TWO, ("back_url", b"a"), ("picture", b"1"))

    assert sources == {Slot.BACKGROUND: ImageUrl("a"), Slot.IMAGE: ImageBytes(b"1")}


@pytest.mark.parametrize("first", FIELDS)
@pytest.mark.parametrize("second", FIELDS)
def test_two_fields_of_one_picture_are_too_many(
    first: tuple[str, bytes], second: tuple[str, bytes]
) -> None:
    if first == second:
        assert len(gathered(TWO, first, second)) == 1
        return
    with pytest.raises(MultipleSourcesError) as caught:
        gathered(TWO, first, second)
    assert caught.value.details == {}


def test_two_fields_of_the_background_are_told_to_be_of_it() -> None:
    with pytest.raises(MultipleSourcesError) as caught:
        gathered(TWO, ("back", b"1"), ("back_url", b"2"))
    assert caught.value.details == {"image": "background"}


@pytest.mark.parametrize(
    ("name", "contents", "last"),
    [
        ("picture", (b"1", b"2", b""), ImageBytes(b"2")),
        ("picture_b64", (b"1", b"2", b" \n"), ImageText("picture_b64", b"2")),
        ("picture_url", (b"1", b"2", b" "), ImageUrl("2")),
    ],
)
def test_of_a_repeated_field_the_last_counts_that_is_not_empty(
    name: str, contents: tuple[bytes, ...], last: Source
) -> None:
    assert gathered(TWO, *((name, content) for content in contents)) == {Slot.IMAGE: last}


def test_a_repeated_field_is_known_in_any_case() -> None:
    sources = gathered(TWO, ("picture_url", b"1"), ("Picture_URL", b"2"))

    assert sources == {Slot.IMAGE: ImageUrl("2")}


def test_natively_a_repeated_field_is_one_source_too_many() -> None:
    with pytest.raises(MultipleSourcesError):
        gathered(V2, ("image_url", b"1"), ("image_url", b"2"))


@pytest.mark.parametrize("order", [1, -1])
def test_where_files_win_the_text_beside_one_does_not_count(order: int) -> None:
    fields = [("picture", b"1"), ("picture_b64", b"2")][::order]

    assert gathered(FILE_WINS, *fields) == {Slot.IMAGE: ImageBytes(b"1")}


@pytest.mark.parametrize(
    "fields", [[("picture_b64", b"2")], [("picture", b""), ("picture_b64", b"2")]]
)
def test_where_files_win_a_text_counts_without_one(fields: list[tuple[str, bytes]]) -> None:
    assert gathered(FILE_WINS, *fields) == {Slot.IMAGE: ImageText("picture_b64", b"2")}


def test_a_url_is_text() -> None:
    gatherer = Gatherer(TWO)
    meaning = TWO.meaning("back_url", BodyKind.JSON)

    with pytest.raises(InvalidImageUrlError, match=r"^back_url must be") as caught:
        gatherer.put_url("back_url", meaning, NoText.VALUE)
    assert caught.value.details == {"image": "background"}


@pytest.mark.parametrize("url", [b"data:image/png;base64,AA", b" DATA:,", b"data:"])
def test_a_data_url_is_text_where_that_counts(url: bytes) -> None:
    text = ImageText("picture_url", url.strip())

    assert gathered(DATA_URLS, ("picture_url", url)) == {Slot.IMAGE: text}
    assert gathered(TWO, ("picture_url", url)) == {Slot.IMAGE: ImageUrl(url.decode().strip())}


@pytest.mark.parametrize(("blanks", "is_picture"), [(BEGINNING_BYTES - 5, True), (64, False)])
def test_a_data_url_shows_at_its_beginning(blanks: int, is_picture: bool) -> None:
    meaning = DATA_URLS.meaning("picture_url", BodyKind.JSON)

    beginning = b" " * blanks + b"data:"
    assert Gatherer(DATA_URLS).holds_picture(meaning, beginning) is is_picture
