"""Photoroom's dialect, seen in the pixels of the answers."""

import base64
from typing import Any

import numpy as np
import pytest

from tests.contract.client import Client, Reply, opened
from tests.contract.pictures import (
    HEIGHT_PX,
    WIDTH_PX,
    Pixels,
    crop_box,
    differs_by,
    encoded,
    over,
    photo,
)

pytestmark = pytest.mark.e2e


def segment(service: Client, image: bytes, headers: Any = None, **fields: str) -> Reply:
    """Sends a picture as Photoroom's callers do."""
    files = {"image_file": ("photo.jpg", image, "image/jpeg")}
    return service.ask("POST", "/v1/segment", headers=headers, files=files, data=fields)


@pytest.mark.parametrize(
    ("value", "content_type", "name"),
    [
        ("png", "image/png", "PNG"),
        ("jpg", "image/jpeg", "JPEG"),
        ("jpeg", "image/jpeg", "JPEG"),
        ("webp", "image/webp", "WEBP"),
    ],
)
def test_the_answer_has_the_format_asked_for(
    service: Client, cup: bytes, value: str, content_type: str, name: str
) -> None:
    reply = segment(service, cup, format=value)

    assert reply.headers["Content-Type"] == content_type
    assert reply.image(name).size == (WIDTH_PX, HEIGHT_PX)


def test_without_options_it_is_the_native_cut_out(
    service: Client, cup: bytes, cup_rgba_u8: Pixels
) -> None:
    assert (segment(service, cup).rgba_u8 == cup_rgba_u8).all()


@pytest.mark.parametrize(("value", "name"), [("png", "PNG"), ("webp", "WEBP")])
def test_a_mask_is_exact_in_formats_that_can_be(
    service: Client, cup: bytes, cup_rgba_u8: Pixels, value: str, name: str
) -> None:
    reply = segment(service, cup, channels="alpha", format=value, bg_color="red")

    assert (np.array(reply.image(name).convert("L")) == cup_rgba_u8[..., 3]).all()


def test_a_mask_may_be_a_jpeg(service: Client, cup: bytes) -> None:
    image = segment(service, cup, channels="alpha", format="jpg").image("JPEG")

    assert (image.mode, image.size) == ("L", (WIDTH_PX, HEIGHT_PX))


def test_a_background_lies_behind_the_subject(
    service: Client, cup: bytes, cup_rgba_u8: Pixels
) -> None:
    image = segment(service, cup, bg_color="#ff8000").image("PNG")

    assert image.mode == "RGB"
    assert differs_by(np.array(image), over(cup_rgba_u8, (255, 128, 0, 255))[..., :3]) <= 1


def test_a_crop_ends_where_the_subject_ends(
    service: Client, cup: bytes, cup_rgba_u8: Pixels
) -> None:
    cropped = segment(service, cup, crop="true").rgba_u8

    assert (cropped == cup_rgba_u8[crop_box(cup_rgba_u8[..., 3])]).all()


@pytest.mark.parametrize(
    ("value", "size_px"),
    [("preview", (707, 353)), ("medium", (1200, 600)), ("full", (1200, 600))],
)
def test_a_size_bounds_the_pixels(service: Client, value: str, size_px: tuple[int, int]) -> None:
    image = encoded(photo(width_px=1200, height_px=600), "JPEG")

    assert segment(service, image, size=value, format="jpg").image("JPEG").size == size_px


def test_a_long_side_alone_is_no_reason_to_refuse(service: Client) -> None:
    image = encoded(photo(width_px=6100, height_px=40), "JPEG")

    assert segment(service, image).image("PNG").size == (6100, 40)


def test_the_uncertainty_is_the_share_of_half_transparent_pixels(
    service: Client, cup: bytes
) -> None:
    reply = segment(service, cup)

    alpha = reply.rgba_u8[..., 3] / 255
    half = (alpha >= 0.1) & (alpha <= 0.9)
    share = half.sum() / (alpha > 0).sum()
    assert 0 < share < 1
    assert float(reply.headers["x-uncertainty-score"]) == pytest.approx(share, abs=0.01)


def test_where_nothing_is_found_the_matte_is_empty(service: Client, grey: bytes) -> None:
    reply = segment(service, grey)

    assert reply.status == 200
    assert reply.headers["X-Foreground-Found"] == "false"
    assert not reply.rgba_u8[..., 3].any()
    assert float(reply.headers["x-uncertainty-score"]) == 0


def test_json_has_the_same_picture_twice(service: Client, cup: bytes, cup_rgba_u8: Pixels) -> None:
    content = segment(service, cup, {"Accept": "application/json"}).content

    assert set(content) == {"base64img", "result_b64"}
    assert content["base64img"] == content["result_b64"]
    image = opened(base64.b64decode(content["base64img"]), "PNG")
    assert (np.array(image) == cup_rgba_u8).all()


@pytest.mark.parametrize(
    ("image", "kind"), [(b"no picture", "invalid_image"), (b"%PDF-1.7\n", "invalid_image")]
)
def test_what_is_no_picture_is_told(service: Client, image: bytes, kind: str) -> None:
    reply = segment(service, image)

    assert (reply.status, reply.content["type"]) == (400, kind)
