"""The colour behind the subject, in every notation."""

import numpy as np
import pytest

from tests.contract.client import Client, base64_of
from tests.contract.pictures import (
    HEIGHT_PX,
    WIDTH_PX,
    Pixels,
    differs_by,
    differs_on_average_by,
    over,
)

pytestmark = pytest.mark.e2e

Colour = tuple[int, int, int, int]

TEAL: Colour = (0, 128, 128, 255)
HALF_TEAL: Colour = (0, 128, 128, 128)

NOTATIONS: dict[str, Colour] = {
    "#008080": TEAL,
    "008080": TEAL,
    "#0aF": (0, 170, 255, 255),
    "0Af": (0, 170, 255, 255),
    "#00808080": HALF_TEAL,
    "00808080": HALF_TEAL,
    "#0af8": (0, 170, 255, 136),
    "0af8": (0, 170, 255, 136),
    "teal": TEAL,
    "Teal": TEAL,
    "REBECCAPURPLE": (102, 51, 153, 255),
    "lightgoldenrodyellow": (250, 250, 210, 255),
    "grey": (128, 128, 128, 255),
    "rgb(0, 128, 128)": TEAL,
    "rgb(0,128,128)": TEAL,
    "RGB(0%, 100%, 20%)": (0, 255, 51, 255),
    "rgba(0, 128, 128, 1)": TEAL,
    "rgba(0, 128, 128, 0.2)": (0, 128, 128, 51),
    "hsl(180, 100%, 25%)": TEAL,
    "hsl(0, 100%, 50%)": (255, 0, 0, 255),
}
TRANSPARENT = ["#00808000", "00808000", "#0080", "0080", "transparent", "rgba(1, 2, 3, 0)"]
# Pillow's name of the format, and how much the pixels may differ on average.
SHOWING = {"jpg": ("JPEG", 3.0), "bmp": ("BMP", 0.6), "gif": ("GIF", 6.0), "webp": ("WEBP", 3.0)}
NO_COLOURS = ["no-such-colour", "#12", "#12345", "#1234567", "#gggggg", "rgb(1, 2)", "12", "url(x)"]


@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_colour_is_what_the_cut_out_is_composited_over(
    service: Client, cup: bytes, cup_rgba_u8: Pixels, notation: str
) -> None:
    image = service.post_file(cup, {"bg_color": notation}).image("PNG")
    rgba_u8 = np.array(image.convert("RGBA"))
    assert image.size == (WIDTH_PX, HEIGHT_PX)
    assert differs_by(rgba_u8, over(cup_rgba_u8, NOTATIONS[notation])) <= 1


@pytest.mark.parametrize("image_format", SHOWING)
def test_every_format_shows_the_colour(
    service: Client, cup: bytes, cup_rgba_u8: Pixels, image_format: str
) -> None:
    name, tolerance = SHOWING[image_format]
    reply = service.post_file(cup, {"bg_color": "teal", "format": image_format})
    rgb_u8 = np.array(reply.image(name).convert("RGB"))
    assert differs_on_average_by(rgb_u8, over(cup_rgba_u8, TEAL)[..., :3]) < tolerance
    assert differs_by(rgb_u8[:8, :8], np.full((8, 8, 3), TEAL[:3])) <= 8


@pytest.mark.parametrize(("image_format", "name"), [("png", "PNG"), ("tiff", "TIFF")])
def test_a_colour_that_can_be_seen_through_stays_so(
    service: Client, cup: bytes, cup_rgba_u8: Pixels, image_format: str, name: str
) -> None:
    fields = {"bg_color": "#00808080", "format": image_format}
    image = service.post_file(cup, fields).image(name)
    assert image.mode == "RGBA"
    assert differs_by(np.array(image), over(cup_rgba_u8, HALF_TEAL)) <= 1


def test_without_alpha_it_is_seen_through_to_white(
    service: Client, cup: bytes, cup_rgba_u8: Pixels
) -> None:
    fields = {"bg_color": "#00808080", "format": "bmp"}
    rgb_u8 = np.array(service.post_file(cup, fields).image("BMP"))
    over_teal = np.rint(over(cup_rgba_u8, HALF_TEAL)).astype(np.uint8)
    assert differs_by(rgb_u8, over(over_teal, (255, 255, 255, 255))[..., :3]) <= 2


@pytest.mark.parametrize("notation", TRANSPARENT)
def test_a_colour_without_alpha_is_none(
    service: Client, cup: bytes, cup_rgba_u8: Pixels, notation: str
) -> None:
    assert (service.post_file(cup, {"bg_color": notation}).rgba_u8 == cup_rgba_u8).all()


def test_flattened_on_a_colour_without_alpha_is_flattened_on_white(
    service: Client, cup: bytes
) -> None:
    fields = {"format": "bmp"}
    clear = service.post_file(cup, fields | {"bg_color": "#00000000"})
    assert clear.status == 200
    assert clear.body == service.post_file(cup, fields).body


def test_a_mask_has_no_background(service: Client, cup: bytes, cup_rgba_u8: Pixels) -> None:
    reply = service.post_file(cup, {"bg_color": "teal", "channels": "alpha"})
    assert (reply.mask_u8 == cup_rgba_u8[..., 3]).all()


def test_a_picture_of_nothing_is_the_colour_alone(service: Client, grey: bytes) -> None:
    reply = service.post_file(grey, {"bg_color": "teal", "format": "bmp"})
    rgb_u8 = np.array(reply.image("BMP"))
    assert (rgb_u8 == np.array(TEAL[:3])).all()


@pytest.mark.parametrize("value", NO_COLOURS)
def test_what_is_no_colour_is_400_invalid_bg_color(service: Client, cup: bytes, value: str) -> None:
    replies = [
        service.post_file(cup, {"bg_color": value}),
        service.post_json({"image_base64": base64_of(cup), "bg_color": value}),
    ]
    for reply in replies:
        message = "bg_color must be a valid hex or named color."
        assert reply.refusal == (400, "invalid_bg_color")
        assert reply.error["message"] == message
        assert reply.error["details"] == {"fields": {"bg_color": message}}
