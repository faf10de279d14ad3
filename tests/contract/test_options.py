"""What each option does, seen in the pixels of the answers."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.contract.client import Client, Reply, base64_of
from tests.contract.pictures import (
    HEIGHT_PX,
    WIDTH_PX,
    Pixels,
    crop_box,
    differs_by,
    differs_on_average_by,
    encoded,
    over,
    photo,
)

pytestmark = pytest.mark.e2e

WHITE = (255, 255, 255, 255)

# Value of the option, type of the answer, Pillow's name of the format.
ALIASES = [
    ("png", "image/png", "PNG"),
    ("jpg", "image/jpeg", "JPEG"),
    ("jpeg", "image/jpeg", "JPEG"),
    ("jpe", "image/jpeg", "JPEG"),
    ("jfif", "image/jpeg", "JPEG"),
    ("webp", "image/webp", "WEBP"),
    ("bmp", "image/bmp", "BMP"),
    ("tiff", "image/tiff", "TIFF"),
    ("tif", "image/tiff", "TIFF"),
    ("gif", "image/gif", "GIF"),
]
# Pillow's name of a format without alpha, and how much its pixels may differ on average.
FLAT = {"bmp": ("BMP", 0.6), "jpg": ("JPEG", 3.0), "gif": ("GIF", 6.0)}

TRUE = ["true", "1", "yes", "on", "TRUE", "Yes", "oN"]
FALSE = ["false", "0", "no", "off", "FALSE", "No", "oFF"]


def rgb_of(reply: Reply, image_format: str) -> NDArray[np.uint8]:
    """The pixels of an answer that must have no alpha."""
    image = reply.image(image_format)
    assert image.mode in {"RGB", "P"}
    assert "transparency" not in image.info
    return np.array(image.convert("RGB"))


# format


@pytest.mark.parametrize(("value", "content_type", "name"), ALIASES)
def test_the_answer_has_the_format_asked_for(
    service: Client, cup: bytes, value: str, content_type: str, name: str
) -> None:
    # Each second alias is written in capitals.
    spelling = value if len(value) % 2 else value.upper()
    reply = service.post_file(cup, {"format": spelling})
    assert reply.headers["Content-Type"] == content_type
    assert reply.image(name).size == (WIDTH_PX, HEIGHT_PX)


def test_the_format_is_png_by_default(cup_reply: Reply) -> None:
    assert cup_reply.headers["Content-Type"] == "image/png"
    assert cup_reply.image().format == "PNG"


@pytest.mark.parametrize(("value", "name"), [("png", "PNG"), ("tiff", "TIFF")])
def test_png_and_tiff_keep_every_pixel(
    service: Client, cup: bytes, cup_rgba_u8: Pixels, value: str, name: str
) -> None:
    image = service.post_file(cup, {"format": value}).image(name)
    assert image.mode == "RGBA"
    assert (np.array(image) == cup_rgba_u8).all()


def test_webp_keeps_alpha(service: Client, cup: bytes, cup_rgba_u8: Pixels) -> None:
    image = service.post_file(cup, {"format": "webp"}).image("WEBP")
    assert image.mode == "RGBA"
    rgba_u8 = np.array(image)
    assert differs_on_average_by(rgba_u8[..., 3], cup_rgba_u8[..., 3]) < 1
    assert differs_on_average_by(over(rgba_u8, WHITE), over(cup_rgba_u8, WHITE)) < 3


@pytest.mark.parametrize("value", FLAT)
def test_jpg_bmp_and_gif_are_flattened_on_white(
    service: Client, cup: bytes, cup_rgba_u8: Pixels, value: str
) -> None:
    name, tolerance = FLAT[value]
    rgb_u8 = rgb_of(service.post_file(cup, {"format": value}), name)
    wanted = over(cup_rgba_u8, WHITE)[..., :3]
    assert differs_on_average_by(rgb_u8, wanted) < tolerance
    assert value != "bmp" or differs_by(rgb_u8, wanted) <= 1


@pytest.mark.parametrize("value", ["png", "tiff"])
def test_hidden_pixels_hold_nothing(service: Client, cup: bytes, value: str) -> None:
    rgba_u8 = np.array(service.post_file(cup, {"format": value}).image())
    hidden = rgba_u8[..., 3] == 0
    assert hidden.mean() > 0.1
    assert not rgba_u8[hidden].any()


def test_webp_reaches_16383_pixels_a_side(service: Client) -> None:
    fields = {"format": "webp"}
    widest = service.post_file(encoded(photo("coffee", 16_383, 16)), fields)
    assert widest.image("WEBP").size == (16_383, 16)
    for width_px, height_px in [(16_384, 16), (16, 16_384)]:
        reply = service.post_file(encoded(photo("coffee", width_px, height_px)), fields)
        assert reply.refusal == (400, "bad_request")
        assert "format" in reply.error["details"]["fields"]


def test_a_picture_too_wide_for_webp_is_refused_before_any_inference(
    service: Client, facts: dict[str, Any]
) -> None:
    def inferences() -> float:
        page = Client(facts["segmenter_metrics"], "").get("", key=None).body.decode()
        lines = [line for line in page.splitlines() if "_batch_size_sum" in line]
        return sum(float(line.rpartition(" ")[2]) for line in lines)

    before = inferences()
    wide = encoded(photo("coffee", 16_384, 16))
    assert service.post_file(wide, {"format": "webp"}).status == 400
    assert inferences() == before
    assert service.post_file(wide, {"format": "webp", "size": "preview"}).status == 200
    assert inferences() > before


def test_a_mask_is_no_webp_and_may_be_wider(service: Client) -> None:
    wide = encoded(photo("coffee", 16_384, 16))
    reply = service.post_file(wide, {"format": "webp", "channels": "alpha"})
    assert reply.mask_u8.shape == (16, 16_384)


# channels


@pytest.mark.parametrize("value", ["rgba", "RGBA"])
def test_rgba_is_the_cut_out(service: Client, cup: bytes, cup_rgba_u8: Pixels, value: str) -> None:
    assert (service.post_file(cup, {"channels": value}).rgba_u8 == cup_rgba_u8).all()


@pytest.mark.parametrize("value", ["alpha", "Alpha"])
def test_alpha_is_the_mask_alone(
    service: Client, cup: bytes, cup_rgba_u8: Pixels, value: str
) -> None:
    reply = service.post_file(cup, {"channels": value})
    assert (reply.mask_u8 == cup_rgba_u8[..., 3]).all()


@pytest.mark.parametrize("image_format", ["jpg", "webp", "bmp", "tiff", "gif"])
def test_a_mask_is_a_png_of_one_channel_whatever_the_format(
    service: Client, cup: bytes, cup_rgba_u8: Pixels, image_format: str
) -> None:
    reply = service.post_file(cup, {"channels": "alpha", "format": image_format})
    assert reply.headers["Content-Type"] == "image/png"
    assert (reply.mask_u8 == cup_rgba_u8[..., 3]).all()


# crop


def test_crop_is_the_tight_box_around_what_can_be_seen(
    service: Client, cup: bytes, cup_rgba_u8: Pixels
) -> None:
    box = crop_box(cup_rgba_u8[..., 3])
    wanted = cup_rgba_u8[box]
    assert wanted.size < cup_rgba_u8.size
    reply = service.post_file(cup, {"crop": "true"})
    assert (reply.rgba_u8 == wanted).all()
    assert (int(reply.headers["X-Height"]), int(reply.headers["X-Width"])) == wanted.shape[:2]


def test_a_mask_is_cropped_to_the_same_box(
    service: Client, cup: bytes, cup_rgba_u8: Pixels
) -> None:
    wanted = cup_rgba_u8[crop_box(cup_rgba_u8[..., 3])][..., 3]
    reply = service.post_file(cup, {"crop": "true", "channels": "alpha"})
    assert (reply.mask_u8 == wanted).all()


def test_where_nothing_is_left_nothing_is_cropped(service: Client, grey: bytes) -> None:
    whole = service.post_file(grey).rgba_u8
    assert not whole[..., 3].any()
    assert (service.post_file(grey, {"crop": "true"}).rgba_u8 == whole).all()


# Booleans, in all their spellings, and where options come from.


@pytest.mark.parametrize("value", TRUE)
def test_yes_is_spelt_in_many_ways(
    service: Client, cup: bytes, cup_rgba_u8: Pixels, value: str
) -> None:
    cropped = cup_rgba_u8[crop_box(cup_rgba_u8[..., 3])]
    assert (service.post_file(cup, {"crop": value}).rgba_u8 == cropped).all()


@pytest.mark.parametrize("value", FALSE)
def test_no_is_spelt_in_many_ways(
    service: Client, cup: bytes, cup_rgba_u8: Pixels, value: str
) -> None:
    fields = {"crop": value, "despill": value}
    assert (service.post_file(cup, fields).rgba_u8 == cup_rgba_u8).all()


@pytest.mark.parametrize("value", [True, False, 1, 0, "true", "OFF"])
def test_json_has_booleans_of_its_own(
    service: Client, cup: bytes, cup_rgba_u8: Pixels, value: object
) -> None:
    members = {"image_base64": base64_of(cup), "crop": value}
    reply = service.post_json(members, headers={"Accept": "image/png"})
    cropped = cup_rgba_u8[crop_box(cup_rgba_u8[..., 3])]
    wanted = cropped if value in (True, 1, "true") else cup_rgba_u8
    assert (reply.rgba_u8 == wanted).all()


OPTIONS = {"format": "bmp", "size": "preview", "crop": "yes", "bg_color": "navy", "despill": "no"}


def test_options_are_the_same_in_every_kind_of_body(service: Client, cup: bytes) -> None:
    text, accept = base64_of(cup), {"Accept": "image/*"}
    replies = [
        service.post_file(cup, OPTIONS),
        service.post_form({**OPTIONS, "image_base64": text}),
        service.post_urlencoded({**OPTIONS, "image_base64": text}),
        service.post_json({**OPTIONS, "image_base64": text}, headers=accept),
        service.post_raw(cup, "image/png", OPTIONS),
    ]
    assert {reply.status for reply in replies} == {200}
    assert {reply.body for reply in replies} == {replies[0].body}


# Bad values, and fields that are no options.


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("format", "bitmap", "format must be one of ['bmp', 'gif', 'jpg', 'png', 'tiff', 'webp']"),
        ("format", "heic", "format must be one of ['bmp', 'gif', 'jpg', 'png', 'tiff', 'webp']"),
        ("channels", "cmyk", None),
        ("size", "huge", None),
        ("size", "4096", None),
        ("crop", "maybe", None),
        ("crop", "2", None),
        ("despill", "ja", None),
    ],
)
def test_a_bad_value_is_400_with_the_fields_own_message(
    service: Client, cup: bytes, field: str, value: str, message: str | None
) -> None:
    reply = service.post_file(cup, {field: value})
    assert reply.refusal == (400, "bad_request")
    error = reply.error
    assert set(error["details"]["fields"]) == {field}
    assert error["details"]["fields"][field] == error["message"]
    assert error["message"].startswith(f"{field} must be ")
    assert message is None or error["message"] == message


@pytest.mark.parametrize("value", [["png"], {"a": 1}, 5, True])
def test_a_json_value_of_the_wrong_kind_is_a_bad_value(
    service: Client, cup: bytes, value: object
) -> None:
    reply = service.post_json({"image_base64": base64_of(cup), "format": value})
    assert reply.refusal == (400, "bad_request")
    assert set(reply.error["details"]["fields"]) == {"format"}


@pytest.mark.parametrize("way", ["file", "urlencoded", "JSON", "raw"])
def test_all_bad_fields_are_listed(service: Client, cup: bytes, way: str) -> None:
    bad = {"format": "no", "channels": "no", "size": "no", "crop": "no!", "despill": "no!"}
    bad["bg_color"] = "no!"
    text = {"image_base64": base64_of(cup)}
    match way:
        case "file":
            reply = service.post_file(cup, bad)
        case "urlencoded":
            reply = service.post_urlencoded(bad | text)
        case "JSON":
            reply = service.post_json(bad | text)
        case _:
            reply = service.post_raw(cup, "image/png", bad)
    assert reply.status == 400
    assert set(reply.error["details"]["fields"]) == set(bad)
    assert reply.error["message"] in reply.error["details"]["fields"].values()


def test_unknown_fields_are_ignored_and_named(
    service: Client, cup: bytes, cup_rgba_u8: Pixels
) -> None:
    fields = {"quality": "80", "type": "person", "size": "auto"}
    reply = service.post_file(cup, fields)
    named = {name.strip() for name in reply.headers["X-Ignored-Fields"].split(",")}
    assert named == {"quality", "type"}
    assert (reply.rgba_u8 == cup_rgba_u8).all()


def test_unknown_members_of_json_are_named_whatever_they_hold(service: Client, cup: bytes) -> None:
    members = {"image_base64": base64_of(cup), "roi": [1, 2], "deep": {"a": {}}}
    reply = service.post_json(members)
    named = {name.strip() for name in reply.headers["X-Ignored-Fields"].split(",")}
    assert (reply.status, named) == (200, {"roi", "deep"})


def test_where_nothing_is_ignored_nothing_is_named(cup_reply: Reply) -> None:
    assert "X-Ignored-Fields" not in cup_reply.headers
