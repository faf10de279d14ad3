"""Weighed means, beside those of Pillow's premultiplied colours."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from segmenter.imaging.kernels.cells import weighed
from segmenter.imaging.kernels.pixels import pixels_of
from tests.unit.segmenter.imaging.kernels.variants import fixtures_stay

pytestmark = pytest.mark.usefixtures("each_variant")


@given(
    height=st.integers(1, 70),
    width=st.integers(1, 70),
    side=st.integers(1, 80),
    seed=st.integers(0, 2**32 - 1),
)
@fixtures_stay
def test_cells_are_those_of_pillow(height: int, width: int, side: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    image = Image.fromarray(rng.integers(0, 256, (height, width, 3), np.uint8))
    weight_u8 = rng.integers(0, 256, (height, width), np.uint8)
    weighted = image.copy()
    weighted.putalpha(Image.fromarray(weight_u8))

    cells_f32 = weighed(pixels_of(image), weight_u8, side)

    assert (cells_f32 == np.asarray(weighted.convert("RGBa").reduce(side))).all()


@pytest.mark.parametrize(("side", "fits"), [(256, True), (257, False), (1, True), (0, False)])
def test_squares_are_as_large_as_their_sums_have_room(side: int, *, fits: bool) -> None:
    pixels_u8, weight_u8 = np.full((600, 600, 4), 255, np.uint8), np.full((600, 600), 255, np.uint8)
    if fits:
        assert (weighed(pixels_u8, weight_u8, side) == 255).all()
    else:
        with pytest.raises(ValueError, match="cannot be summed up"):
            weighed(pixels_u8, weight_u8, side)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="pixels_u8 is"):
        weighed(np.zeros((4, 5, 4), np.uint8), np.zeros((4, 4), np.uint8), 2)
