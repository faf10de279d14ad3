import base64
import binascii
import os
import tracemalloc
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.bodies.base64_text import decode_image
from gateway.bodies.escapes import PIECE_BYTES
from gateway.bodies.gathering import Gatherer
from gateway.bodies.submission import Gathered, ImageText, ImageUrl
from gateway.bodies.urlencoded import MAX_NAME_BYTES, parse_urlencoded, percent_decoded
from gateway.bodies.vocabulary import V2
from gateway.errors import (
    ApiError,
    BadRequestError,
    InvalidImageUrlError,
    MultipleSourcesError,
)
from gateway.options.fields import NoText
from gateway.settings import COPIES_READ, UploadSettings
from tests.unit.gateway.bodies.dialects import TWO

DEFAULTS = UploadSettings()
SMALL = UploadSettings(field_bytes=5, parts=3)

names = st.text(min_size=1, max_size=8).filter(lambda name: not name.lower().startswith("image"))
bodies = st.binary(max_size=80) | st.lists(
    st.sampled_from([b"&", b"=", b"%", b"+", b"%41", b"%fF", b"image_base64", b"image_url", b"x"])
).map(b"".join)


def parsed(body: bytes, limits: UploadSettings = DEFAULTS) -> Gathered:
    return parse_urlencoded(body, limits, Gatherer(V2))


@given(st.lists(st.tuples(names, st.text(max_size=20)), max_size=8))
def test_what_was_encoded_is_read(pairs: list[tuple[str, str]]) -> None:
    assert parsed(urlencode(pairs).encode()).pairs == pairs


@given(bodies)
def test_nothing_but_fields_or_documented_errors_comes_of_any_body(body: bytes) -> None:
    try:
        gathered = parsed(body)
    except ApiError as error:
        assert error.status == 400  # noqa: PT017
    else:
        assert len(gathered.pairs) <= body.count(b"&") + 1


@given(
    st.lists(st.sampled_from(["&", "=", "%", "+", "%41", "%C3%BC", "x", ";", "%z"]), max_size=31)
)
def test_odd_bodies_are_read_as_the_library_reads_them(parts: list[str]) -> None:
    text = "".join(parts)

    assert parsed(text.encode()).pairs == parse_qsl(text, keep_blank_values=True)


@given(st.binary(min_size=1, max_size=200), st.booleans(), st.booleans())
def test_base64_is_read_whatever_of_it_is_escaped(
    image: bytes, escaped: bool, wholly: bool
) -> None:
    text = base64.b64encode(image).decode()
    if wholly:
        text = "".join(f"%{ord(character):02x}" for character in text)
    elif escaped:
        text = quote(text, safe="")

    source = parsed(f"image_base64={text}&format=png".encode()).source

    assert isinstance(source, ImageText)
    assert decode_image(source, 1000) == image


@given(st.lists(st.sampled_from([b"%4a", b"%2B", b"=", b"==", b"+", b"\r\n", b"_", b"%0A"])))
def test_well_formed_escapes_are_resolved_as_the_library_does(parts: list[bytes]) -> None:
    text = b"".join(parts)

    assert percent_decoded(memoryview(text)) == unquote_to_bytes(text)


@given(st.binary(max_size=60))
def test_all_other_bytes_stay_as_they_are(text: bytes) -> None:
    escaped = text.replace(b"%", b"%25")

    assert percent_decoded(memoryview(escaped)) == text


@pytest.mark.parametrize("text", [b"%", b"%4", b"%4g", b"%%41", b"aGk%3D%", b"aGk%=\n"])
def test_text_with_a_malformed_escape_is_left_as_it_is(text: bytes) -> None:
    assert percent_decoded(memoryview(text)) == text


def test_escapes_are_whole_where_pieces_meet() -> None:
    image = os.urandom(PIECE_BYTES)
    text = binascii.hexlify(base64.b64encode(image), "%").decode()
    source = parsed(f"image_base64=%{text}".encode()).source

    assert isinstance(source, ImageText)
    assert decode_image(source, 2 * PIECE_BYTES) == image


