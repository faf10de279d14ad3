import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.bodies.multipart import (
    MAX_PART_HEAD_BYTES,
    MAX_PREAMBLE_BYTES,
    Event,
    MultipartError,
    MultipartParser,
    PartData,
    PartEnd,
    PartStart,
)

BOUNDARY = "b0undary"
END = f"--{BOUNDARY}--".encode()
names = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters='"\\'),
    min_size=1,
    max_size=20,
)
contents = st.binary(max_size=200) | st.lists(
    st.sampled_from([b"\r\n", b"--", b"-", b"\r", b"\n", b"--b0undar", b"\r\n--b0undar", b"x"])
).map(b"".join)
forms = st.lists(st.tuples(names, contents), max_size=5)


@given(forms, st.lists(st.integers(min_value=1, max_value=40), min_size=1))
def test_what_was_put_into_a_form_comes_out_however_it_is_cut(
    parts: list[tuple[str, bytes]], cuts: list[int]
) -> None:
    body = b"".join(_part(f'form-data; name="{name}"', data) for name, data in parts) + END

    assert _contents(_parse(body, cuts)) == parts


@given(st.binary(max_size=300), st.lists(st.integers(min_value=1, max_value=20), min_size=1))
def test_nothing_but_the_parsers_own_error_comes_of_random_bytes(
    body: bytes, cuts: list[int]
) -> None:
    try:
        whole = _contents(_parse(body, [max(len(body), 1)]))
    except MultipartError:
        with pytest.raises(MultipartError):
            _parse(body, cuts)
    else:
        assert _contents(_parse(body, cuts)) == whole


def test_content_is_handed_on_while_it_arrives() -> None:
    parser = MultipartParser(BOUNDARY)
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\n\r\n'.encode()

    assert list(parser.feed(head)) == [PartStart("a", None)]
    (event,) = parser.feed(bytes(100_000))
    assert isinstance(event, PartData)
    assert 99_900 < len(event.data) < 100_000


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('form-data; name="a"', "a"),
        ("form-data; name=a", "a"),
        ("FORM-DATA ; NAME = a", "a"),
        ('form-data; filename="x;y"; name="a"', "a"),
        ('form-data; filename="say \\"name=z\\""; name=a', "a"),
        ('form-data; filename="C:\\dir\\file.png"; name=a', "a"),
        ("form-data; name=a; filename=f; filename*=utf-8''f", "a"),
        ('form-data; name="a \\"quoted\\" name"', 'a "quoted" name'),
        ('form-data; name="a";', "a"),
        ('form-data; name="\u00fc"', "\u00fc"),
    ],
)
def test_names_are_read_as_clients_write_them(disposition: str, name: str) -> None:
    events = _parse(_part(disposition, b"x") + END)

    assert events == [PartStart(name, None), PartData(b"x"), PartEnd()]


@pytest.mark.parametrize(
    "disposition",
    [
        "",
        "form-data",
        "attachment; name=a",
        "form-data; name=",
        'form-data; name=""',
        'form-data; name="a',
        "form-data; name=a b",
        "form-data; name=a; name=b",
        "form-data; a",
        'form-data; name="a" x',
    ],
)
def test_a_part_without_a_proper_name_is_refused(disposition: str) -> None:
    with pytest.raises(MultipartError):
        _parse(_part(disposition, b"x") + END)


@pytest.mark.parametrize(
    ("line", "charset"),
    [
        ("Content-Type: text/plain; charset=UTF-8", "utf-8"),
        ('content-type: text/plain; charset="Latin-1"', "latin-1"),
        ("Content-Type: text/plain", None),
        ("Content-Type: ;;;", None),
        ("X-Other: charset=x", None),
    ],
)
def test_the_charset_of_a_part_is_told(line: str, charset: str | None) -> None:
    body = _part(f"form-data; name=a\r\n{line}", b"") + END

    assert _parse(body)[0] == PartStart("a", charset)


