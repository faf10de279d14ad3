"""The caps on how many pixels an answer has."""

import math

import pytest

from tests.contract.client import Client
from tests.contract.pictures import Pixels, encoded, photo

pytestmark = pytest.mark.e2e

CAPS_PX = {"preview": 250_000, "medium": 1_500_000, "hd": 4_000_000, "full": 50_000_000}


def capped(size: str, width_px: int, height_px: int) -> tuple[int, int]:
    """The largest size within a cap, sides rounded down, and what is no larger as it is."""
    cap_px = CAPS_PX[size]
    if width_px * height_px <= cap_px:
        return width_px, height_px
    scale = math.sqrt(cap_px / (width_px * height_px))
    return math.floor(width_px * scale), math.floor(height_px * scale)


@pytest.mark.parametrize(
    ("size", "width_px", "height_px"),
    [("preview", 1201, 701), ("preview", 333, 999), ("medium", 1701, 1111), ("hd", 1600, 2701)],
)
def test_a_size_is_a_cap_that_keeps_the_aspect(
    service: Client, size: str, width_px: int, height_px: int
) -> None:
    image = encoded(photo("coffee", width_px, height_px), "JPEG")
    reply = service.post_file(image, {"size": size, "channels": "alpha"})
    found_height_px, found_width_px = reply.mask_u8.shape
    wanted_width_px, wanted_height_px = capped(size, width_px, height_px)
    assert found_width_px * found_height_px <= CAPS_PX[size]
    assert abs(found_width_px - wanted_width_px) <= 1
    assert abs(found_height_px - wanted_height_px) <= 1


@pytest.mark.parametrize(
    ("size", "width_px", "height_px"),
    [("preview", 500, 500), ("medium", 1500, 1000), ("hd", 2000, 2000)],
)
def test_a_picture_of_just_a_size_stays_and_one_row_more_does_not(
    service: Client, size: str, width_px: int, height_px: int
) -> None:
    fields = {"size": size, "channels": "alpha"}
    just = service.post_file(encoded(photo("coffee", width_px, height_px), "JPEG"), fields)
    more = service.post_file(encoded(photo("coffee", width_px, height_px + 1), "JPEG"), fields)
    assert just.mask_u8.shape == (height_px, width_px)
    assert more.mask_u8.size <= CAPS_PX[size]
    assert more.mask_u8.shape[1] < width_px


@pytest.mark.parametrize("size", ["preview", "HD", "full", "Auto"])
def test_a_small_picture_is_never_enlarged(
    service: Client, cup: bytes, cup_rgba_u8: Pixels, size: str
) -> None:
    assert (service.post_file(cup, {"size": size}).rgba_u8 == cup_rgba_u8).all()


@pytest.fixture(scope="module")
def larger_than_full() -> bytes:
    return encoded(photo("coffee", 8000, 6500), "JPEG", quality=50)


@pytest.mark.parametrize("fields", [{}, {"size": "full"}, {"size": "auto"}], ids=str)
def test_full_is_fifty_megapixels_and_the_default(
    service: Client, larger_than_full: bytes, fields: dict[str, str]
) -> None:
    reply = service.post_file(larger_than_full, fields | {"channels": "alpha"})
    wanted = capped("full", 8000, 6500)
    found = (int(reply.headers["X-Width"]), int(reply.headers["X-Height"]))
    assert found[0] * found[1] <= CAPS_PX["full"]
    assert all(abs(one - other) <= 1 for one, other in zip(found, wanted, strict=True))
