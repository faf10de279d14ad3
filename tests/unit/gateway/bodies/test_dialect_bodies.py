"""What dialects ask of bodies beyond the native contract, over a real socket."""

import base64
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from gateway.bodies.base64_text import decode_image
from gateway.bodies.submission import ImageBytes, ImageText, ImageUrl, Submission
from gateway.errors import InvalidBase64Error
from gateway.options.fields import FieldValue, NoText
from gateway.pictures import Slot
from gateway.settings import UploadSettings
from tests.unit.gateway.bodies.dialects import DATA_URLS, FILE_WINS, QUERY, TWO
from tests.unit.gateway.bodies.served_reader import Refusal, ServedReader, served_reader

MULTIPART = "multipart/form-data; boundary=b"
URLENCODED = "application/x-www-form-urlencoded"
JSON = "application/json"
SMALL = UploadSettings(image_bytes=1000, text_bytes=1500, field_bytes=100, slack_bytes=500, parts=8)
DATA = "data:image/png;base64,"


@pytest.fixture
async def two() -> AsyncIterator[ServedReader]:
    async with served_reader(SMALL, vocabulary=TWO) as served:
        yield served


def form(*parts: tuple[str, bytes]) -> bytes:
    head = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n'
    return b"".join(head.format(name).encode() + data + b"\r\n" for name, data in parts) + b"--b--"


def bodies(**fields: str) -> list[tuple[str, bytes]]:
    """The same fields in each kind of body."""
    return [
        (MULTIPART, form(*((name, value.encode()) for name, value in fields.items()))),
        (URLENCODED, urlencode(fields).encode()),
        (JSON, json.dumps(fields).encode()),
    ]


def read(answer: Submission | Refusal) -> Submission:
    assert isinstance(answer, Submission), answer
    return answer


def refusal(answer: Submission | Refusal) -> tuple[int, str]:
    assert isinstance(answer, Refusal)
    return answer.status, answer.code


@pytest.mark.parametrize("kind", range(3))
async def test_both_pictures_are_found_in_each_kind_of_body(two: ServedReader, kind: int) -> None:
    content_type, body = bodies(Picture_URL="a", BACK_B64="QUJD", crop="", Size=" hd ")[kind]

    submission = read(await two.submit(body, content_type))

    assert submission.fields.pairs == (("Size", "hd"),)
    assert submission.source_bytes == 1 + 4
    assert submission.has(Slot.BACKGROUND)
    assert submission.take_source() == ImageUrl("a")
    assert submission.source_bytes == 4
    assert submission.take_source(Slot.BACKGROUND) == ImageText("back_b64", b"QUJD")
    assert not submission.has(Slot.BACKGROUND)


async def test_a_part_without_a_file_name_is_a_file(two: ServedReader) -> None:
    submission = read(await two.submit(form(("back", b"1"), ("picture", b"2")), MULTIPART))

    assert submission.take_source() == ImageBytes(b"2")
    assert submission.take_source(Slot.BACKGROUND) == ImageBytes(b"1")


@pytest.mark.parametrize(
    ("image_bytes", "back_bytes", "status"),
    [(1000, 1000, 200), (1001, 1, 413), (1, 1001, 413), (1001, 1001, 413)],
)
async def test_each_picture_of_a_form_has_the_limit_of_one(
    two: ServedReader, image_bytes: int, back_bytes: int, status: int
) -> None:
    parts = ("picture", b"1" * image_bytes), ("back", b"2" * back_bytes)

    answer = await two.submit(form(*parts), MULTIPART)

    assert (answer.status if isinstance(answer, Refusal) else 200) == status


