import threading
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.bodies import reader as reader_module
from gateway.bodies.gathering import Gatherer
from gateway.bodies.kind import BodyKind
from gateway.bodies.submission import (
    Gathered,
    ImageBytes,
    ImageText,
    ImageUrl,
    Source,
    Submission,
)
from gateway.settings import MIB, UploadSettings
from tests.unit.gateway.bodies.served_reader import Refusal, ServedReader, served_reader

MULTIPART = "multipart/form-data; boundary=b"
URLENCODED = "application/x-www-form-urlencoded"
JSON = "application/json"
SMALL = UploadSettings(image_bytes=1000, text_bytes=1500, slack_bytes=500, field_bytes=100, parts=4)


@pytest.fixture
async def reader() -> AsyncIterator[ServedReader]:
    async with served_reader() as served:
        yield served


@pytest.fixture
async def small() -> AsyncIterator[ServedReader]:
    async with served_reader(SMALL) as served:
        yield served


def part(name: str, content: bytes) -> bytes:
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
    return head.encode() + content + b"\r\n"


def form(*parts: tuple[str, bytes]) -> bytes:
    return b"".join(part(name, content) for name, content in parts) + b"--b--\r\n"


def source_of(submission: Submission | Refusal) -> Source:
    assert isinstance(submission, Submission)
    return submission.take_source()


def refused(submission: Submission | Refusal) -> tuple[int, str]:
    assert isinstance(submission, Refusal)
    return submission.status, submission.code


@pytest.mark.parametrize(
    ("content_type", "body", "kind", "source"),
    [
        (MULTIPART, form(("image_file", b"\xff\xd8")), BodyKind.MULTIPART, ImageBytes(b"\xff\xd8")),
        (MULTIPART, form(("image_url", b"a")), BodyKind.MULTIPART, ImageUrl("a")),
        (URLENCODED, b"image_base64=a+b", BodyKind.URLENCODED, ImageText("image_base64", b"a+b")),
        (f"{URLENCODED}; charset=UTF-8", b"image_url=a", BodyKind.URLENCODED, ImageUrl("a")),
        (JSON, b'{"image":"a"}', BodyKind.JSON, ImageText("image", b"a")),
        (f'{JSON};charset="utf-8"', b'{"image_url":"a"}', BodyKind.JSON, ImageUrl("a")),
        ("application/x+json", b'{"image_url":"a"}', BodyKind.JSON, ImageUrl("a")),
        ("image/jpeg", b" ", BodyKind.RAW, ImageBytes(b" ")),
        ("text/plain; charset=klingon", b"a", BodyKind.RAW, ImageBytes(b"a")),
        (None, b"a", BodyKind.RAW, ImageBytes(b"a")),
    ],
)
async def test_each_kind_of_body_is_read(
    reader: ServedReader, content_type: str | None, body: bytes, kind: BodyKind, source: Source
) -> None:
    submission = await reader.submit(body, content_type)

    assert source_of(submission) == source
    assert reader.submissions[0].kind is kind
    assert reader.expected_bytes == [len(body)]


@pytest.mark.parametrize("content_type", [MULTIPART, URLENCODED, JSON, "image/png", None])
async def test_an_empty_body_has_no_source(reader: ServedReader, content_type: str | None) -> None:
    submission = await reader.submit(b"", content_type)

    assert isinstance(submission, Submission)
    assert submission.source_bytes == 0
    assert reader.expected_bytes == [0]


@pytest.mark.parametrize("content_type", [MULTIPART, URLENCODED, JSON, "image/png"])
async def test_an_empty_body_of_unknown_length_has_no_source(
    reader: ServedReader, content_type: str
) -> None:
    submission = await reader.submit_chunks(content_type, b"")

    assert isinstance(submission, Submission)
    assert submission.source_bytes == 0


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (MULTIPART, form(("image_file", b"image"), ("size", b"hd"))),
        (URLENCODED, b"image_url=a&size=hd"),
        (JSON, b'{"image_url":"a","size":"hd"}'),
    ],
)
async def test_a_chunked_body_is_read_wherever_it_is_cut(
    reader: ServedReader, content_type: str, body: bytes
) -> None:
    for cut in range(1, len(body), 7):
        submission = await reader.submit_chunks(content_type, body[:cut], body[cut:], b"")

        assert isinstance(submission, Submission)
        assert submission.fields.pairs == (("size", "hd"),)
        assert submission.source_bytes > 0


