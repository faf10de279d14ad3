import base64
import json

import pytest

from gateway.contracts.removebg import answers
from gateway.cut_out import SubjectBox
from gateway.delivery import PiecesResponse
from gateway.options.cut_out import OutputFormat
from tests.unit.gateway.contracts.finished import content_of, finished_cut_out
from tests.unit.gateway.contracts.removebg.reading import asked

SUBJECT = SubjectBox(left_px=3, top_px=5, width_px=20, height_px=30)


def rendered(accept: str = "*/*", **fields: str) -> PiecesResponse:
    made = finished_cut_out(b"picture", OutputFormat.JPEG, subject=SUBJECT)
    return answers.render(made, SUBJECT, asked(**fields), ["unknown"], accept)


def headers(response: PiecesResponse) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name != "Server-Timing"}


def test_the_headers_of_a_picture() -> None:
    assert headers(rendered()) == {
        "Content-Type": "image/jpeg",
        "Content-Length": "7",
        "X-Width": "30",
        "X-Height": "20",
        "X-Max-Width": "60",
        "X-Max-Height": "40",
        "X-Type": "other",
        "X-Credits-Charged": "0",
        "X-Foreground-Found": "true",
        "X-Foreground-Top": "5",
        "X-Foreground-Left": "3",
        "X-Foreground-Width": "20",
        "X-Foreground-Height": "30",
        "X-Ignored-Fields": "unknown",
    }


def test_fields_without_effect_or_with_another_one_are_named() -> None:
    response = rendered(type="car", semitransparency="0", shadow_type="3D")

    assert response.headers["X-Ignored-Fields"] == "unknown, type, semitransparency"
    assert response.headers["X-Approximated-Fields"] == "shadow_type"
    assert response.headers["X-Type"] == "car"


def test_without_a_level_there_is_no_type() -> None:
    assert "X-Type" not in rendered(type_level="none").headers


async def test_json_holds_the_picture_and_where_the_subject_is() -> None:
    response = rendered("application/json")

    assert json.loads(await content_of(response)) == {
        "data": {
            "result_b64": base64.b64encode(b"picture").decode(),
            "foreground_top": 5,
            "foreground_left": 3,
            "foreground_width": 20,
            "foreground_height": 30,
        }
    }
    assert headers(response).items() >= {"X-Width": "30", "X-Credits-Charged": "0"}.items()


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "image/png",
        "image/png, application/json",
        "application/json, text/plain, */*",
        "application/json, application/zip",
    ],
)
async def test_bytes_are_the_rule(accept: str) -> None:
    assert await content_of(rendered(accept)) == b"picture"


def test_an_account_has_exactly_the_keys_that_are_known() -> None:
    assert answers.account(1000) == {
        "data": {
            "attributes": {
                "credits": {"total": 1000, "subscription": 1000, "payg": 0, "enterprise": 0},
                "api": {"free_calls": 0, "sizes": "all"},
            }
        }
    }
