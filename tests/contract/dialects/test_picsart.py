"""Picsart's dialect, seen in the pixels of the results."""

from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.contract.client import Client, Reply
from tests.contract.pictures import (
    HEIGHT_PX,
    WIDTH_PX,
    Pixels,
    crop_box,
    differs_by,
    encoded,
    over,
    plain,
)

pytestmark = pytest.mark.e2e

PATH = "/tools/1.0/removebg"
BLUE = (10, 20, 200)
NEAR = 3
"""How far a scaled subject's edge may be from where it is reckoned, in pixels."""

MOVED = {
    "top": (0, -10),
    "bottom": (0, 10),
    "left": (-10, 0),
    "right": (10, 0),
    "top-left": (-10, -10),
    "top-right": (10, -10),
    "bottom-left": (-10, 10),
    "bottom-right": (10, 10),
}


def result(service: Client, image: bytes, behind: bytes | None = None, **fields: str) -> Reply:
    """Sends a picture as Picsart's callers do, and fetches what the answer names."""
    files = {"image": ("photo.jpg", image, "image/jpeg")}
    if behind is not None:
        files["bg_image"] = ("behind.png", behind, "image/png")
    headers = {"X-Picsart-API-Key": service.key}
    reply = service.ask("POST", PATH, key=None, headers=headers, files=files, data=fields)
    assert reply.status == 200, reply.body
    url = str(reply.content["data"]["url"])
    assert url.startswith(f"{service.url}/results/")
    return service.ask("GET", url.removeprefix(service.url), key=None)


def rgb(reply: Reply) -> Pixels:
    return np.array(reply.image("PNG").convert("RGB"))


