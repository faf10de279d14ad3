"""Slazzer's dialect, seen in the pixels of the answers."""

import base64
import io
import zipfile

import numpy as np
import pytest
from PIL import Image

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
)

pytestmark = pytest.mark.e2e

PATH = "/v2.0/remove_image_background"
LARGE_PX = (4200, 2700)
WHITE = (255, 255, 255, 255)


def removed(service: Client, image: bytes, behind: bytes | None = None, **fields: str) -> Reply:
    """Sends a picture as Slazzer's callers do."""
    files = {"source_image_file": ("photo.jpg", image, "image/jpeg")}
    if behind is not None:
        files["bg_image_file"] = ("behind.png", behind, "image/png")
    headers = {"API-KEY": service.key}
    return service.ask("POST", PATH, key=None, headers=headers, files=files, data=fields)


def refusal(reply: Reply) -> str:
    """The text of a bad request."""
    assert reply.status == 400
    assert list(reply.content) == ["error"]
    text: str = reply.content["error"]
    assert text
    return text


def box_of(alpha_u8: Pixels) -> tuple[int, int, int, int]:
    """Left, top, width and height of what is visible."""
    rows, columns = crop_box(alpha_u8)
    return columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start


@pytest.fixture(scope="module")
def halves(host: PictureHost) -> bytes:
    """A wide picture: red on the left, blue on the right, and green ends that no canvas shows."""
    image = Image.new("RGB", (1200, 200), (0, 255, 0))
    image.paste((255, 0, 0), (450, 0, 600, 200))
    image.paste((0, 0, 255), (600, 0, 750, 200))
    host.pages["/halves.png"] = encoded(image)
    return host.pages["/halves.png"]


def test_without_options_it_is_the_native_cut_out(
    service: Client, cup: bytes, cup_rgba_u8: Pixels
) -> None:
    assert (removed(service, cup).rgba_u8 == cup_rgba_u8).all()


def test_a_jpg_lies_on_white(service: Client, cup: bytes, cup_rgba_u8: Pixels) -> None:
    found = np.array(removed(service, cup, format="jpg").image("JPEG"))

    assert differs_on_average_by(found, over(cup_rgba_u8, WHITE)[..., :3]) < 2


def test_a_zip_holds_colours_and_alpha(service: Client, cup: bytes, cup_rgba_u8: Pixels) -> None:
    reply = removed(service, cup, format="zip")

    assert reply.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(reply.body)) as archive:
        assert archive.namelist() == ["color.jpg", "alpha.png"]
        assert opened(archive.read("color.jpg"), "JPEG").size == (WIDTH_PX, HEIGHT_PX)
        alpha_u8 = np.array(opened(archive.read("alpha.png"), "PNG"))
    assert (alpha_u8 == cup_rgba_u8[..., 3]).all()


def test_a_mask_is_exact(service: Client, cup: bytes, cup_rgba_u8: Pixels) -> None:
    assert (removed(service, cup, channel="alpha").mask_u8 == cup_rgba_u8[..., 3]).all()


@pytest.mark.parametrize(
    ("margin", "left", "top", "right", "bottom"),
    [
        ("10px", 10, 10, 10, 10),
        ("10px,20px", 10, 20, 10, 20),
        ("1px,2px,3px,4px", 1, 2, 3, 4),
    ],
)
def test_a_crop_leaves_its_margin_in_slazzers_order(  # noqa: PLR0917  a row of the table
    service: Client,
    cup: bytes,
    cup_rgba_u8: Pixels,
    margin: str,
    left: int,
    top: int,
    right: int,
    bottom: int,
) -> None:
    found = removed(service, cup, crop="1", crop_margin=margin).rgba_u8

    _, _, width, height = box_of(cup_rgba_u8[..., 3])
    assert found.shape[:2] == (height + top + bottom, width + left + right)
    assert box_of(found[..., 3]) == (left, top, width, height)


def test_a_margin_is_half_of_the_subject_at_most(
    service: Client, cup: bytes, cup_rgba_u8: Pixels
) -> None:
    found = removed(service, cup, crop="true", crop_margin="90%").rgba_u8

    _, _, width, height = box_of(cup_rgba_u8[..., 3])
    assert abs(found.shape[1] - 2 * width) <= 1
    assert abs(found.shape[0] - 2 * height) <= 1