@pytest.mark.parametrize(
    ("body", "pairs"),
    [
        (b"", []),
        (b"&&", []),
        (b"a=1&b=2", [("a", "1"), ("b", "2")]),
        (b"a=1&a=2", [("a", "1"), ("a", "2")]),
        (b"a+b=c+d", [("a b", "c d")]),
        (b"a=b=c", [("a", "b=c")]),
        (b"a=1;b=2", [("a", "1;b=2")]),
        (b"a=%zz%4", [("a", "%zz%4")]),
        (b"a=%C3%BC", [("a", "\u00fc")]),
        (b"a=\xc3\xbc", [("a", "\u00fc")]),
        (b"a=%FF", [("a", NoText.VALUE)]),
        (b"%FF=a", [("\ufffd", "a")]),
        (b"a", [("a", "")]),
        (b"=a", [("", "a")]),
        (
            b"image=1&image_file=2&api_key=3",
            [("image", "1"), ("image_file", "2"), ("api_key", "3")],
        ),
    ],
)
def test_fields_are_read_as_browsers_write_them(body: bytes, pairs: list[object]) -> None:
    gathered = parsed(body)

    assert gathered.pairs == pairs
    assert gathered.source is None


@pytest.mark.parametrize(
    ("body", "source"),
    [
        (b"image_url=http%3A%2F%2Fa%2Fb%3Fc", ImageUrl("http://a/b?c")),
        (b"ImageUrl=+http://a+", ImageUrl("http://a")),
        (b"IMAGE_base64=a+b", ImageText("image_base64", b"a+b")),
        (b"image_file_b64=%20a%2bb", ImageText("image_file_b64", b" a+b")),
        (b"image%5Furl=a&image_base64=", ImageUrl("a")),
        (b"image_url=+&image_base64=%20%0A&image_file_b64=a", ImageText("image_file_b64", b"a")),
    ],
)
def test_the_source_is_found(body: bytes, source: object) -> None:
    assert parsed(body).source == source


@pytest.mark.parametrize("body", [b"", b"image_base64=&image_url=+", b"image_base64=%0d%0a"])
def test_an_empty_source_is_none(body: bytes) -> None:
    assert parsed(body).source is None


@pytest.mark.parametrize(
    "body",
    [b"image_url=a&image_base64=b", b"image_url=a&imageurl=a", b"image_base64=*&image_url=a"],
)
def test_two_sources_are_refused(body: bytes) -> None:
    with pytest.raises(MultipleSourcesError):
        parsed(body)


def test_a_url_that_is_no_text_is_refused() -> None:
    with pytest.raises(InvalidImageUrlError):
        parsed(b"image_url=%FF")


@pytest.mark.parametrize("name", ["note", "image_url"])
def test_a_field_has_a_longest_value(name: str) -> None:
    parsed(f"{name}=12345".encode(), SMALL)

    with pytest.raises(BadRequestError, match="longer than 5 bytes"):
        parsed(f"{name}=123456".encode(), SMALL)


def test_a_name_has_a_length() -> None:
    longest = b"n" * MAX_NAME_BYTES
    parsed(longest + b"=1")

    with pytest.raises(BadRequestError, match="name of a field"):
        parsed(longest + b"n=1")


def test_base64_is_as_long_as_the_body_may_be() -> None:
    limits = UploadSettings(field_bytes=20)

    assert parsed(b"image_base64=" + b"A" * 1000, limits).source == ImageText(
        "image_base64", b"A" * 1000
    )


def test_a_body_has_so_many_fields_at_most() -> None:
    parsed(b"a=&b=&c=", SMALL)

    with pytest.raises(BadRequestError, match="more than 3 fields"):
        parsed(b"a=&b=&c=&", SMALL)


@pytest.mark.parametrize("beginning", ["", "+data:image/png;base64,"])
@pytest.mark.parametrize("end", ["", "%20"])
def test_spaces_for_plus_signs_take_no_more_copies_than_are_booked(
    beginning: str, end: str
) -> None:
    body = f"picture_b64={beginning}{('A' * 75 + '%20') * 100_000}{end}".encode()
    tracemalloc.start()
    try:
        gathered = parse_urlencoded(body, DEFAULTS, Gatherer(TWO))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert isinstance(gathered.source, ImageText)
    assert len(body) + peak_bytes < (COPIES_READ + 0.2) * len(body)
