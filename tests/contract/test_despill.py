"""Green light of a screen is taken back from the subject, and nothing else is touched."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.contract.client import Client
from tests.contract.pictures import WIDTH_PX, Pixels, differs_by, encoded, over, photo

pytestmark = pytest.mark.e2e


def green_excess(rgba_u8: Pixels) -> NDArray[np.int64]:
    rgb = rgba_u8[..., :3].astype(np.int64)
    excess: NDArray[np.int64] = rgb[..., 1] - np.maximum(rgb[..., 0], rgb[..., 2])
    return excess


def luminance(rgba_u8: Pixels) -> NDArray[np.float64]:
    """Rec. 709 luma, 0 to 255."""
    weighted: NDArray[np.float64] = rgba_u8[..., :3] @ np.array([0.2126, 0.7152, 0.0722])
    return weighted


@pytest.fixture(scope="package")
def before_green(cup_rgba_u8: Pixels) -> bytes:
    """The cup before a green screen, which throws its light on the left half of the cup only."""
    rgba_u8 = cup_rgba_u8.copy()
    green = rgba_u8[..., 1].astype(np.int64)
    lit = np.maximum(rgba_u8[..., 0], rgba_u8[..., 2]).astype(np.int64) + 40
    left = np.arange(WIDTH_PX) < WIDTH_PX // 2
    rgba_u8[..., 1] = np.clip(np.where(left, lit, np.minimum(green, lit - 40)), 0, 255)
    before = over(rgba_u8, (0, 177, 64, 255))[..., :3]
    return encoded_rgb(before)


def encoded_rgb(rgb: NDArray[np.float64]) -> bytes:
    image = photo()
    image.frombytes(np.rint(rgb).astype(np.uint8).tobytes())
    return encoded(image)


def test_despill_lowers_green_and_keeps_the_luminance(service: Client, before_green: bytes) -> None:
    plain = service.post_file(before_green).rgba_u8
    despilt = service.post_file(before_green, {"despill": "true"}).rgba_u8
    spilt = (green_excess(plain) > 10) & (plain[..., 3] == 255)
    assert spilt.sum() > 1000
    assert (plain[..., 3] == despilt[..., 3]).all()
    assert (green_excess(despilt)[spilt] <= green_excess(plain)[spilt]).all()
    assert green_excess(despilt)[spilt].mean() < 0.75 * green_excess(plain)[spilt].mean()
    assert differs_by(luminance(plain)[spilt], luminance(despilt)[spilt]) <= 3


def test_despill_leaves_alone_what_has_no_spill(service: Client, before_green: bytes) -> None:
    plain = service.post_file(before_green).rgba_u8
    despilt = service.post_file(before_green, {"despill": "true"}).rgba_u8
    unspilt = green_excess(plain) <= 0
    assert unspilt[plain[..., 3] > 0].mean() > 0.2
    assert (plain[unspilt] == despilt[unspilt]).all()


def test_despill_leaves_a_picture_without_spill_as_it_is(
    service: Client, cup_rgba_u8: Pixels
) -> None:
    rgb = np.array(photo()).astype(np.float64)
    rgb[..., 1] = np.minimum(rgb[..., 1], np.maximum(rgb[..., 0], rgb[..., 2]))
    image = encoded_rgb(rgb)
    plain = service.post_file(image).rgba_u8
    assert plain.shape == cup_rgba_u8.shape
    assert (service.post_file(image, {"despill": "true"}).rgba_u8 == plain).all()


def test_despill_does_not_touch_a_mask(service: Client, before_green: bytes) -> None:
    mask = {"channels": "alpha"}
    plain = service.post_file(before_green, mask).mask_u8
    assert (service.post_file(before_green, {**mask, "despill": "true"}).mask_u8 == plain).all()
