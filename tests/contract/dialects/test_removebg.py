"""remove.bg's dialect, seen in the pixels of the answers."""

import base64
import io
import zipfile
from typing import Any

import numpy as np
import pytest

from tests.contract.client import Client, Reply, opened
from tests.contract.picture_host import PictureHost
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
    plain,
    png_that_claims,
)

pytestmark = pytest.mark.e2e

WHITE = (255, 255, 255, 255)
LARGE_PX = (4200, 2700)


def removed(
    service: Client,
    image: bytes,
    *,
    behind: bytes | None = None,
    headers: Any = None,
    **fields: str,
) -> Reply:
    """Sends a picture as remove.bg's callers do."""
    files = {"image_file": ("photo.jpg", image, "image/jpeg")}
    if behind is not None:
        files["bg_image_file"] = ("behind.jpg", behind, "image/jpeg")
    return service.ask("POST", "/v1.0/removebg", headers=headers, files=files, data=fields)


def code(reply: Reply) -> str:
    """The code of a bad request."""
    assert reply.status == 400
    told: str = reply.content["errors"][0]["code"]
    return told


def box_of(alpha_u8: Pixels) -> tuple[int, int, int, int]:
    """Left, top, width and height of what is visible."""
    rows, columns = crop_box(alpha_u8)
    return columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start


def in_archive(reply: Reply) -> dict[str, Pixels]:
    """The pictures of a ZIP by name."""
    with zipfile.ZipFile(io.BytesIO(reply.body)) as archive:
        assert archive.testzip() is None
        return {name: np.array(opened(archive.read(name))) for name in archive.namelist()}


def test_without_options_it_is_the_native_cut_out(
    service: Client, cup: bytes, cup_rgba_u8: Pixels
) -> None:
    assert (removed(service, cup).rgba_u8 == cup_rgba_u8).all()


@pytest.mark.parametrize(
    ("value", "content_type", "name"),
    [
        ("auto", "image/png", "PNG"),
        ("png", "image/png", "PNG"),
        ("jpg", "image/jpeg", "JPEG"),
        ("jpeg", "image/jpeg", "JPEG"),
        ("webp", "image/webp", "WEBP"),
    ],
)
def test_the_answer_has_the_format_asked_for(
    service: Client, cup: bytes, value: str, content_type: str, name: str
) -> None:
    reply = removed(service, cup, format=value)

    assert reply.headers["Content-Type"] == content_type
    assert reply.image(name).size == (WIDTH_PX, HEIGHT_PX)


def test_what_is_opaque_becomes_a_jpeg_by_itself(service: Client, cup: bytes) -> None:
    opaque = removed(service, cup, bg_color="81d4fa")
    see_through = removed(service, cup, bg_color="81d4fa80")

    assert opaque.image("JPEG").mode == "RGB"
    assert see_through.image("PNG").mode == "RGBA"


def test_a_jpeg_lies_on_white(service: Client, cup: bytes, cup_rgba_u8: Pixels) -> None:
    found = np.array(removed(service, cup, format="jpg").image("JPEG"))

    assert differs_on_average_by(found, over(cup_rgba_u8, WHITE)[..., :3]) < 2


def test_an_archive_holds_colours_and_alpha(
    service: Client, cup: bytes, cup_rgba_u8: Pixels
) -> None:
    reply = removed(service, cup, format="zip", channels="alpha")
    pictures = in_archive(reply)

    assert reply.headers["Content-Type"] == "application/zip"
    assert list(pictures) == ["color.jpg", "alpha.png"]
    assert pictures["color.jpg"].shape == (HEIGHT_PX, WIDTH_PX, 3)
    assert (pictures["alpha.png"] == cup_rgba_u8[..., 3]).all()


def test_an_archive_describes_the_final_picture(service: Client, cup: bytes) -> None:
    pictures = in_archive(removed(service, cup, format="zip", bg_color="red"))

    assert (pictures["alpha.png"] == 255).all()
    assert differs_by(pictures["color.jpg"][0, 0], np.array([254, 0, 0])) < 8


@pytest.mark.parametrize(("value", "name"), [("auto", "PNG"), ("png", "PNG"), ("webp", "WEBP")])
def test_a_mask_is_exact_in_formats_that_can_be(
    service: Client, cup: bytes, cup_rgba_u8: Pixels, value: str, name: str
) -> None:
    reply = removed(
        service, cup, channels="alpha", format=value, bg_color="red", shadow_type="drop"
    )

    assert (np.array(reply.image(name).convert("L")) == cup_rgba_u8[..., 3]).all()


