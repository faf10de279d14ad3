import pytest

from gateway.bodies.form import FormBuilder
from gateway.bodies.gathering import Gatherer
from gateway.bodies.multipart import PartData, PartEnd, PartStart
from gateway.bodies.submission import Gathered, ImageBytes, ImageText, ImageUrl
from gateway.bodies.vocabulary import V2
from gateway.errors import (
    BadRequestError,
    ImageTooLargeError,
    InvalidImageUrlError,
    MultipleSourcesError,
)
from gateway.options.fields import NoText
from gateway.settings import UploadSettings

LIMITS = UploadSettings(image_bytes=10, text_bytes=15, field_bytes=5, parts=3)


def test_an_image_and_fields_make_a_form() -> None:
    gathered = _form(("note", b"hi"), ("Image_File", b"12345"), ("empty", b""))

    assert gathered.source == ImageBytes(b"12345")
    assert gathered.pairs == [("note", "hi"), ("empty", "")]


@pytest.mark.parametrize(
    ("name", "content", "source"),
    [
        ("image_file", b" ", ImageBytes(b" ")),
        ("IMAGE_URL", b" a ", ImageUrl("a")),
        ("imageUrl", "\u00fc".encode(), ImageUrl("\u00fc")),
        ("Image_Base64", b" a\n", ImageText("image_base64", b" a\n")),
        ("image_file_b64", b"\xff", ImageText("image_file_b64", b"\xff")),
    ],
)
def test_the_source_is_found(name: str, content: bytes, source: object) -> None:
    assert _form((name, content)).source == source


@pytest.mark.parametrize("name", ["image", "api_key", "image_files"])
def test_other_names_are_those_of_fields(name: str) -> None:
    gathered = _form((name, b"1"))

    assert gathered == Gathered(pairs=[(name, "1")])


def test_an_image_that_comes_in_pieces_is_put_together() -> None:
    builder = FormBuilder(LIMITS, Gatherer(V2))
    for event in (PartStart("image_file", None), PartData(b"12"), PartData(b"34"), PartEnd()):
        builder.take(event)

    assert builder.finish().source == ImageBytes(b"1234")


@pytest.mark.parametrize(
    "parts",
    [
        (),
        (("image_file", b""),),
        (("image_base64", b" \r\n"), ("image_url", b" ")),
        (("image_file", b""), ("image_file_b64", b""), ("imageurl", b"")),
    ],
)
def test_without_a_source_or_with_empty_ones_there_is_none(
    parts: tuple[tuple[str, bytes], ...],
) -> None:
    assert _form(*parts).source is None


@pytest.mark.parametrize(
    ("name", "content"), [("image_file", b"2"), ("image_base64", b" 2"), ("imageUrl", b"2")]
)
@pytest.mark.parametrize("first", ["image_file", "image_base64", "image_url"])
def test_a_second_source_is_refused_at_its_first_byte(
    first: str, name: str, content: bytes
) -> None:
    builder = FormBuilder(LIMITS, Gatherer(V2))
    for event in (PartStart(first, None), PartData(b"1"), PartEnd(), PartStart(name, None)):
        builder.take(event)

    with pytest.raises(MultipleSourcesError):
        builder.take(PartData(content))


@pytest.mark.parametrize("blank", ["image_base64", "image_url"])
def test_an_empty_second_source_is_none(blank: str) -> None:
    parts = (("image_file", b"1"), ("image_file", b""), (blank, b" \n"))

    assert _form(*parts).source == ImageBytes(b"1")
    assert _form(*reversed(parts)).source == ImageBytes(b"1")


@pytest.mark.parametrize(
    ("name", "limit_bytes", "error_class"),
    [
        ("image_file", 10, ImageTooLargeError),
        ("image_base64", 15, ImageTooLargeError),
        ("image_url", 5, BadRequestError),
        ("note", 5, BadRequestError),
    ],
)
def test_content_at_the_limit_passes_and_one_byte_more_does_not(
    name: str, limit_bytes: int, error_class: type[Exception]
) -> None:
    _form((name, b"x" * limit_bytes))

    with pytest.raises(error_class):
        _form((name, b"x" * (limit_bytes + 1)))


def test_the_limit_counts_over_all_pieces() -> None:
    builder = FormBuilder(LIMITS, Gatherer(V2))
    builder.take(PartStart("image_file", None))
    builder.take(PartData(bytes(10)))

    with pytest.raises(ImageTooLargeError):
        builder.take(PartData(b"1"))


def test_one_part_more_than_allowed_is_refused() -> None:
    parts = [(f"n{index}", b"") for index in range(4)]
    _form(*parts[:3])

    with pytest.raises(BadRequestError, match="more than 3 fields"):
        _form(*parts)


@pytest.mark.parametrize(
    ("charset", "content", "text"),
    [
        (None, "\u00fc".encode(), "\u00fc"),
        ("utf-8", "\u00fc".encode(), "\u00fc"),
        ("iso-8859-1", b"\xfc", "\u00fc"),
        ("us-ascii", b"a", "a"),
        ("zip", b"a", NoText.VALUE),
        ("utf-16", b"a\0", NoText.VALUE),
        (None, b"\xfc", NoText.VALUE),
        ("us-ascii", b"\xfc", NoText.VALUE),
    ],
)
def test_text_is_read_in_its_charset_where_it_can_be(
    charset: str | None, content: bytes, text: object
) -> None:
    assert _typed("note", charset, content).pairs == [("note", text)]


def test_a_url_that_is_no_text_is_refused() -> None:
    with pytest.raises(InvalidImageUrlError):
        _typed("image_url", None, b"\xff")


def test_the_charset_of_an_image_decides_nothing() -> None:
    assert _typed("image_base64", "zip", b"a").source == ImageText("image_base64", b"a")
    assert _typed("image_file", "zip", b"a").source == ImageBytes(b"a")


def _form(*parts: tuple[str, bytes]) -> Gathered:
    builder = FormBuilder(LIMITS, Gatherer(V2))
    for name, content in parts:
        builder.take(PartStart(name, None))
        if content:
            builder.take(PartData(content))
        builder.take(PartEnd())
    return builder.finish()


def _typed(name: str, charset: str | None, content: bytes) -> Gathered:
    builder = FormBuilder(LIMITS, Gatherer(V2))
    for event in (PartStart(name, charset), PartData(content), PartEnd()):
        builder.take(event)
    return builder.finish()