@pytest.mark.parametrize(
    ("position", "beside", "above"),
    [("", 0.5, 0.5), ("0%,100%", 0.0, 1.0), ("100%", 1.0, 1.0)],
)
def test_the_subject_is_scaled_and_placed(
    service: Client, cup: bytes, position: str, beside: float, above: float
) -> None:
    alpha_u8 = removed(service, cup, scale="50%", position=position).rgba_u8[..., 3]

    assert alpha_u8.shape == (HEIGHT_PX, WIDTH_PX)
    left, top, width, height = box_of(alpha_u8)
    assert max(width / WIDTH_PX, height / HEIGHT_PX) == pytest.approx(0.5, abs=0.02)
    assert left == pytest.approx(beside * (WIDTH_PX - width), abs=2)
    assert top == pytest.approx(above * (HEIGHT_PX - height), abs=2)


def test_outside_of_the_region_nothing_is_visible(
    service: Client, cup: bytes, cup_rgba_u8: Pixels
) -> None:
    alpha_u8 = removed(service, cup, roi="50%,10px,100%,150").rgba_u8[..., 3]

    inside = np.zeros_like(alpha_u8, dtype=bool)
    inside[10:150, WIDTH_PX // 2 :] = True
    assert cup_rgba_u8[~inside][:, 3].any()
    assert not alpha_u8[~inside].any()


@pytest.mark.parametrize("roi", ["0,0,301,200", "10,10,10,100"])
def test_regions_that_are_none(service: Client, cup: bytes, roi: str) -> None:
    refusal(removed(service, cup, roi=roi))


@pytest.mark.parametrize("source", ["bg_image_file", "bg_image_url", "bg_image_base64"])
def test_a_picture_behind_covers_the_canvas(
    service: Client, host: PictureHost, cup_rgba_u8: Pixels, halves: bytes, source: str
) -> None:
    fields = {
        "bg_image_file": {},
        "bg_image_url": {"bg_image_url": f"{host.url}/halves.png"},
        "bg_image_base64": {"bg_image_base64": base64.b64encode(halves).decode()},
    }
    behind = halves if source == "bg_image_file" else None

    reply = removed(service, encoded(photo()), behind, **fields[source])

    found = np.array(reply.image("PNG").convert("RGB"))
    unseen = cup_rgba_u8[..., 3] == 0
    left, right = np.zeros_like(unseen), np.zeros_like(unseen)
    left[:, : WIDTH_PX // 2 - 4] = True
    right[:, WIDTH_PX // 2 + 4 :] = True
    assert np.abs(found[unseen & left].astype(int) - (255, 0, 0)).max() <= 2
    assert np.abs(found[unseen & right].astype(int) - (0, 0, 255)).max() <= 2


def test_a_colour_behind_the_subject(service: Client, cup: bytes, cup_rgba_u8: Pixels) -> None:
    found = np.array(removed(service, cup, bg_color_code="#1020ff").image("PNG").convert("RGB"))

    assert differs_by(found, over(cup_rgba_u8, (0x10, 0x20, 0xFF, 255))[..., :3]) <= 1.01


def test_cars_cast_no_shadow(service: Client, cup: bytes, cup_rgba_u8: Pixels) -> None:
    assert (removed(service, cup, car_shadow="true").rgba_u8 == cup_rgba_u8).all()


def test_a_preview_has_a_quarter_of_a_megapixel(service: Client) -> None:
    large = encoded(photo("coffee", 1200, 800), "JPEG")

    assert removed(service, large, preview="true").image("PNG").size == (612, 408)
    assert removed(service, large).image("PNG").size == (1200, 800)


@pytest.mark.parametrize(("image_format", "name"), [("png", "PNG"), ("jpg", "JPEG")])
def test_only_pngs_have_at_most_ten_megapixels(
    service: Client, image_format: str, name: str
) -> None:
    large = encoded(photo("coffee", *LARGE_PX), "JPEG")

    image = removed(service, large, format=image_format).image(name)

    if name == "PNG":
        assert 9_900_000 < image.width * image.height <= 10_000_000
    else:
        assert image.size == LARGE_PX


def test_where_nothing_is_found_the_matte_is_empty(service: Client, grey: bytes) -> None:
    reply = removed(service, grey)

    assert reply.headers["X-Foreground-Found"] == "false"
    assert not reply.rgba_u8[..., 3].any()


@pytest.mark.parametrize("path", ["/status/404", "/status/500"])
def test_a_picture_that_cannot_be_fetched(service: Client, host: PictureHost, path: str) -> None:
    fields = {"source_image_url": (None, f"{host.url}{path}")}

    refusal(service.ask("POST", PATH, files=fields))


@pytest.mark.parametrize("image", [b"no picture", b"\x89PNG\r\n\x1a\nbroken"])
def test_what_is_no_picture_is_told(service: Client, image: bytes) -> None:
    refusal(removed(service, image))
