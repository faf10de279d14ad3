import base64
import json
import os
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.bodies.base64_text import decode_image
from gateway.bodies.gathering import Gatherer
from gateway.bodies.json_body import MOST_VALUES, parse_json
from gateway.bodies.submission import Gathered, ImageText, ImageUrl
from gateway.bodies.vocabulary import V2
from gateway.errors import (
    ApiError,
    BadRequestError,
    InvalidFieldsError,
    InvalidJsonError,
    MultipleSourcesError,
)
from gateway.options.fields import NoText
from gateway.pictures import Slot
from gateway.settings import MIB, UploadSettings

DEFAULTS = UploadSettings()
SMALL = UploadSettings(field_bytes=10, parts=4)

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
values = scalars | st.lists(scalars, max_size=2) | st.dictionaries(st.text(max_size=3), scalars)
names = st.sampled_from(["image_url", "image_base64", "image", "api_key", "crop"]) | st.text(
    max_size=5
)
fragments = st.sampled_from(
    [
        *('{"', '"}', '":"', '","', "{", "}", "[", "]", ":", ",", '"', "\\"),
        *("NaN", "-Infinity", "1e9", "null", "\\ud800", "\\u0000", "\xff", "x" * 20, "\n"),
        *("image", "image_url", "api_key"),
    ]
)


def parsed(body: bytes | dict[str, Any], limits: UploadSettings = DEFAULTS) -> Gathered:
    return parse_json(
        body if isinstance(body, bytes) else json.dumps(body).encode(), limits, Gatherer(V2)
    )


@given(st.dictionaries(names, values, max_size=6))
def test_nothing_but_documented_errors_comes_of_any_object(members: dict[str, Any]) -> None:
    try:
        gathered = parsed(members, SMALL)
    except ApiError as error:
        assert error.status == 400  # noqa: PT017
    else:
        for name, value in gathered.pairs:
            (name + str(value)).encode()


@given(st.binary(max_size=60) | st.lists(fragments).map(lambda parts: "".join(parts).encode()))
def test_nothing_but_documented_errors_comes_of_any_body(body: bytes) -> None:
    try:
        parsed(body, SMALL)
    except ApiError as error:
        assert error.status == 400  # noqa: PT017


@given(st.binary(min_size=1, max_size=100), st.booleans(), st.booleans())
def test_base64_is_read_from_long_and_short_strings(
    image: bytes, slashes_escaped: bool, is_long: bool
) -> None:
    text = f"data:;base64,{base64.b64encode(image).decode()}"
    body = json.dumps({"image": text}).encode()
    if slashes_escaped:
        body = body.replace(b"/", rb"\/").replace(b"+", rb"\u002B")

    source = parsed(body, UploadSettings(field_bytes=9 if is_long else 1000)).source

    assert isinstance(source, ImageText)
    assert decode_image(source, 1000) == image


@pytest.mark.parametrize(
    ("members", "source"),
    [
        ({"image_url": " http://a/\u00fc "}, ImageUrl("http://a/\u00fc")),
        ({"imageUrl": "a"}, ImageUrl("a")),
        ({"Image_Base64": "a\nb"}, ImageText("image_base64", b"a\nb")),
        ({"image_file_b64": "ab"}, ImageText("image_file_b64", b"ab")),
        ({"image": "ab"}, ImageText("image", b"ab")),
        ({"image": "\u00fc"}, ImageText("image", "\u00fc".encode())),
        ({"image": None, "image_url": "", "image_base64": " \n", "imageUrl": "a"}, ImageUrl("a")),
        ({"image": "*" * 70_000}, ImageText("image", b"*" * 70_000)),
    ],
)
def test_the_source_is_found(members: dict[str, Any], source: object) -> None:
    assert parsed(members).source == source


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \r\n",
        b"{}",
        b'{"image":null}',
        b'{"image":"","image_url":" ","api_key":""}',
        b'{"image": "' + b" " * 70_000 + b'"}',
        b'{"image": "' + rb"\n" * 70_000 + b'"}',
    ],
)
def test_without_a_source_there_is_none(body: bytes) -> None:
    assert parsed(body) == Gathered()


@pytest.mark.parametrize(
    "body",
    [
        b'{"image":"a","image_url":"b"}',
        b'{"image":"a","image":"a"}',
        b'{"image":"a","IMAGE":"a"}',
        b'{"image_base64":"a","image_file_b64":"a"}',
        b'{"image":"' + b"A" * 70_000 + b'","image_base64":"' + b"A" * 70_000 + b'"}',
    ],
)
def test_two_sources_are_refused(body: bytes) -> None:
    with pytest.raises(MultipleSourcesError):
        parsed(body)


@pytest.mark.parametrize("value", [1, 1.5, True, False, [], ["a"], {}, {"a": "b"}])
@pytest.mark.parametrize("name", ["image", "image_url", "image_base64", "api_key"])
def test_a_source_or_key_that_is_no_string_is_named(name: str, value: object) -> None:
    with pytest.raises(InvalidFieldsError) as caught:
        parsed({name: value})

    assert caught.value.details["fields"] == {name: f"{name} must be a string"}


def test_the_key_is_taken_out() -> None:
    gathered = parsed({"API_Key": " mb_live_1 ", "format": "png"})

    assert (gathered.api_key, gathered.pairs) == ("mb_live_1", [("format", "png")])