@pytest.mark.parametrize("encoding", ["7bit", "8BIT", "binary"])
def test_plain_transfer_encodings_pass(encoding: str) -> None:
    body = _part(f"form-data; name=a\r\nContent-Transfer-Encoding: {encoding}", b"x") + END

    assert _contents(_parse(body)) == [("a", b"x")]


@pytest.mark.parametrize(
    "lines",
    [
        "Content-Transfer-Encoding: base64",
        "Content-Transfer-Encoding: quoted-printable",
        "Content-Type: multipart/mixed; boundary=c",
        "Content-Type: MULTIPART/mixed",
        "Content-Disposition: form-data; name=b",
        "without colon",
    ],
)
def test_parts_that_are_not_plain_are_refused(lines: str) -> None:
    with pytest.raises(MultipartError):
        _parse(_part(f"form-data; name=a\r\n{lines}", b"x") + END)


@pytest.mark.parametrize("boundary", ["b", "b" * 70, "'()+_,-./:=? x"])
def test_boundaries_within_the_rules_are_taken(boundary: str) -> None:
    parser = MultipartParser(boundary)
    list(parser.feed(f"--{boundary}--".encode()))
    parser.close()


@pytest.mark.parametrize("boundary", ["", "b" * 71, "\u00fc"])
def test_other_boundaries_are_refused(boundary: str) -> None:
    with pytest.raises(MultipartError):
        MultipartParser(boundary)


@pytest.mark.parametrize(("surplus", "refused"), [(0, False), (1, True)])
def test_the_preamble_is_bounded(surplus: int, refused: bool) -> None:
    preamble = b"p" * (MAX_PREAMBLE_BYTES - 2 + surplus) + b"\r\n"

    _check(preamble + b"--b0undary\r\n", refused=refused)


@pytest.mark.parametrize(("surplus", "refused"), [(0, False), (1, True)])
def test_the_head_of_a_part_is_bounded(surplus: int, refused: bool) -> None:
    lines = b"\r\nContent-Disposition: form-data; name=a\r\nX: "
    head = lines + b"x" * (MAX_PART_HEAD_BYTES - len(lines) - 4 + surplus) + b"\r\n\r\n"

    _check(b"--b0undary" + head, refused=refused)


@pytest.mark.parametrize(
    "body",
    [b"", b"--b0undary", b"--b0undary-", b"--b0undary\r\n", b"x" * 100],
)
def test_a_body_that_ends_early_is_refused(body: bytes) -> None:
    with pytest.raises(MultipartError):
        _parse(body)


def test_errors_repeat_nothing_of_the_body() -> None:
    with pytest.raises(MultipartError) as caught:
        _parse(b"--b0undaryCANARY\r\n")

    assert "CANARY" not in str(caught.value)


def _part(disposition: str, data: bytes) -> bytes:
    head = f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n\r\n"
    return head.encode() + data + b"\r\n"


def _check(body: bytes, *, refused: bool) -> None:
    parser = MultipartParser(BOUNDARY)
    if refused:
        with pytest.raises(MultipartError):
            list(parser.feed(body))
    else:
        list(parser.feed(body))


def _parse(body: bytes, cuts: list[int] | None = None) -> list[Event]:
    """Feeds ``body`` in pieces of the lengths in ``cuts``, over and over."""
    parser = MultipartParser(BOUNDARY)
    lengths = cuts or [len(body) or 1]
    events: list[Event] = []
    position = index = 0
    while position < len(body):
        length = lengths[index % len(lengths)]
        events += parser.feed(body[position : position + length])
        position += length
        index += 1
    parser.close()
    return events


def _contents(events: list[Event]) -> list[tuple[str, bytes]]:
    """The parts, whole."""
    parts: list[tuple[str, bytes]] = []
    for event in events:
        match event:
            case PartStart(name):
                parts.append((name, b""))
            case PartData(data):
                parts[-1] = (parts[-1][0], parts[-1][1] + data)
            case PartEnd():
                pass
    return parts
