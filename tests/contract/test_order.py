"""The steps follow one another as agreed: matte, size, despill, crop, background, encode."""

import numpy as np
import pytest

from tests.contract.client import Client
from tests.contract.pictures import (
    Pixels,
    crop_box,
    differs_by,
    differs_on_average_by,
    encoded,
    over,
    photo,
)

pytestmark = pytest.mark.e2e

GREEN = (0, 160, 60)
NAVY = (0, 0, 128, 255)
# Pillow's name of the format, and how much the pixels may differ on average.
FLAT = {"bmp": ("BMP", 0.6), "jpg": ("JPEG", 4.0)}
STEPS = {"size": "preview", "despill": "true", "crop": "true", "bg_color": "navy"}


@pytest.fixture(scope="module")
def large() -> bytes:
    """The cup before a green screen, 900 x 600 and so larger than a preview."""
    rgb_u8 = np.array(photo("coffee", 900, 600))
    rows, columns = np.ogrid[:600, :900]
    around = ((rows - 300) / 250) ** 2 + ((columns - 420) / 330) ** 2 > 1
    rgb_u8[around] = GREEN
    image = photo("coffee", 900, 600)
    image.frombytes(rgb_u8.tobytes())
    return encoded(image)


@pytest.fixture(scope="module")
def sized(service: Client, large: bytes) -> Pixels:
    """As it is after the steps matte, size and despill."""
    return service.post_file(large, {"size": "preview", "despill": "true"}).rgba_u8


def test_size_comes_before_crop(service: Client, large: bytes, sized: Pixels) -> None:
    fields = {"size": "preview", "crop": "true"}
    plain = service.post_file(large, {"size": "preview"}).rgba_u8
    assert plain.shape[0] * plain.shape[1] > 240_000
    cropped = service.post_file(large, fields).rgba_u8
    assert (cropped == plain[crop_box(plain[..., 3])]).all()
    # Had it been cropped first, it would not have had to be made smaller so much.
    assert cropped.shape[0] * cropped.shape[1] < plain.shape[0] * plain.shape[1]
    assert plain.shape == sized.shape


def test_crop_comes_after_despill_and_changes_no_pixel(
    service: Client, large: bytes, sized: Pixels
) -> None:
    fields = {name: STEPS[name] for name in ("size", "despill", "crop")}
    cropped = service.post_file(large, fields).rgba_u8
    assert (cropped == sized[crop_box(sized[..., 3])]).all()


def test_the_background_comes_after_crop(service: Client, large: bytes, sized: Pixels) -> None:
    image = service.post_file(large, STEPS).image("PNG")
    wanted = over(sized[crop_box(sized[..., 3])], NAVY)
    assert differs_by(np.array(image.convert("RGBA")), wanted) <= 1


@pytest.mark.parametrize("image_format", FLAT)
def test_encoding_comes_last(
    service: Client, large: bytes, sized: Pixels, image_format: str
) -> None:
    name, tolerance = FLAT[image_format]
    image = service.post_file(large, {**STEPS, "format": image_format}).image(name)
    wanted = over(sized[crop_box(sized[..., 3])], NAVY)[..., :3]
    assert differs_on_average_by(np.array(image), wanted) < tolerance


def test_a_mask_takes_the_steps_that_concern_it(
    service: Client, large: bytes, sized: Pixels
) -> None:
    mask_u8 = service.post_file(large, {**STEPS, "channels": "alpha"}).mask_u8
    assert (mask_u8 == sized[crop_box(sized[..., 3])][..., 3]).all()
