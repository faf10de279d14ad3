"""Pixels where they lie."""

import gc

import numpy as np
import pytest
from PIL import Image

from segmenter.imaging.kernels.pixels import pixels_of


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_pixels_are_those_of_the_image(mode: str) -> None:
    values = np.random.default_rng(1).integers(0, 256, (7, 9, len(mode)), np.uint8)

    found = pixels_of(Image.fromarray(values))

    assert found.shape == (7, 9, 4)
    assert (found[..., : len(mode)] == values).all()


def test_what_is_written_is_written_to_the_image() -> None:
    image = Image.new("RGB", (5, 4))

    pixels_of(image)[1, 2, :3] = 10, 20, 30

    assert image.getpixel((2, 1)) == (10, 20, 30)
    assert image.getpixel((1, 2)) == (0, 0, 0)


def test_they_outlive_the_image() -> None:
    found = [pixels_of(Image.new("RGB", (50, 40), (level, 0, 0))) for level in range(20)]
    gc.collect()

    assert [each[..., 0].min() for each in found] == list(range(20))
    assert [each[..., 0].max() for each in found] == list(range(20))


@pytest.mark.parametrize(("side_px", "fits"), [(2048, True), (2049, False)])
def test_an_image_may_be_as_large_as_pillow_keeps_in_one_piece(side_px: int, *, fits: bool) -> None:
    image = Image.new("RGB", (side_px, 2048))
    if fits:
        assert pixels_of(image).shape == (2048, side_px, 4)
    else:
        with pytest.raises(ValueError, match="not contiguous"):
            pixels_of(image)


@pytest.mark.parametrize("mode", ["L", "LA", "RGBX", "CMYK", "F"])
def test_other_modes_are_refused(mode: str) -> None:
    with pytest.raises(ValueError, match=f"mode {mode}"):
        pixels_of(Image.new(mode, (4, 4)))
