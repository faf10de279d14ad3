import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contracts.v2 import answers
from gateway.options.cut_out import OutputChannels, OutputFormat
from tests.unit.gateway.contracts.finished import content_of, finished_cut_out

RGBA, ALPHA = OutputChannels.RGBA, OutputChannels.ALPHA


@pytest.mark.parametrize(
    "accept",
    [
        "image/*",
        "image/png",
        "IMAGE/PNG",
        "image/webp, image/*;q=0.8, */*;q=0.5",
        "application/json;q=0.5, image/png",
        "text/html, image/avif;q=0.1",
        "application/json;q=0, image/png;q=0.001",
    ],
)
def test_a_caller_that_asks_for_an_image_gets_bytes(accept: str) -> None:
    assert answers.prefers_bytes(accept)


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "application/json",
        "application/json, image/png",
        "application/*, image/*;q=0.9",
        "image/png;q=0",
        "image/png;q=nonsense",
        "image/png; q =0",
        "text/html",
        ",;,=",
    ],
)
def test_a_caller_that_does_not_gets_json(accept: str) -> None:
    assert not answers.prefers_bytes(accept)


@given(st.text())
def test_any_accept_header_can_be_read(accept: str) -> None:
    assert answers.prefers_bytes(accept) in {True, False}


async def test_json_tells_image_format_and_size() -> None:
    response = answers.as_json(finished_cut_out(b"\xffjpeg", OutputFormat.JPEG), RGBA, {})

    assert response.content_type == "application/json"
    assert json.loads(await content_of(response)) == {
        "image": base64.b64encode(b"\xffjpeg").decode(),
        "format": "jpg",
        "width": 30,
        "height": 20,
    }


async def test_the_matte_alone_is_a_mask() -> None:
    response = answers.as_json(finished_cut_out(b"png"), ALPHA, {"X-Width": "30"})

    assert json.loads(await content_of(response)) == {
        "mask": base64.b64encode(b"png").decode(),
        "width": 30,
        "height": 20,
    }
    assert response.headers["X-Width"] == "30"


@pytest.mark.parametrize("size_bytes", [0, 1, 2, 3, 2**20, 2**20 + 1])
async def test_images_of_every_size_arrive_whole(size_bytes: int) -> None:
    image = bytes(size_bytes)

    response = answers.as_json(finished_cut_out(image), RGBA, {})

    content = await content_of(response)
    assert base64.b64decode(json.loads(content)["image"]) == image
    assert response.content_length == len(content)
