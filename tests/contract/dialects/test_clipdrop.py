"""Clipdrop's dialect, seen in the pixels of the answers."""

import numpy as np
import pytest
from PIL import Image

from tests.contract.client import Client, Reply
from tests.contract.pictures import (
    HEIGHT_PX,
    WIDTH_PX,
    Pixels,
    differs_on_average_by,
    encoded,
    photo,
    png_that_claims,
)

pytestmark = pytest.mark.e2e

ORIENTATION = 0x0112
QUARTER_TURN = 6


def remove(service: Client, image: bytes, accept: str = "*/*", **fields: str) -> Reply:
    """Sends a picture as Clipdrop's callers do."""
    files = {"image_file": ("photo.jpg", image, "image/jpg")}
    headers = {"Accept": accept}
    return service.ask("POST", "/remove-background/v1", headers=headers, files=files, data=fields)


@pytest.fixture(scope="module")
def holed() -> Image.Image:
    """The cup with one corner that can be seen through."""
    image = photo().convert("RGBA")
    image.putpixel((0, 0), (10, 20, 30, 254))
    return image


@pytest.mark.parametrize(
    ("accept", "content_type", "name"),
    [
        ("*/*", "image/png", "PNG"),
        ("image/png", "image/png", "PNG"),
        ("image/webp", "image/webp", "WEBP"),
        ("image/jpeg", "image/jpeg", "JPEG"),
        ("image/jpg", "image/jpeg", "JPEG"),
    ],
)
def test_accept_chooses_the_format(
    service: Client, cup: bytes, accept: str, content_type: str, name: str
) -> None:
    reply = remove(service, cup, accept, format="bmp", size="preview", crop="true")

    assert reply.headers["Content-Type"] == content_type
    assert reply.image(name).size == (WIDTH_PX, HEIGHT_PX)


def test_it_is_the_native_cut_out(service: Client, cup: bytes, cup_rgba_u8: Pixels) -> None:
    assert (remove(service, cup).rgba_u8 == cup_rgba_u8).all()


@pytest.mark.parametrize("size_px", [(1, 1), (801, 33), (1201, 1603)])
def test_the_answer_has_exactly_the_size_of_the_image(
    service: Client, size_px: tuple[int, int]
) -> None:
    image = encoded(photo(width_px=size_px[0], height_px=size_px[1]), "JPEG")

    assert remove(service, image, "image/jpeg").image("JPEG").size == size_px


def test_the_size_is_that_of_the_upright_image(service: Client) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = QUARTER_TURN

    reply = remove(service, encoded(photo(), "JPEG", exif=exif))

    assert reply.image("PNG").size == (HEIGHT_PX, WIDTH_PX)


def test_a_transparent_image_comes_back_byte_by_byte(service: Client, holed: Image.Image) -> None:
    image = encoded(holed, "PNG")

    reply = remove(service, image, transparency_handling="return_input_if_non_opaque")

    assert (reply.status, reply.body) == (200, image)
    assert reply.headers["x-credits-consumed"] == "0"


@pytest.mark.parametrize(("accept", "name"), [("image/webp", "WEBP"), ("image/jpeg", "JPEG")])
def test_in_another_format_it_comes_back_with_the_same_pixels(
    service: Client, holed: Image.Image, accept: str, name: str
) -> None:
    image = remove(service, encoded(holed, "PNG"), accept).image(name)

    assert image.size == holed.size
    if name == "WEBP":
        assert np.array(image.convert("RGBA"))[0, 0, 3] == 254
    ours, theirs = (np.array(each.convert("RGB")) for each in (image, holed))
    assert differs_on_average_by(ours, theirs) < 3


def test_an_opaque_image_with_alpha_is_cut_out(service: Client, cup_rgba_u8: Pixels) -> None:
    image = encoded(photo().convert("RGBA"), "PNG")

    assert (remove(service, image).rgba_u8 == cup_rgba_u8).all()


def test_discarded_alpha_changes_nothing(service: Client, cup_rgba_u8: Pixels) -> None:
    image = photo().convert("RGBA")
    image.putalpha(0)

    reply = remove(service, encoded(image, "PNG"), transparency_handling="discard_alpha_layer")

    assert (reply.rgba_u8 == cup_rgba_u8).all()


@pytest.mark.parametrize(
    ("size_px", "text"),
    [((5000, 5000), None), ((5000, 5001), "image exceeds 25000000 pixels.")],
    ids=["at the limit", "one row past it"],
)
def test_an_image_has_25_megapixels_at_most(
    service: Client, size_px: tuple[int, int], text: str | None
) -> None:
    reply = remove(service, png_that_claims(*size_px))

    # What is not too large is found to be broken.
    assert reply.status == 400
    assert (reply.content["error"] == text) == (text is not None)


@pytest.mark.parametrize("image", [b"no picture", b"%PDF-1.7\n"])
def test_what_is_no_picture_is_told(service: Client, image: bytes) -> None:
    reply = remove(service, image)

    assert reply.status == 400
    assert set(reply.content) == {"error"}
