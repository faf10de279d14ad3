import pytest

from gateway.errors import (
    BadRequestError,
    ImageTooLargeError,
    MissingImageError,
    MultipleSourcesError,
)
from gateway.form import Form, FormBuilder
from gateway.multipart import PartData, PartEnd, PartStart
from gateway.settings import UploadSettings

LIMITS = UploadSettings(image_bytes=10, field_bytes=5, parts=3)


def test_an_image_and_fields_make_a_form() -> None:
    form = _form(("note", b"hi"), ("Image", b"12345"), ("empty", b""))

    assert form.take_image() == b"12345"
    assert form.fields.pairs == (("note", "hi"),)


def test_an_image_that_comes_in_pieces_is_put_together() -> None:
    builder = FormBuilder(LIMITS, {"image"})
    for event in (PartStart("image", None), PartData(b"12"), PartData(b"34"), PartEnd()):
        builder.take(event)

    assert builder.finish().take_image() == b"1234"


def test_without_an_image_or_with_an_empty_one_there_is_none() -> None:
    for form in (_form(), _form(("image", b""))):
        with pytest.raises(MissingImageError):
            form.image_bytes()
        with pytest.raises(MissingImageError):
            form.take_image()


def test_an_image_is_handed_over_once() -> None:
    form = _form(("image", b"12345"))

    assert form.image_bytes() == 5
    assert form.take_image() == b"12345"
    with pytest.raises(MissingImageError):
        form.take_image()


def test_a_second_image_is_refused_and_an_empty_one_is_none() -> None:
    assert _form(("image", b"1"), ("image", b"")).take_image() == b"1"
    assert _form(("image", b""), ("image", b"1")).take_image() == b"1"
    with pytest.raises(MultipleSourcesError):
        _form(("image", b"1"), ("IMAGE", b"2"))


@pytest.mark.parametrize("name", ["image", "note"])
def test_content_at_the_limit_passes_and_one_byte_more_does_not(name: str) -> None:
    limit_bytes = {"image": 10, "note": 5}[name]
    _form((name, bytes(limit_bytes)))

    with pytest.raises((ImageTooLargeError, BadRequestError)):
        _form((name, bytes(limit_bytes + 1)))


def test_the_limit_counts_over_all_pieces() -> None:
    builder = FormBuilder(LIMITS, {"image"})
    builder.take(PartStart("image", None))
    builder.take(PartData(bytes(10)))

    with pytest.raises(ImageTooLargeError):
        builder.take(PartData(b"1"))


def test_one_part_more_than_allowed_is_refused() -> None:
    parts = [(f"n{index}", b"") for index in range(4)]
    _form(*parts[:3])

    with pytest.raises(BadRequestError, match="more than 3 parts"):
        _form(*parts)


@pytest.mark.parametrize(
    ("charset", "content", "text"),
    [
        (None, "\u00fc".encode(), "\u00fc"),
        ("utf-8", "\u00fc".encode(), "\u00fc"),
        ("iso-8859-1", b"\xfc", "\u00fc"),
        ("us-ascii", b"a", "a"),
    ],
)
def test_text_is_read_in_its_charset(charset: str | None, content: bytes, text: str) -> None:
    assert _text_form(charset, content).fields.pairs == (("note", text),)


@pytest.mark.parametrize(
    ("charset", "content"),
    [("zip", b"a"), ("utf-16", b"a\0"), (None, b"\xfc"), ("us-ascii", b"\xfc")],
)
def test_text_that_cannot_be_read_is_refused(charset: str | None, content: bytes) -> None:
    with pytest.raises(BadRequestError):
        _text_form(charset, content)


def _form(*parts: tuple[str, bytes]) -> Form:
    builder = FormBuilder(LIMITS, {"image"})
    for name, content in parts:
        builder.take(PartStart(name, None))
        if content:
            builder.take(PartData(content))
        builder.take(PartEnd())
    return builder.finish()


def _text_form(charset: str | None, content: bytes) -> Form:
    builder = FormBuilder(LIMITS, {"image"})
    for event in (PartStart("note", charset), PartData(content), PartEnd()):
        builder.take(event)
    return builder.finish()