@pytest.mark.parametrize(("surplus_bytes", "status"), [(0, 200), (1, 413)])
@pytest.mark.parametrize(
    ("content_type", "most_bytes"),
    [(MULTIPART, 2 * 1500 + 500), (URLENCODED, 2 * 1500), (JSON, 2 * 1500)],
)
async def test_a_body_has_room_for_both_pictures(
    two: ServedReader, content_type: str, most_bytes: int, surplus_bytes: int, status: int
) -> None:
    frames = {
        MULTIPART: (b"", form(("picture_url", b"a"))),
        URLENCODED: (b"picture_b64=", b"&back_b64=QUJD"),
        JSON: (b'{"picture_b64":"', b'","back_b64":"QUJD"}'),
    }
    before, after = frames[content_type]
    filling = most_bytes + surplus_bytes - len(before) - len(after)
    # What stands behind the end of a form is of no part.
    body = after + b"x" * filling if content_type == MULTIPART else before + b"A" * filling + after

    answer = await two.submit(body, content_type)

    assert (answer.status if isinstance(answer, Refusal) else 200) == status
    if status == 200:
        assert two.expected_bytes == [most_bytes]


@pytest.mark.parametrize("size_bytes", [1500, 1501])
async def test_each_text_of_a_form_has_the_limit_of_one(two: ServedReader, size_bytes: int) -> None:
    parts = ("picture_url", b"a"), ("back_b64", b"A" * size_bytes)

    answer = await two.submit(form(*parts), MULTIPART)

    assert isinstance(answer, Submission) is (size_bytes == 1500)


async def test_too_large_a_background_is_told_to_be_it() -> None:
    async with served_reader(SMALL, vocabulary=TWO) as served:
        await served.submit(form(("back", b"1" * 1001)), MULTIPART)
        await served.submit(form(("picture", b"1" * 1001)), MULTIPART)

    assert served.details == [{"image": "background"}, {}]


async def test_other_kinds_of_bodies_are_refused(two: ServedReader) -> None:
    assert refusal(await two.submit(b"image", "image/png")) == (415, "unsupported_media_type")
    assert refusal(await two.submit(b"image")) == (415, "unsupported_media_type")
    # Without a body its kind says nothing.
    read(await two.submit(b"", "image/png"))


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (7, "7"),
        (-1, "-1"),
        (0.5, "0.5"),
        (1, "1"),
        (0, "0"),
        (True, "true"),
        (False, "false"),
        ("true", "true"),
        ([1], NoText.VALUE),
        ({"a": 1}, NoText.VALUE),
    ],
)
async def test_numbers_and_booleans_of_json_count_as_their_text(
    two: ServedReader, value: Any, told: FieldValue
) -> None:
    submission = read(await two.submit(json.dumps({"Option": value}).encode(), JSON))

    assert submission.fields.last("option") == told


async def test_numbers_keep_the_text_they_came_in(two: ServedReader) -> None:
    body = b'{"a": 1.50, "b": 1e3, "c": %s, "d": null}' % (b"9" * 50)

    submission = read(await two.submit(body, JSON))

    assert dict(submission.fields.pairs) == {"a": "1.50", "b": "1e3", "c": "9" * 50}


@pytest.mark.parametrize("name", ["picture_b64", "back_b64"])
@pytest.mark.parametrize("value", [True, False, 7])
async def test_a_boolean_or_a_digit_is_no_base64(
    two: ServedReader, name: str, value: object
) -> None:
    answer = await two.submit(json.dumps({name: value}).encode(), JSON)

    if isinstance(answer, Submission):
        slot = Slot.IMAGE if name == "picture_b64" else Slot.BACKGROUND
        source = answer.take_source(slot)
        assert isinstance(source, ImageText)
        with pytest.raises(InvalidBase64Error):
            decode_image(source, 1000)
    else:
        assert refusal(answer) == (400, "invalid_base64")


async def test_a_boolean_is_no_url(two: ServedReader) -> None:
    submission = read(await two.submit(b'{"picture_url": true}', JSON))

    assert submission.take_source() == ImageUrl("true")


async def test_a_picture_is_no_list(two: ServedReader) -> None:
    answer = await two.submit(b'{"picture_url": ["a"], "back_b64": {}}', JSON)

    assert refusal(answer) == (400, "bad_request")


