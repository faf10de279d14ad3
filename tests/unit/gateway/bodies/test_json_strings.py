import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.bodies.escapes import PIECE_BYTES
from gateway.bodies.json_strings import JsonStringError, LongString, cut_long_strings

LENGTH = 5
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)


def cut(body: bytes, most_strings: int = 1000) -> tuple[bytes, list[LongString]]:
    return cut_long_strings(body, 0, LENGTH, most_strings)


def base64_text(escaped: bytes) -> bytes:
    return LongString(b'"' + escaped + b'"', 1, 1 + len(escaped)).base64_text()


@given(values, st.booleans())
def test_what_is_cut_out_can_be_put_back(value: object, ascii_only: bool) -> None:
    body = json.dumps({"v": value}, ensure_ascii=ascii_only).encode()

    short, long_strings = cut(body)

    waiting = iter(long_strings)

    def put_back(_constant: str) -> object:
        found = next(waiting)
        return json.loads(found.body[found.start - 1 : found.end + 1])

    assert all(found.end - found.start > LENGTH for found in long_strings)
    keys_kept = all(len(json.dumps(key)) - 2 <= LENGTH for key in _keys(value))
    if keys_kept:
        assert json.loads(short, parse_constant=put_back) == {"v": value}


def _keys(value: object) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(key for inner in value.values() for key in _keys(inner))]
    if isinstance(value, list):
        return [key for inner in value for key in _keys(inner)]
    return []


@pytest.mark.parametrize(
    ("body", "short"),
    [
        (b'{"a":"12345"}', b'{"a":"12345"}'),
        (b'{"a":"123456"}', b'{"a":NaN}'),
        (b'["123456",1,"\\"\\\\",  "\\"\\"\\"]"]', b'[NaN,1,"\\"\\\\",  NaN]'),
        (b"no strings", b"no strings"),
    ],
)
def test_strings_over_the_length_are_cut(body: bytes, short: bytes) -> None:
    assert cut(body)[0] == short


def test_what_comes_before_the_start_is_left_out() -> None:
    assert cut_long_strings(b'xx{"a":1}', 2, LENGTH, 9) == (b'{"a":1}', [])


@pytest.mark.parametrize("body", [b'"', b'"a', b'"a\\"', b'"a\nb"', b'"\\'])
def test_a_string_without_end_or_with_control_characters_is_refused(body: bytes) -> None:
    with pytest.raises(JsonStringError):
        cut(body)


@pytest.mark.parametrize("shift", range(5))
@pytest.mark.parametrize("characters", [b"AAAA", rb"\"\"", rb"\\\\", rb"\nAA"])
def test_a_string_is_one_string_where_the_pieces_of_its_search_meet(
    shift: int, characters: bytes
) -> None:
    content = b"A" * (PIECE_BYTES - 4 + shift) + characters * 2

    short, (found,) = cut(b'["' + content + b'",1]')

    assert short == b"[NaN,1]"
    assert found.body[found.start : found.end] == content


@pytest.mark.parametrize("shift", range(4))
@pytest.mark.parametrize("end", [b"", b"\\", b'\\"', b"\n", b'\x00"', b'\\\n"'])
def test_a_string_without_end_is_refused_where_the_pieces_of_its_search_meet(
    shift: int, end: bytes
) -> None:
    with pytest.raises(JsonStringError):
        cut(b'"' + b"A" * (PIECE_BYTES - 2 + shift) + end)


def test_there_are_so_many_strings_at_most() -> None:
    cut(b'"" "" ""', most_strings=3)

    with pytest.raises(JsonStringError):
        cut(b'"" "" "" ""', most_strings=3)


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        (b"abcd", b"abcd"),
        (rb"a\/b\u002Bc\u002fd\u003d\n", b"a/b+c/d=\n"),
        (rb"\u002d\u005F\r\t", b"-_\r\t"),
    ],
)
def test_the_escapes_of_base64_are_resolved(escaped: bytes, text: bytes) -> None:
    assert base64_text(escaped) == text


@given(st.lists(st.sampled_from([rb"\/", rb"\u002f", rb"\u00e9", rb"\\", rb"\"", b"u002f", b"n"])))
def test_all_else_keeps_its_backslash(parts: list[bytes]) -> None:
    escaped = b"".join(parts)
    read = json.loads(b'"' + escaped + b'"')

    text = base64_text(escaped)

    assert text == read.encode() or b"\\" in text
    assert (b"\\" in text) == any(character in read for character in '\\"\u00e9')


@pytest.mark.parametrize("shift", range(7))
def test_escapes_are_whole_where_pieces_meet(shift: int) -> None:
    escapes = rb"\u002f" * (PIECE_BYTES // 3)

    assert base64_text(b"A" * shift + escapes) == b"A" * shift + b"/" * (PIECE_BYTES // 3)