async def test_options_of_a_raw_body_stand_in_the_query(reader: ServedReader) -> None:
    query = "?size=hd&bg_color=%23fff&Note=a+b&empty=&api_key=CANARY&API_KEY=CANARY"

    submission = await reader.submit(b"image", "image/png", query)

    assert isinstance(submission, Submission)
    assert submission.fields.pairs == (("size", "hd"), ("bg_color", "#fff"), ("Note", "a b"))
    assert submission.ignored_query == ()
    assert submission.api_key is None


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (MULTIPART, form(("image_url", b"a"))),
        (URLENCODED, b"image_url=a"),
        (JSON, b'{"image_url":"a"}'),
    ],
)
async def test_the_query_of_other_bodies_is_named_and_not_used(
    reader: ServedReader, content_type: str, body: bytes
) -> None:
    query = "?size=hd&Size=hd&size=full&image_url=b&api_key=CANARY&=x&empty="

    submission = await reader.submit(body, content_type, query)

    assert isinstance(submission, Submission)
    assert submission.ignored_query == ("size", "Size", "image_url", "empty")
    assert submission.fields.pairs == ()
    assert submission.take_source() == ImageUrl("a")


@pytest.mark.parametrize("query", ["?%ff=%fe", "?%=%", "?%ed%a0%80=1", "??&&==#"])
async def test_whatever_is_in_the_query_can_be_told(reader: ServedReader, query: str) -> None:
    submission = await reader.submit(b"image", "image/png", query)

    assert isinstance(submission, Submission)
    for name, value in submission.fields.pairs:
        f"{name}{value}".encode()


@pytest.mark.parametrize("content_type", [JSON, "image/png"])
async def test_a_query_has_so_many_fields_at_most(small: ServedReader, content_type: str) -> None:
    body = b'{"image_url":"a"}'
    most = await small.submit(body, content_type, "?a=1&b=1&c=1&d=1&api_key=1")

    assert isinstance(most, Submission)
    assert refused(await small.submit(body, content_type, "?a=1&b=1&c=1&d=1&e=1")) == (
        400,
        "bad_request",
    )


async def test_only_json_brings_the_key(reader: ServedReader) -> None:
    in_json = await reader.submit(b'{"api_key":"key","image":"a"}', JSON)
    in_form = await reader.submit(form(("api_key", b"key"), ("image_url", b"a")), MULTIPART)

    assert isinstance(in_json, Submission)
    assert isinstance(in_form, Submission)
    assert (in_json.api_key, in_json.fields.pairs, in_json.is_legacy_image) == ("key", (), True)
    assert (in_form.api_key, in_form.is_legacy_image) == (None, False)
    assert in_form.fields.names_beyond({}) == ["api_key"]


@pytest.mark.parametrize(
    ("content_type", "status", "code"),
    [
        ("multipart/form-data", 400, "bad_request"),
        ("multipart/form-data; boundary=", 400, "bad_request"),
        ("multipart/form-data; boundary=b; boundary=b", 400, "bad_request"),
        ('multipart/form-data; boundary="b', 400, "bad_request"),
        (f"{JSON}; charset", 400, "bad_request"),
        (f"{URLENCODED}; charset=a; charset=b", 400, "bad_request"),
        (f"{JSON}; charset=utf-16", 415, "unsupported_media_type"),
        (f"{JSON}; charset=iso-8859-1", 415, "unsupported_media_type"),
        (f"{URLENCODED}; charset=klingon", 415, "unsupported_media_type"),
    ],
)
async def test_a_content_type_that_cannot_be_followed_is_refused(
    reader: ServedReader, content_type: str, status: int, code: str
) -> None:
    assert refused(await reader.submit(b"--b--", content_type)) == (status, code)


@pytest.mark.parametrize(
    ("content_type", "body", "code"),
    [
        (MULTIPART, b"nonsense", "bad_request"),
        (MULTIPART, form(("image_file", b"1"), ("image_url", b"2")), "multiple_sources"),
        (URLENCODED, b"image_url=a&image_url=b", "multiple_sources"),
        (JSON, b"nonsense", "invalid_json"),
        (JSON, b'{"image":1}', "bad_request"),
        (JSON, b'{"image":"a","image_url":"b"}', "multiple_sources"),
    ],
)
async def test_a_bad_body_is_refused(
    reader: ServedReader, content_type: str, body: bytes, code: str
) -> None:
    assert refused(await reader.submit(body, content_type)) == (400, code)


async def test_a_second_source_is_refused_before_the_body_has_ended(reader: ServedReader) -> None:
    lines = {"Content-Type": MULTIPART, "Transfer-Encoding": "chunked"}
    begun = part("image_file", b"1") + part("image_base64", b"A" * 100)

    answer = await reader.exchange(lines, f"{len(begun):x}\r\n".encode() + begun + b"\r\n")

    assert refused(answer) == (400, "multiple_sources")