@pytest.mark.parametrize("sign", ["+", "%2B", "%2b", "%20"])
async def test_a_space_in_urlencoded_base64_stands_for_a_plus_sign(
    two: ServedReader, sign: str
) -> None:
    submission = read(await two.submit(f"picture_b64=%20A{sign * 2}A%20".encode(), URLENCODED))

    source = submission.take_source()
    assert source == ImageText("picture_b64", b"A++A")


@pytest.mark.parametrize("kind", range(3))
@pytest.mark.parametrize("prefix", [DATA, "DATA:image/jpg;base64,", " data:;base64,"])
async def test_a_data_url_is_a_picture_of_any_size(kind: int, prefix: str) -> None:
    image = bytes(range(256)) * 3
    url = prefix + base64.b64encode(image).decode()
    content_type, body = bodies(picture_url=url, back_url="http://a/")[kind]

    async with served_reader(SMALL, vocabulary=DATA_URLS) as served:
        submission = read(await served.submit(body, content_type))

    source = submission.take_source()
    assert isinstance(source, ImageText)
    assert decode_image(source, SMALL.image_bytes) == image
    assert submission.take_source(Slot.BACKGROUND) == ImageUrl("http://a/")


@pytest.mark.parametrize("kind", range(3))
async def test_a_url_that_is_none_of_data_has_the_limit_of_a_field(kind: int) -> None:
    content_type, body = bodies(picture_url="http://a/" + "b" * 100)[kind]

    async with served_reader(SMALL, vocabulary=DATA_URLS) as served:
        assert refusal(await served.submit(body, content_type)) == (400, "bad_request")


@pytest.mark.parametrize("kind", range(3))
async def test_data_urls_have_the_limit_of_a_field_where_they_do_not_count(
    two: ServedReader, kind: int
) -> None:
    content_type, body = bodies(picture_url=DATA + "A" * 100)[kind]

    assert refusal(await two.submit(body, content_type)) == (400, "bad_request")


@pytest.mark.parametrize("size_bytes", [1500, 1501])
async def test_a_data_url_of_a_form_has_the_limit_of_a_text(size_bytes: int) -> None:
    url = DATA.encode() + b"A" * (size_bytes - len(DATA))

    async with served_reader(SMALL, vocabulary=DATA_URLS) as served:
        answer = await served.submit(form(("picture_url", url)), MULTIPART)

    assert isinstance(answer, Submission) is (size_bytes == 1500)


async def test_a_text_of_any_size_beside_a_file_that_wins_is_passed_over() -> None:
    parts = ("picture", b"1"), ("picture_b64", b"A" * 1600)

    async with served_reader(SMALL, vocabulary=FILE_WINS) as served:
        submission = read(await served.submit(form(*parts), MULTIPART))

    assert submission.take_source() == ImageBytes(b"1")


async def test_the_query_counts_where_the_dialect_says_so() -> None:
    query = "?url=" + quote("http://a/?b=c") + "&a=1&api_key=secret"

    async with served_reader(SMALL, vocabulary=QUERY) as served:
        alone = read(await served.submit(b"", query=query))
        body = form(("a", b"2"))
        beside = read(await served.submit(body, MULTIPART, query=query))
        several = await served.submit(form(("file", b"1")), MULTIPART, query=query)

    assert alone.take_source() == ImageUrl("http://a/?b=c")
    assert (alone.fields.pairs, alone.ignored_query) == ((("a", "1"),), ())
    assert beside.fields.last("a") == "2"
    assert refusal(several) == (400, "multiple_sources")


async def test_elsewhere_the_query_is_named_and_ignored(two: ServedReader) -> None:
    submission = read(await two.submit(form(("a", b"1")), MULTIPART, query="?picture_url=b&c=d"))

    assert not submission.has(Slot.IMAGE)
    assert submission.ignored_query == ("picture_url", "c")
