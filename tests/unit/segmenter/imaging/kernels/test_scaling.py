"""Scaling, beside Pillow's and beside the formula of it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from segmenter.imaging.kernels.pixels import pixels_of
from segmenter.imaging.kernels.scaling import MOST_ROWS, reduced, resized
from tests.conftest import ROOT
from tests.unit.segmenter.imaging.kernels.variants import fixtures_stay

pytestmark = pytest.mark.usefixtures("each_variant")
seeds = st.integers(0, 2**32 - 1)
PHOTO = ROOT / "tests" / "data" / "rocket.jpg"


def noise(seed: int, height: int, width: int) -> Image.Image:
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 256, (height, width, 3), np.uint8))


@given(
    size=st.tuples(st.integers(1, 90), st.integers(1, 90)),
    across=st.integers(1, 100),
    down=st.integers(1, 100),
    seed=seeds,
)
@fixtures_stay
def test_means_are_those_of_pillow(
    size: tuple[int, int], across: int, down: int, seed: int
) -> None:
    image = noise(seed, *size)
    assert (reduced(image, across, down)[..., :3] == np.asarray(image.reduce((across, down)))).all()


def test_rows_are_read_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    image = noise(1, 83, 40)
    monkeypatch.setattr("segmenter.imaging.kernels.scaling._MOST_BYTES_AT_A_TIME", 4 * 40 * 7)
    assert (reduced(image, 3, 3)[..., :3] == np.asarray(image.reduce(3))).all()


def test_an_image_in_several_pieces_of_memory_is_reduced() -> None:
    image = Image.new("RGB", (3000, 3000), (10, 20, 30))
    with pytest.raises(ValueError, match="not contiguous"):
        pixels_of(image)
    assert (reduced(image, 7, 7)[..., :3] == (10, 20, 30)).all()


@pytest.mark.parametrize(("rows", "fits"), [(MOST_ROWS, True), (MOST_ROWS + 1, False)])
def test_as_many_rows_are_summed_up_as_their_sums_have_room(rows: int, *, fits: bool) -> None:
    white = Image.new("RGB", (3, 2 * rows), (255, 255, 255))
    if fits:
        assert (reduced(white, 1, rows)[..., :3] == 255).all()
    else:
        with pytest.raises(ValueError, match="cannot be summed up"):
            reduced(white, 1, rows)


def weights(length: int, extent: float, count: int) -> NDArray[np.int64]:
    """Of each pixel for each one of the answer, [count, length], in 2^22."""
    scale = extent / count
    wide = max(1.0, scale)
    found = np.zeros((count, length), np.int64)
    for i in range(count):
        centre = (i + 0.5) * scale
        begin = max(0, int(centre - 2 * wide + 0.5))
        taps = range(begin, min(length, int(centre + 2 * wide + 0.5)))
        share = [bicubic((tap - centre + 0.5) / wide) for tap in taps]
        for tap, each in zip(taps, share, strict=True):
            found[i, tap] = math.floor(abs(each / sum(share)) * 2**22 + 0.5) * math.copysign(
                1, each
            )
    return found


def bicubic(x: float) -> float:
    """R. Keys, 1981, with a = -0.5."""
    x = abs(x)
    if x < 1:
        return (1.5 * x - 2.5) * x * x + 1
    return (((x - 5) * x + 8) * x - 4) * -0.5 if x < 2 else 0.0


def by_formula(
    pixels_u8: NDArray[np.uint8], extent: tuple[float, float], size: tuple[int, int]
) -> NDArray[np.uint8]:
    height, width, _ = pixels_u8.shape
    down = np.einsum("yh,hwc->ywc", weights(height, extent[1], size[1]), pixels_u8.astype(np.int64))
    rows = ((down + 2**21) >> 22).clip(0, 255)
    across = np.einsum("xw,ywc->yxc", weights(width, extent[0], size[0]), rows)
    found: NDArray[np.uint8] = ((across + 2**21) >> 22).clip(0, 255).astype(np.uint8)
    return found


@given(
    size=st.tuples(st.integers(1, 60), st.integers(1, 60)),
    to=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    cut=st.tuples(st.floats(0, 0.9), st.floats(0, 0.9)),
    seed=seeds,
)
@fixtures_stay
def test_pixels_are_those_of_the_formula(
    size: tuple[int, int], to: tuple[int, int], cut: tuple[float, float], seed: int
) -> None:
    pixels_u8 = pixels_of(noise(seed, *size)).copy()
    extent = size[1] - cut[0], size[0] - cut[1]

    found_u8 = resized(pixels_u8, extent, to)

    # The order of a sum may move a weight by its last bit.
    assert np.abs(found_u8.astype(int) - by_formula(pixels_u8, extent, to)).max() <= 1


def test_photos_come_out_as_those_of_pillow_but_for_rounding() -> None:
    with Image.open(PHOTO) as photo:
        rgb = photo.convert("RGB")
    pillows = np.asarray(rgb.resize((150, 120), Image.Resampling.BICUBIC), int)

    found = resized(reduced(rgb, 1, 1), rgb.size, (150, 120))[..., :3]

    assert np.abs(found - pillows).max() <= 2
    assert np.abs(found - pillows).mean() < 0.2


@pytest.mark.parametrize(
    ("extent", "size"),
    [((4.1, 3), (2, 2)), ((4, 3.1), (2, 2)), ((0, 3), (2, 2)), ((4, 3), (0, 2)), ((4, 3), (2, 0))],
)
def test_what_is_not_there_is_not_scaled(
    extent: tuple[float, float], size: tuple[int, int]
) -> None:
    with pytest.raises(ValueError, match="cannot be scaled"):
        resized(np.zeros((3, 4, 4), np.uint8), extent, size)
