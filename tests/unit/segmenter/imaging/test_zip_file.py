"""The colours of a ZIP, of which nothing is hidden."""

import numpy as np
import pytest
from PIL import Image

from segmenter.imaging.matte import Matte
from segmenter.imaging.picture import Picture
from segmenter.imaging.rendering import rendered
from segmenter.imaging.zip_file import whole_frame
from segmenter.options import CutOutOptions, OutputFormat
from segmenter.scene_options import Colour, Shadow

WIDTH_PX, HEIGHT_PX = 200, 130


def soft_edged() -> Matte:
    x = np.arange(WIDTH_PX)
    row_u8 = np.clip((x - 90) * 25, 0, 255).astype(np.uint8)
    return Matte(np.tile(row_u8, (HEIGHT_PX, 1)), foreground_found=True)


@pytest.mark.parametrize("shadow", [None, Shadow(Colour(0, 0, 0))], ids=["plain", "shadow"])
def test_hidden_pixels_beside_a_soft_edge_are_the_picture_s(shadow: Shadow | None) -> None:
    rng = np.random.default_rng(1)
    rgb_u8 = rng.integers(0, 256, (HEIGHT_PX, WIDTH_PX, 3), dtype=np.uint8)
    picture, matte = Picture(Image.fromarray(rgb_u8), None, None), soft_edged()
    wishes = CutOutOptions(format=OutputFormat.ZIP, shadow=shadow)
    rows = whole_frame(rendered(picture, matte, wishes))
    shown_u8 = rows.block(0, HEIGHT_PX).reshape(HEIGHT_PX, WIDTH_PX, 4)
    assert np.array_equal(shown_u8[..., 3] == 0, matte.alpha_u8 == 0)
    hidden = matte.alpha_u8 == 0
    assert np.array_equal(shown_u8[..., :3][hidden], rgb_u8[hidden])