def test_two_keys_are_refused() -> None:
    with pytest.raises(InvalidFieldsError, match=r"^api_key must be given only once$"):
        parsed({"api_key": "a", "API_KEY": "b"})


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ('"a"', "a"),
        ("true", True),
        ("false", False),
        ("1", True),
        ("0", False),
        ("1.0", True),
        ("2", NoText.VALUE),
        ("-1", NoText.VALUE),
        ("0.5", NoText.VALUE),
        ("1e999", NoText.VALUE),
        ("[]", NoText.VALUE),
        ('{"format": "png"}', NoText.VALUE),
        ('"\\ud83d"', "?"),
        ('"\\ud83d\\ude00"', "\U0001f600"),
    ],
)
def test_values_of_other_members_are_read(value: str, read: object) -> None:
    assert parsed(f'{{"crop": {value}}}'.encode()).pairs == [("crop", read)]


def test_members_of_the_same_name_are_noticed() -> None:
    assert parsed(b'{"size":"hd","Size":"hd","size":null}').pairs == [
        ("size", "hd"),
        ("Size", "hd"),
    ]


def test_members_of_members_are_none_of_the_body() -> None:
    gathered = parsed(b'{"other":{"image":"a","api_key":"b"},"image_url":"c"}')

    assert gathered == Gathered({Slot.IMAGE: ImageUrl("c")}, [("other", NoText.VALUE)])


def test_names_that_are_half_a_character_can_be_told() -> None:
    assert parsed(rb'{"\ud800": 1}').pairs == [("?", True)]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"null",
        b"[]",
        b'[{"image":"a"}]',
        b'"image"',
        b"1",
        b"NaN",
        b"nonsense",
        b"\xff\xd8\xff\xe0",
        b"{'image': 'a'}",
        b'{"image":"a",}',
        b'{"image":"a"} x',
        b'{"image":"a"}{"image":"a"}',
        b'{"size":NaN}',
        b'{"size":Infinity}',
        b'{"size":-Infinity}',
        b'{"note":"\xff"}',
        b'{"note":"a\nb"}',
        b'{"note":"\\x"}',
        b'{"size":' + b"1" * 5000 + b"}",
        b'{"size":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"image":"' + b"A" * 70_000,
        b'{"image":"' + b"A" * 70_000 + b'" "a"}',
        b'{"image":"' + b"A" * 70_000 + b'","size":NaN}',
        b'{"size":NaN,"image":"' + b"A" * 70_000 + b'"}',
        b'{"' + b"n" * 70_000 + b'":1}',
        '{"image":"a"}'.encode("utf-16"),
        '{"image":"a"}'.encode("utf-16-le"),
        '{"image":"a"}'.encode("utf-32"),
        b'{"image": "a", ' + b'"" ' * 30_000 + b"}",
    ],
)
def test_what_is_no_json_object_in_utf_8_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidJsonError):
        parsed(body)


def test_a_byte_order_mark_is_passed_over() -> None:
    assert parsed(b'\xef\xbb\xbf{"image":"a"}').source == ImageText("image", b"a")


@pytest.mark.parametrize("name", ["note", "image_url", "api_key"])
def test_a_member_that_is_no_image_has_a_longest_value(name: str) -> None:
    parsed({name: "x" * 10}, SMALL)

    with pytest.raises(BadRequestError, match="longer than 10 bytes"):
        parsed({name: "x" * 11}, SMALL)


def test_a_body_has_so_many_members_at_most() -> None:
    parsed(b'{"a":1,"b":1,"c":1,"d":1}', SMALL)

    with pytest.raises(BadRequestError, match="more than 4 fields"):
        parsed(b'{"a":1,"b":1,"c":1,"d":1,"e":null}', SMALL)


@pytest.mark.parametrize("surplus", [0, 1])
def test_a_body_has_so_many_values_at_most(surplus: int) -> None:
    # One bracket more opens the object, and a list has one value more than commas.
    body = b'{"a":[' + b",".join([b"1"] * (MOST_VALUES - 1 + surplus)) + b"]}"

    if surplus:
        with pytest.raises(BadRequestError, match="commas and brackets"):
            parsed(body)
    else:
        assert parsed(body).pairs == [("a", NoText.VALUE)]


@pytest.mark.parametrize("surplus", [0, 1])
def test_a_body_has_so_many_bytes_beside_its_image_at_most(surplus: int) -> None:
    frame = b'{"image":NaN}'
    body = b'{"image":"' + b"A" * 1000 + b'"' + b" " * (4 * 10 - len(frame) + surplus) + b"}"

    if surplus:
        with pytest.raises(BadRequestError, match="more than 40 bytes beside"):
            parsed(body, SMALL)
    else:
        assert parsed(body, SMALL).source == ImageText("image", b"A" * 1000)


@pytest.mark.parametrize(
    "body",
    [
        b"[" + b"[]," * (5 * MIB) + b"1]",
        b'{"image":"' + b"A" * (16 * MIB) + b'\\ud83d\\ude00"}',
        b'{"note":"\xf0\x9f\x98\x80","image":"' + b"A" * (16 * MIB) + b'"}',
        b'{"a":"' + b'\\"' * (8 * MIB) + b'"}',
        b'{"a":"' + b"\\" * (16 * MIB),
        b'"' * (16 * MIB),
    ],
    ids=["lists", "escaped character", "character", "quotes", "backslashes", "strings"],
)
def test_no_body_takes_more_memory_than_another_copy(body: bytes) -> None:
    tracemalloc.start()
    try:
        parsed(body)
    except (BadRequestError, InvalidJsonError):
        pass
    finally:
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert peak_bytes < len(body) + 8 * MIB


def test_a_real_body_is_read() -> None:
    image = os.urandom(3 * MIB)
    text = base64.b64encode(image).decode()

    gathered = parsed({"image_base64": f"data:image/png;base64,{text}", "note": "\u00fc"})

    assert isinstance(gathered.source, ImageText)
    assert decode_image(gathered.source, 3 * MIB) == image
    assert gathered.pairs == [("note", "\u00fc")]