def box_of(seen: Pixels) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is visible."""
    rows, columns = crop_box(seen)
    return columns.start, rows.start, columns.stop, rows.stop


def seen_before(found_u8: Pixels, colour: tuple[int, int, int]) -> Pixels:
    """Where something else than a plain background is."""
    seen: Pixels = (np.abs(found_u8.astype(int) - colour).max(axis=2) > 8).astype(np.uint8)
    return seen


@pytest.fixture(scope="module")
def solid_box(cup_rgba_u8: Pixels) -> tuple[int, int, int, int]:
    """Where the cup is clearly to be seen before a plain background."""
    return box_of(seen_before(over(cup_rgba_u8, (*BLUE, 255))[..., :3].astype(np.uint8), BLUE))


def blue(width_px: int, height_px: int) -> bytes:
    return encoded(Image.new("RGB", (width_px, height_px), BLUE))


def test_without_options_it_is_the_native_cut_out(
    service: Client, cup: bytes, cup_rgba_u8: Pixels
) -> None:
    assert (result(service, cup).rgba_u8 == cup_rgba_u8).all()


@pytest.mark.parametrize(
    ("value", "content_type", "name"),
    [
        ("PNG", "image/png", "PNG"),
        ("JPG", "image/jpeg", "JPEG"),
        ("JPEG", "image/jpeg", "JPEG"),
        ("webp", "image/webp", "WEBP"),
    ],
)
def test_the_result_has_the_format_asked_for(
    service: Client, cup: bytes, value: str, content_type: str, name: str
) -> None:
    reply = result(service, cup, format=value)

    assert reply.headers["Content-Type"] == content_type
    assert reply.image(name).size == (WIDTH_PX, HEIGHT_PX)


def test_a_mask_is_exact(service: Client, cup: bytes, cup_rgba_u8: Pixels) -> None:
    assert (result(service, cup, output_type="mask").mask_u8 == cup_rgba_u8[..., 3]).all()


def test_before_a_picture_there_is_no_mask(
    service: Client, cup: bytes, cup_rgba_u8: Pixels
) -> None:
    found = rgb(result(service, cup, blue(WIDTH_PX, HEIGHT_PX), output_type="mask"))

    assert differs_by(found, over(cup_rgba_u8, (*BLUE, 255))[..., :3]) <= 1.01


def test_a_colour_behind_the_subject(service: Client, cup: bytes, cup_rgba_u8: Pixels) -> None:
    found = rgb(result(service, cup, bg_color="#0a14c8"))

    assert differs_by(found, over(cup_rgba_u8, (*BLUE, 255))[..., :3]) <= 1.01


@pytest.mark.parametrize(
    ("fields", "canvas"),
    [
        ({}, (400, 250)),
        ({"bg_width": "320"}, (320, 250)),
        ({"bg_height": "120"}, (400, 120)),
        ({"bg_width": "320", "bg_height": "120"}, (320, 120)),
    ],
    ids=["its own size", "bg_width", "bg_height", "both"],
)
def test_a_picture_behind_makes_the_canvas(
    service: Client, cup: bytes, fields: dict[str, Any], canvas: tuple[int, int]
) -> None:
    reply = result(service, cup, blue(400, 250), **fields)

    assert reply.image("PNG").size == canvas


@pytest.mark.parametrize(
    ("frame", "left_top"),
    [(("fit", 1), (150, 0)), (("fill", 2), (0, -100))],
    ids=["fit", "fill"],
)
def test_the_frame_of_the_image_fits_or_covers_the_canvas(
    service: Client,
    cup: bytes,
    solid_box: tuple[int, int, int, int],
    frame: tuple[str, int],
    left_top: tuple[int, int],
) -> None:
    scale, factor = frame
    found = rgb(result(service, cup, blue(600, 200), scale=scale))

    assert found.shape == (200, 600, 3)
    wanted = np.array(solid_box) * factor + (left_top * 2)
    inside = np.clip(wanted, 0, (600, 200, 600, 200))
    assert np.abs(np.subtract(box_of(seen_before(found, BLUE)), inside)).max() <= NEAR * factor


@pytest.mark.parametrize("canvas", [None, (700, 500)], ids=["the frame", "a canvas"])
def test_the_subject_is_centred(
    service: Client, cup: bytes, canvas: tuple[int, int] | None
) -> None:
    if canvas is None:
        alpha_u8 = result(service, cup, auto_center="true").rgba_u8[..., 3]
        box, (width, height) = box_of(alpha_u8), (WIDTH_PX, HEIGHT_PX)
    else:
        found = rgb(result(service, cup, blue(*canvas), auto_center="true"))
        box, (width, height) = box_of(seen_before(found, BLUE)), canvas

    assert (box[0] + box[2]) / 2 == pytest.approx(width / 2, abs=NEAR)
    assert (box[1] + box[3]) / 2 == pytest.approx(height / 2, abs=NEAR)


def test_the_picture_behind_is_blurred(service: Client, cup: bytes, cup_rgba_u8: Pixels) -> None:
    edges = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), (0, 0, 0))
    edges.paste((255, 255, 255), (0, 0, WIDTH_PX, HEIGHT_PX // 20))
    behind = encoded(edges)

    sharp = rgb(result(service, cup, behind, bg_blur="0"))
    soft = rgb(result(service, cup, behind, bg_blur="100"))

    unseen = (cup_rgba_u8[..., 3] == 0).all(axis=0).nonzero()[0]
    column = int(unseen[0]) if unseen.size else 0
    assert set(np.unique(sharp[: HEIGHT_PX // 10, column])) <= {0, 255}
    between = soft[: HEIGHT_PX // 10, column, 0]
    assert ((between > 20) & (between < 235)).any()


@pytest.mark.parametrize("size_px", [1, 8])
def test_a_stroke_widens_what_is_visible_in_its_colour(
    service: Client, cup: bytes, cup_rgba_u8: Pixels, size_px: int
) -> None:
    found = result(service, cup, stroke_size=str(size_px), stroke_color="00FF00").rgba_u8

    solid, wide = cup_rgba_u8[..., 3] > 128, found[..., 3] > 128
    x0, y0, x1, y1 = box_of(solid.astype(np.uint8))
    grown = np.clip(
        [x0 - size_px, y0 - size_px, x1 + size_px, y1 + size_px],
        0,
        (WIDTH_PX, HEIGHT_PX, WIDTH_PX, HEIGHT_PX),
    )
    assert np.abs(np.subtract(box_of(wide.astype(np.uint8)), grown)).max() <= 1
    outline = wide & (cup_rgba_u8[..., 3] == 0)
    assert np.abs(found[outline][:, :3].astype(int) - (0, 255, 0)).max() <= 1


def test_a_stroke_may_be_seen_through(service: Client, cup: bytes, cup_rgba_u8: Pixels) -> None:
    found = result(service, cup, stroke_size="8", stroke_opacity="50").rgba_u8

    outline = (cup_rgba_u8[..., 3] == 0) & (found[..., 3] > 0)
    assert found[outline][:, 3].max() == pytest.approx(128, abs=1)


@pytest.mark.parametrize("place", MOVED)
def test_a_shadow_is_moved_ten_pixels_in_its_direction(
    service: Client, cup: bytes, cup_rgba_u8: Pixels, place: str
) -> None:
    fields: dict[str, Any] = {"shadow_opacity": "100", "shadow_blur": "0"}

    named = result(service, cup, shadow=place, **fields).rgba_u8
    x_px, y_px = MOVED[place]
    offsets: dict[str, Any] = {"shadow_offset_x": str(x_px), "shadow_offset_y": str(y_px)}
    custom = result(service, cup, shadow="custom", **fields, **offsets).rgba_u8

    assert (named == custom).all()
    cast = np.zeros((HEIGHT_PX, WIDTH_PX))
    rows, columns = np.indices(cast.shape)
    from_rows, from_columns = rows - y_px, columns - x_px
    inside = (from_rows >= 0) & (from_rows < HEIGHT_PX)
    inside &= (from_columns >= 0) & (from_columns < WIDTH_PX)
    cast[inside] = cup_rgba_u8[from_rows[inside], from_columns[inside], 3]
    own = cup_rgba_u8[..., 3].astype(float)
    wanted = own + cast * (1 - own / 255)
    assert differs_by(named[..., 3], wanted) <= 2
    alone = (own == 0) & (cast == 255)
    assert not named[alone][:, :3].any()


def test_a_shadow_is_as_dark_and_as_soft_as_asked(
    service: Client, cup: bytes, cup_rgba_u8: Pixels
) -> None:
    asked: dict[str, Any] = {"shadow": "bottom", "shadow_opacity": "50"}

    hard = result(service, cup, **asked, shadow_blur="0").rgba_u8[..., 3]
    soft = result(service, cup, **asked, shadow_blur="20").rgba_u8[..., 3]

    unseen = cup_rgba_u8[..., 3] == 0
    assert hard[unseen].max() == pytest.approx(128, abs=1)
    assert ((soft > 0) & unseen).sum() > ((hard > 0) & unseen).sum()


def test_before_a_picture_the_subject_keeps_its_shadow(
    service: Client, cup: bytes, cup_rgba_u8: Pixels
) -> None:
    fields: dict[str, Any] = {"shadow": "bottom-right", "shadow_opacity": "100", "shadow_blur": "0"}

    found = rgb(result(service, cup, blue(WIDTH_PX, HEIGHT_PX), **fields))

    unseen = cup_rgba_u8[..., 3] == 0
    assert (found[unseen].max(axis=1) == 0).any()


def test_where_nothing_is_found_the_matte_is_empty(service: Client) -> None:
    assert not result(service, encoded(plain())).rgba_u8[..., 3].any()


@pytest.mark.parametrize("image", [b"no picture", b"\x89PNG\r\n\x1a\nbroken"])
def test_what_is_no_picture_is_told(service: Client, image: bytes) -> None:
    reply = service.ask("POST", PATH, files={"image": ("photo.jpg", image)})

    assert reply.status == 422
    assert set(reply.content) == {"code", "message", "detail"}
