"""Reducing a picture to what a network takes."""

import numpy as np
import pytest
from PIL import Image

from segmenter.imaging.model_input import view
from segmenter.imaging.part import WHOLE, Part
from segmenter.imaging.picture import Picture
from tests.conftest import ROOT

DATA = ROOT / "tests" / "data"


def picture(
    rgb: Image.Image, alpha: Image.Image | None = None, icc_profile: bytes | None = None
) -> Picture:
    return Picture(rgb=rgb, alpha=alpha, icc_profile=icc_profile)


@pytest.mark.parametrize("size", [(1, 1), (7, 900), (640, 427), (320, 320)])
def test_any_picture_is_stretched_to_the_networks_size(size: tuple[int, int]) -> None:
    tensor_u8 = view(picture(Image.new("RGB", size, (10, 20, 30))), 48, 64).tensor_u8
    assert tensor_u8.shape == (48, 64, 3)
    assert tensor_u8.dtype == np.uint8
    assert tensor_u8.flags.c_contiguous
    assert (tensor_u8 == (10, 20, 30)).all()


def test_reduction_is_antialiased() -> None:
    stripes = np.zeros((640, 640, 3), np.uint8)
    stripes[:, ::2] = 255
    tensor_u8 = view(picture(Image.fromarray(stripes)), 64, 64).tensor_u8
    assert np.abs(tensor_u8.astype(int) - 127).max() <= 8


def test_transparent_parts_show_neutral_grey_whatever_is_hidden_there() -> None:
    rgb = Image.new("RGB", (100, 100), (255, 0, 0))
    alpha = Image.new("L", (100, 100))
    alpha.paste(255, (0, 0, 50, 100))
    tensor_u8 = view(picture(rgb, alpha), 50, 50).tensor_u8
    assert tensor_u8[25, 5].tolist() == [255, 0, 0]
    assert tensor_u8[25, 45].tolist() == [128, 128, 128]


def test_the_network_sees_srgb() -> None:
    with Image.open(DATA / "rocket.jpg") as rocket:
        rgb, adobe_rgb = rocket.convert("RGB"), rocket.info["icc_profile"]
    converted_u8 = view(picture(rgb, icc_profile=adobe_rgb), 40, 60).tensor_u8.astype(int)
    plain_u8 = view(picture(rgb), 40, 60).tensor_u8.astype(int)
    # Adobe RGB is wider: the same numbers in it are more colourful ones in sRGB.
    assert np.ptp(converted_u8, axis=2).mean() > 1.05 * np.ptp(plain_u8, axis=2).mean()


def test_a_profile_that_cannot_be_read_counts_as_srgb() -> None:
    grey = Image.new("RGB", (40, 40), (100, 150, 200))
    tensor_u8 = view(picture(grey, icc_profile=b"no profile"), 20, 20).tensor_u8
    assert (tensor_u8 == (100, 150, 200)).all()


def test_the_guide_is_in_the_colour_space_of_the_picture() -> None:
    with Image.open(DATA / "rocket.jpg") as rocket:
        rgb, adobe_rgb = rocket.convert("RGB"), rocket.info["icc_profile"]
    seen = view(picture(rgb, icc_profile=adobe_rgb), 40, 60)
    assert np.array_equal(seen.guide_u8, view(picture(rgb), 40, 60).tensor_u8)
    assert not np.array_equal(seen.guide_u8, seen.tensor_u8)


def test_a_part_is_seen_as_the_whole_of_a_cropped_picture() -> None:
    with Image.open(DATA / "rocket.jpg") as rocket:
        rgb = rocket.convert("RGB").resize((200, 100))
    part = view(picture(rgb), 32, 48, Part(0.25, 0.1, 0.75, 0.9))
    cropped = view(picture(rgb.crop((50, 10, 150, 90))), 32, 48)
    assert np.array_equal(part.tensor_u8, cropped.tensor_u8)
    assert np.array_equal(part.guide_u8, cropped.guide_u8)
    assert part.part == Part(0.25, 0.1, 0.75, 0.9)
    assert cropped.part == WHOLE
