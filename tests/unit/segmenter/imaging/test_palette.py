"""The colours of a GIF."""

import numpy as np
import pytest
from PIL import Image

from segmenter.imaging.palette import indexed
from segmenter.scene_options import Colour
from tests.unit.segmenter.imaging import samples
from tests.unit.segmenter.imaging.array_rows import noise


@pytest.mark.parametrize("ground", [(255, 255, 255), (254, 253, 255), (90, 150, 221), (0, 0, 0)])
def test_the_ground_is_kept_exactly_beside_any_neighbour(ground: tuple[int, int, int]) -> None:
    near_u8 = np.clip(np.array(ground) + noise(130, 90, 3) % 7 - 3, 0, 255).astype(np.uint8)
    near_u8[:, 40:] = ground

    picture = indexed(Image.fromarray(near_u8), Colour(*ground))

    shown_u8 = np.asarray(picture.convert("RGB"))
    assert (shown_u8[:, 40:] == ground).all()
    assert np.abs(shown_u8.astype(int) - near_u8).max() <= 8


def test_a_picture_stays_close_to_its_colours() -> None:
    picture = samples.picture(400, 300)

    assert samples.difference(indexed(picture, Colour(0, 0, 0)).convert("RGB"), picture) < 6


def test_few_colours_are_kept_as_they_are() -> None:
    picture = Image.new("RGB", (200, 100), (255, 255, 255))
    for number in range(10):
        picture.paste((20 * number, 255 - 20 * number, 77), (20 * number, 0, 20 * number + 20, 50))

    shown = indexed(picture, Colour(255, 255, 255)).convert("RGB")

    assert samples.difference(shown, picture) == 0


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1)])
def test_lines_and_dots_have_a_palette_too(size: tuple[int, int]) -> None:
    picture = Image.new("RGB", size, (200, 10, 30))

    shown = indexed(picture, Colour(255, 255, 255)).convert("RGB")

    assert shown.tobytes() == picture.tobytes()
