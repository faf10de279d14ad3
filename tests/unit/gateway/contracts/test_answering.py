import base64
import json

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from gateway.contracts import answering
from gateway.contracts.answering import PICTURE
from gateway.errors import InvalidApiKeyError, OverloadedError
from tests.unit.gateway.contracts.finished import content_of, finished_cut_out


@pytest.mark.parametrize(
    "accept",
    [
        "application/json",
        "Application/JSON;q=0.1",
        "application/json, text/plain",
        "text/html,application/json ; charset=utf-8",
        "application/json, */*;q=0, image/png;q=0.0",
    ],
)
def test_json_is_given_where_it_alone_is_taken(accept: str) -> None:
    assert answering.wants_json(accept)


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "image/png",
        "application/zip",
        "image/png, application/json",
        "application/json, text/plain, */*",
        "application/json, application/zip",
        "application/json, image/*;q=0.1",
        "text/json",
        "application/json;q=0",
    ],
)
def test_bytes_are_given_wherever_they_are_taken_too(accept: str) -> None:
    assert not answering.wants_json(accept)


@pytest.mark.parametrize(
    ("headers", "accepted"),
    [([], ""), (["image/png"], "image/png"), (["image/png", "a/b;q=0"], "image/png, a/b;q=0")],
)
def test_several_accept_headers_are_one(headers: list[str], accepted: str) -> None:
    sent = CIMultiDict(("Accept", header) for header in headers)

    assert answering.accept(make_mocked_request("POST", "/", headers=sent)) == accepted


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("size_bytes", [1, 2, 3, 250_001])
async def test_a_picture_stands_in_json_as_often_as_it_is_asked_for(
    times: int, size_bytes: int
) -> None:
    image = bytes(range(256)) * (size_bytes // 256 + 1)
    document = {f"copy_{number}": PICTURE for number in range(times)} | {"name": "\u00fc"}

    response = answering.as_json(finished_cut_out(image[:size_bytes]), document, {"X-Width": "30"})
    content = await content_of(response)

    picture = base64.b64encode(image[:size_bytes]).decode()
    assert json.loads(content) == {
        name: picture if value == PICTURE else value for name, value in document.items()
    }
    assert response.content_length == len(content)
    assert (response.content_type, response.headers["X-Width"]) == ("application/json", "30")


def test_facts_tell_size_and_whether_there_is_a_subject() -> None:
    headers = answering.facts(finished_cut_out(foreground_found=False), [])

    assert (headers["X-Width"], headers["X-Height"]) == ("30", "20")
    assert headers["X-Foreground-Found"] == "false"


def test_what_is_done_roughly_is_told_beside_what_is_ignored() -> None:
    headers = answering.facts(finished_cut_out(), ["type"], ["shadow_type"])

    assert headers["X-Ignored-Fields"] == "type"
    assert headers["X-Approximated-Fields"] == "shadow_type"


def test_ignored_names_are_escaped_and_cut() -> None:
    headers = answering.facts(finished_cut_out(), ["plain_name", "odd name,\r\n", "\u00fc" * 100])

    first, second, third = headers["X-Ignored-Fields"].split(", ")
    assert (first, second) == ("plain_name", "odd%20name%2C%0D%0A")
    assert third == "%C3%BC" * 10 + "%C3"


@pytest.mark.parametrize(("plain", "told"), [(63, 63), (62, 62), (61, 64)])
def test_names_are_not_cut_within_an_escape(plain: int, told: int) -> None:
    headers = answering.facts(finished_cut_out(), ["a" * plain + " b"])

    assert headers["X-Ignored-Fields"] == ("a" * plain + "%20")[:told]


def test_what_was_not_ignored_is_not_told() -> None:
    assert "X-Ignored-Fields" not in answering.facts(finished_cut_out(), [])


@pytest.mark.parametrize(("status", "has_challenge"), [(401, True), (403, False), (400, False)])
def test_a_challenge_comes_with_401_alone(status: int, *, has_challenge: bool) -> None:
    headers = answering.error_headers(InvalidApiKeyError(), status)

    assert ("WWW-Authenticate" in headers) == has_challenge


def test_other_headers_of_an_error_come_with_every_status() -> None:
    error = OverloadedError(retry_after_s=3)

    assert answering.error_headers(error, 503) == {"Retry-After": "3"}
    assert answering.error_headers(error, 400) == {"Retry-After": "3"}