def test_a_mask_can_be_a_jpeg(service: Client, cup: bytes, cup_rgba_u8: Pixels) -> None:
    image = removed(service, cup, channels="alpha", format="jpg").image("JPEG")

    assert image.mode == "L"
    assert differs_on_average_by(np.array(image), cup_rgba_u8[..., 3]) < 3


def test_outside_of_the_region_nothing_is_visible(service: Client, cup: bytes) -> None:
    whole = removed(service, cup, roi="0 0 100% 100%").rgba_u8[..., 3]
    alpha = removed(service, cup, roi="50% 10px 100% 150").rgba_u8[..., 3]

    assert alpha.shape == (HEIGHT_PX, WIDTH_PX)
    inside = np.zeros_like(alpha, dtype=bool)
    inside[10:150, WIDTH_PX // 2 :] = True
    assert whole[~inside].any()
    assert not alpha[~inside].any()
    assert (alpha[inside] == whole[inside]).all()


@pytest.mark.parametrize(
    ("roi", "told"),
    [
        ("0 0 301 200", "roi_exceeds_bounds"),
        ("0 0 300 201px", "roi_exceeds_bounds"),
        ("-1 0 300 200", "roi_exceeds_bounds"),
        ("0% 0% 101% 100%", "roi_exceeds_bounds"),
        ("10 10 10 100", "roi_region_empty"),
        ("50% 0% 40% 100%", "roi_region_empty"),
        ("0 0 300", "invalid_roi"),
    ],
)
def test_regions_that_are_none(service: Client, cup: bytes, roi: str, told: str) -> None:
    assert code(removed(service, cup, roi=roi)) == told


def test_a_crop_ends_where_the_subject_ends(
    service: Client, cup: bytes, cup_rgba_u8: Pixels
) -> None:
    found = removed(service, cup, crop="true", scale="50%", position="0%").rgba_u8

    assert (found == cup_rgba_u8[crop_box(cup_rgba_u8[..., 3])]).all()


@pytest.mark.parametrize(
    ("margin", "top", "right", "bottom", "left"),
    [
        ("10px", 10, 10, 10, 10),
        ("10 20", 10, 20, 10, 20),
        ("1 2px 3 4", 1, 2, 3, 4),
        ("1000px", None, None, None, None),
        ("90%", None, None, None, None),
    ],
)
def test_a_crop_leaves_a_margin(  # noqa: PLR0917  a row of the table
    service: Client,
    cup: bytes,
    cup_rgba_u8: Pixels,
    margin: str,
    top: int | None,
    right: int | None,
    bottom: int | None,
    left: int | None,
) -> None:
    _, _, width, height = box_of(cup_rgba_u8[..., 3])
    found = removed(service, cup, crop="true", crop_margin=margin).rgba_u8

    # Wide ones are half of the subject.
    beside = width // 2 * 2 if left is None or right is None else left + right
    above = height // 2 * 2 if top is None or bottom is None else top + bottom
    assert abs(found.shape[1] - width - beside) <= 1
    assert abs(found.shape[0] - height - above) <= 1
    if left is not None:
        assert box_of(found[..., 3]) == (left, top, width, height)


@pytest.mark.parametrize(
    ("fields", "beside"),
    [
        ({"scale": "50%"}, 0.5),
        ({"scale": "50%", "position": "0% 100%"}, 0.0),
        ({"scale": "50%", "position": "100% 0%"}, 1.0),
    ],
    ids=str,
)
def test_the_subject_is_scaled_and_placed(
    service: Client, cup: bytes, fields: dict[str, Any], beside: float
) -> None:
    alpha = removed(service, cup, **fields).rgba_u8[..., 3]

    assert alpha.shape == (HEIGHT_PX, WIDTH_PX)
    left, _, width, height = box_of(alpha)
    assert max(width / WIDTH_PX, height / HEIGHT_PX) == pytest.approx(0.5, abs=0.02)
    assert left == pytest.approx(beside * (WIDTH_PX - width), abs=2)


def test_a_colour_behind_the_subject(service: Client, cup: bytes, cup_rgba_u8: Pixels) -> None:
    found = removed(service, cup, format="png", bg_color="1020ff80").rgba_u8

    assert differs_by(found, over(cup_rgba_u8, (0x10, 0x20, 0xFF, 0x80))) <= 1.01


@pytest.mark.parametrize("source", ["file", "url"])
def test_a_picture_behind_the_subject(
    service: Client, host: PictureHost, cup: bytes, cup_rgba_u8: Pixels, source: str
) -> None:
    blue = encoded(plain((10, 20, 200)))
    host.pages["/behind.png"] = blue
    if source == "file":
        reply = removed(service, cup, behind=blue, format="png")
    else:
        reply = removed(service, cup, bg_image_url=f"{host.url}/behind.png", format="png")

    found = np.array(reply.image("PNG").convert("RGB"))
    assert differs_by(found, over(cup_rgba_u8, (10, 20, 200, 255))[..., :3]) <= 1.01


def test_what_lies_behind_must_be_a_picture(service: Client, cup: bytes) -> None:
    assert code(removed(service, cup, behind=b"no picture")) == "invalid_file_type"
    assert code(removed(service, cup, behind=encoded(photo())[:200])) == "invalid_file_type"


def test_a_shadow_is_black_and_below(service: Client, cup: bytes, cup_rgba_u8: Pixels) -> None:
    found = removed(service, cup, shadow_type="drop", shadow_opacity="100").rgba_u8
    half = removed(service, cup, shadow_type="drop").rgba_u8

    cast = (cup_rgba_u8[..., 3] == 0) & (found[..., 3] > 0)
    assert cast.any()
    assert not found[cast][:, :3].any()
    assert (found[..., 3] >= cup_rgba_u8[..., 3]).all()
    assert int(half[cast][:, 3].sum()) == pytest.approx(int(found[cast][:, 3].sum()) / 2, rel=0.1)


def test_a_preview_is_small_and_tells_the_full_size(service: Client) -> None:
    reply = removed(service, encoded(photo("coffee", 1201, 701), "JPEG"))

    image = reply.image("PNG")
    assert image.width * image.height <= 250_000
    assert (reply.headers["X-Max-Width"], reply.headers["X-Max-Height"]) == ("1201", "701")


@pytest.mark.parametrize("value", ["png", "auto"])
def test_a_png_never_exceeds_ten_megapixels(service: Client, value: str) -> None:
    large = encoded(photo("coffee", *LARGE_PX), "JPEG")

    reply = removed(service, large, size="50MP", format=value)

    image = reply.image("PNG")
    assert 9_900_000 < image.width * image.height <= 10_000_000
    assert reply.headers["X-Max-Width"] == reply.headers["X-Width"] == str(image.width)
    assert reply.headers["X-Max-Height"] == reply.headers["X-Height"] == str(image.height)


def test_other_formats_may(service: Client) -> None:
    reply = removed(service, encoded(photo("coffee", *LARGE_PX), "JPEG"), size="full", format="jpg")

    assert reply.image("JPEG").size == LARGE_PX


def test_the_box_of_the_subject_is_told(service: Client, cup: bytes, cup_rgba_u8: Pixels) -> None:
    left, top, width, height = box_of(cup_rgba_u8[..., 3])
    headers = removed(service, cup, crop="true").headers

    assert headers["X-Foreground-Left"] == str(left)
    assert headers["X-Foreground-Top"] == str(top)
    assert headers["X-Foreground-Width"] == str(width)
    assert headers["X-Foreground-Height"] == str(height)


def test_json_holds_the_same_picture(service: Client, cup: bytes, cup_rgba_u8: Pixels) -> None:
    reply = removed(service, cup, headers={"Accept": "application/json"})

    data = reply.content["data"]
    assert set(data) == {
        "result_b64",
        "foreground_top",
        "foreground_left",
        "foreground_width",
        "foreground_height",
    }
    assert (np.array(opened(base64.b64decode(data["result_b64"]))) == cup_rgba_u8).all()


@pytest.mark.parametrize("crop", ["true", "false"])
def test_nothing_is_an_unknown_foreground(service: Client, grey: bytes, crop: str) -> None:
    assert code(removed(service, grey, crop=crop)) == "unknown_foreground"


@pytest.mark.parametrize(
    ("image", "told"),
    [
        (b"no picture", "invalid_file_type"),
        (b"\x89PNG\r\n\x1a\nbroken", "failed_to_read_image"),
        (png_that_claims(0, 5), "invalid_dimensions"),
        (png_that_claims(10_000, 5000), "failed_to_read_image"),
        (png_that_claims(10_000, 5001), "resolution_too_high"),
    ],
    ids=["no picture", "broken", "empty", "50 MP of which most is missing", "more than 50 MP"],
)
def test_pictures_that_cannot_be_used(service: Client, image: bytes, told: str) -> None:
    assert code(removed(service, image)) == told
