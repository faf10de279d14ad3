import base64
import json
from collections.abc import AsyncGenerator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contracts.v2 import answers
from gateway.cut_out import CutOut
from gateway.delivery import PiecesResponse
from gateway.options.cut_out import OutputChannels, OutputFormat

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
    response = answers.as_json(_cut_out(b"\xffjpeg", OutputFormat.JPEG), RGBA, {})

    assert response.content_type == "application/json"
    assert json.loads(await _content(response)) == {
        "image": base64.b64encode(b"\xffjpeg").decode(),
        "format": "jpg",
        "width": 30,
        "height": 20,
    }


async def test_the_matte_alone_is_a_mask() -> None:
    response = answers.as_json(_cut_out(b"png"), ALPHA, {"X-Width": "30"})

    assert json.loads(await _content(response)) == {
        "mask": base64.b64encode(b"png").decode(),
        "width": 30,
        "height": 20,
    }
    assert response.headers["X-Width"] == "30"


@pytest.mark.parametrize("size_bytes", [0, 1, 2, 3, 2**20, 2**20 + 1])
async def test_images_of_every_size_arrive_whole(size_bytes: int) -> None:
    image = bytes(size_bytes)

    response = answers.as_json(_cut_out(image), RGBA, {})

    content = await _content(response)
    assert base64.b64decode(json.loads(content)["image"]) == image
    assert response.content_length == len(content)


def test_ignored_names_are_escaped_and_cut() -> None:
    headers = answers.facts(_cut_out(b""), ["plain_name", "odd name,\r\n", "\u00fc" * 100])

    first, second, third = headers["X-Ignored-Fields"].split(", ")
    assert (first, second) == ("plain_name", "odd%20name%2C%0D%0A")
    assert third == "%C3%BC" * 10 + "%C3"


@pytest.mark.parametrize(("plain", "told"), [(63, 63), (62, 62), (61, 64)])
def test_names_are_not_cut_within_an_escape(plain: int, told: int) -> None:
    headers = answers.facts(_cut_out(b""), ["a" * plain + " b"])

    assert headers["X-Ignored-Fields"] == ("a" * plain + "%20")[:told]


def test_what_was_not_ignored_is_not_told() -> None:
    assert "X-Ignored-Fields" not in answers.facts(_cut_out(b""), [])


async def _content(response: PiecesResponse) -> bytes:
    return b"".join([piece async for piece in response.pieces])


def _cut_out(image: bytes, output_format: OutputFormat = OutputFormat.PNG) -> CutOut:
    return CutOut(
        image_bytes=len(image),
        output_format=output_format,
        width_px=30,
        height_px=20,
        foreground_found=True,
        stages_s={},
        chunks=_chunks(image),
        close=lambda: None,
    )


async def _chunks(image: bytes) -> AsyncGenerator[bytes, None]:
    for start in range(0, len(image), 100_000):
        yield image[start : start + 100_000]