@pytest.mark.parametrize(
    ("content_type", "limit_bytes"),
    [(MULTIPART, 2000), (URLENCODED, 1500), (JSON, 1500), ("image/png", 1000), (None, 1000)],
)
async def test_a_declared_length_has_the_limit_of_its_kind(
    small: ServedReader, content_type: str | None, limit_bytes: int
) -> None:
    lines: dict[str, str | int] = {} if content_type is None else {"Content-Type": content_type}

    over = await small.exchange({**lines, "Content-Length": limit_bytes + 1}, b"")
    await small.submit(bytes(limit_bytes), content_type)

    assert refused(over) == (413, "image_too_large")
    assert small.expected_bytes == [limit_bytes]


@pytest.mark.parametrize("surplus", [0, 1])
@pytest.mark.parametrize(
    ("content_type", "start", "end", "limit_bytes"),
    [
        (MULTIPART, form(("image_url", b"a")), b"", 2000),
        (URLENCODED, b"image_base64=", b"", 1500),
        (JSON, b'{"image":"', b'"}', 1500),
        ("image/png", b"", b"", 1000),
    ],
)
async def test_a_body_of_unknown_length_is_counted_as_it_comes(  # noqa: PLR0917
    small: ServedReader,
    content_type: str,
    start: bytes,
    end: bytes,
    limit_bytes: int,
    surplus: int,
) -> None:
    body = start.ljust(limit_bytes - len(end) + surplus, b"A") + end

    answer = await small.submit_chunks(content_type, body[:700], body[700:], b"")

    assert small.expected_bytes == [limit_bytes]
    if surplus:
        assert refused(answer) == (413, "image_too_large")
    else:
        assert isinstance(answer, Submission)


@pytest.mark.parametrize(("name", "limit_bytes"), [("image_file", 1000), ("image_base64", 1500)])
async def test_the_image_in_a_form_has_a_limit_of_its_own(
    small: ServedReader, name: str, limit_bytes: int
) -> None:
    most = await small.submit(form((name, b"A" * limit_bytes)), MULTIPART)
    over = await small.submit(form((name, b"A" * (limit_bytes + 1))), MULTIPART)

    assert isinstance(most, Submission)
    assert refused(over) == (413, "image_too_large")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Encoding": "gzip"}, 415),
        ({"Content-Encoding": "identity, br"}, 415),
        ({"Content-Encoding": "IDENTITY"}, 200),
        ({"Expect": "nonsense"}, 400),
        ({"Expect": "100-Continue"}, 200),
    ],
)
async def test_the_head_can_refuse_a_body(
    reader: ServedReader, headers: dict[str, str | int], status: int
) -> None:
    answer = await reader.submit(b"image", "image/png", headers=headers)

    assert (answer.status if isinstance(answer, Refusal) else 200) == status


@pytest.mark.parametrize(
    ("content_type", "frame", "parser"),
    [
        (JSON, b'{"image":"%s"}', "parse_json"),
        (URLENCODED, b"image_base64=%s", "parse_urlencoded"),
    ],
)
async def test_long_bodies_are_parsed_off_the_event_loop(
    reader: ServedReader,
    monkeypatch: pytest.MonkeyPatch,
    content_type: str,
    frame: bytes,
    parser: str,
) -> None:
    parse = getattr(reader_module, parser)
    threads = []

    def parse_watched(body: bytes, limits: UploadSettings, gatherer: Gatherer) -> Gathered:
        threads.append(threading.current_thread())
        gathered: Gathered = parse(body, limits, gatherer)
        return gathered

    monkeypatch.setattr(reader_module, parser, parse_watched)

    for size_bytes in (100, 2 * MIB):
        submission = await reader.submit(frame % (b"A" * size_bytes), content_type)
        assert isinstance(submission, Submission)
        assert submission.source_bytes == size_bytes

    assert [thread is threading.current_thread() for thread in threads] == [True, False]


fragments = st.sampled_from(
    [b"--b", b"\r\n", b"&", b"=", b"%", b"{", b"}", b'"', b":", b",", b"image_url", b"image"]
)


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    body=st.binary(max_size=100) | st.lists(fragments, max_size=20).map(b"".join),
    content_type=st.sampled_from([MULTIPART, URLENCODED, JSON, "image/png"])
    | st.text(
        st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"),
        max_size=30,
    ),
)
async def test_nothing_but_documented_errors_comes_of_any_request(
    small: ServedReader, body: bytes, content_type: str
) -> None:
    answer = await small.submit(body, content_type)

    if isinstance(answer, Refusal):
        assert answer.status in {400, 413, 415}
