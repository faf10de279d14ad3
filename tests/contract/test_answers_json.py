"""JSON requests are answered in JSON, unless their `Accept` asks for an image."""

import base64
from typing import Any

import numpy as np
import pytest

from tests.contract.client import Client, Reply, base64_of, opened
from tests.contract.pictures import HEIGHT_PX, WIDTH_PX, Pixels, crop_box

pytestmark = pytest.mark.e2e

SIZE = {"width": WIDTH_PX, "height": HEIGHT_PX}


@pytest.fixture(scope="package")
def members(cup: bytes) -> dict[str, Any]:
    return {"image_base64": base64_of(cup)}


@pytest.fixture(scope="package")
def legacy(cup: bytes) -> dict[str, Any]:
    return {"image": base64_of(cup)}


def picture(reply: Reply, name: str, *formats: str) -> Pixels:
    """The decoded picture in a member of the answer."""
    return np.array(opened(base64.b64decode(reply.content[name], validate=True), *formats))


def about(reply: Reply, name: str) -> dict[str, Any]:
    """The other members."""
    return {key: value for key, value in reply.content.items() if key != name}


def test_the_image_comes_as_base64_with_format_and_size(
    service: Client, members: dict[str, Any], cup_rgba_u8: Pixels
) -> None:
    reply = service.post_json(members)
    assert reply.status == 200
    assert about(reply, "image") == {"format": "png", **SIZE}
    assert (picture(reply, "image", "PNG") == cup_rgba_u8).all()


@pytest.mark.parametrize(
    ("image_format", "told", "name"),
    [("jpeg", "jpg", "JPEG"), ("WEBP", "webp", "WEBP"), ("tif", "tiff", "TIFF")],
)
def test_the_format_that_is_told_is_that_of_the_image(
    service: Client, members: dict[str, Any], image_format: str, told: str, name: str
) -> None:
    reply = service.post_json({**members, "format": image_format})
    assert about(reply, "image") == {"format": told, **SIZE}
    assert picture(reply, "image", name).shape[:2] == (HEIGHT_PX, WIDTH_PX)


def test_the_size_that_is_told_is_that_of_the_answer(
    service: Client, members: dict[str, Any], cup_rgba_u8: Pixels
) -> None:
    cropped = cup_rgba_u8[crop_box(cup_rgba_u8[..., 3])]
    reply = service.post_json({**members, "crop": True})
    assert (picture(reply, "image", "PNG") == cropped).all()
    assert reply.content["width"] == int(reply.headers["X-Width"]) == cropped.shape[1]
    assert reply.content["height"] == int(reply.headers["X-Height"]) == cropped.shape[0]


def test_the_matte_alone_is_a_mask(
    service: Client, members: dict[str, Any], cup_rgba_u8: Pixels
) -> None:
    reply = service.post_json({**members, "channels": "alpha", "format": "jpg"})
    assert about(reply, "mask") == SIZE
    assert (picture(reply, "mask", "PNG") == cup_rgba_u8[..., 3]).all()


def test_the_legacy_image_is_answered_with_the_mask(
    service: Client, legacy: dict[str, Any], cup_rgba_u8: Pixels
) -> None:
    reply = service.post_json(legacy)
    assert about(reply, "mask") == SIZE
    assert (picture(reply, "mask", "PNG") == cup_rgba_u8[..., 3]).all()


def test_the_legacy_image_is_answered_with_the_cut_out_where_channels_says_so(
    service: Client, legacy: dict[str, Any], cup_rgba_u8: Pixels
) -> None:
    reply = service.post_json({**legacy, "channels": "rgba"})
    assert about(reply, "image") == {"format": "png", **SIZE}
    assert (picture(reply, "image", "PNG") == cup_rgba_u8).all()


@pytest.mark.parametrize("accept", ["image/*", "image/png", "image/png, image/jpeg;q=0.8"])
def test_an_accept_of_images_gives_bytes(
    service: Client, members: dict[str, Any], cup_rgba_u8: Pixels, accept: str
) -> None:
    reply = service.post_json(members, headers={"Accept": accept})
    assert reply.headers["Content-Type"] == "image/png"
    assert (reply.rgba_u8 == cup_rgba_u8).all()


def test_an_accept_of_images_gives_the_legacy_mask_as_bytes(
    service: Client, legacy: dict[str, Any], cup_rgba_u8: Pixels
) -> None:
    reply = service.post_json(legacy, headers={"Accept": "image/*"})
    assert (reply.mask_u8 == cup_rgba_u8[..., 3]).all()


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html, */*;q=0.8"])
def test_any_other_accept_gives_json(service: Client, members: dict[str, Any], accept: str) -> None:
    reply = service.post_json(members, headers={"Accept": accept})
    assert set(reply.content) == {"image", "format", "width", "height"}


@pytest.mark.parametrize("accept", ["application/json", "*/*"])
def test_other_bodies_are_answered_with_bytes_whatever_they_accept(
    service: Client, cup: bytes, accept: str
) -> None:
    headers = {"Accept": accept}
    text = {"image_base64": base64_of(cup)}
    replies = [
        service.post_file(cup, headers=headers),
        service.post_urlencoded(text, headers=headers),
        service.post_raw(cup, "image/png", headers=headers),
    ]
    assert {reply.headers["Content-Type"] for reply in replies} == {"image/png"}


def test_errors_are_json_whatever_is_accepted(service: Client) -> None:
    reply = service.post_json({}, headers={"Accept": "image/*"})
    assert reply.refusal == (400, "missing_image")


def test_no_subject_is_no_error(service: Client, grey: bytes) -> None:
    reply = service.post_json({"image": base64_of(grey)})
    assert (reply.status, reply.headers["X-Foreground-Found"]) == (200, "false")
    assert picture(reply, "mask", "PNG").max() < 128


def test_json_has_the_headers_of_every_answer(service: Client, members: dict[str, Any]) -> None:
    reply = service.post_json(members)
    assert int(reply.headers["Content-Length"]) == len(reply.body)
    assert (reply.headers["X-Width"], reply.headers["X-Height"]) == (str(WIDTH_PX), str(HEIGHT_PX))
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Server-Timing"]
    assert reply.request_id
