"""Edges in answers: on new grounds, reduced, cropped, and in formats without alpha."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from segmenter.imaging.picture import Picture
from segmenter.options import CutOutOptions, OutputFormat
from segmenter.scene_options import Colour
from tests.integration.segmenter.answers import PICTURE_FORMATS, cut_out, decoded
from tests.unit.segmenter.imaging import samples

FLATTENED = [OutputFormat.JPEG, OutputFormat.BMP, OutputFormat.GIF]
PAIRS = [
    ((200, 40, 30), (20, 60, 220)),
    ((90, 90, 90), (255, 255, 255)),
    ((250, 250, 250), (0, 0, 0)),
    ((60, 120, 40), (230, 200, 150)),
]


def disc(side_px: int, edge_px: float) -> NDArray[np.uint8]:
    y, x = np.mgrid[0:side_px, 0:side_px] - side_px / 2
    inside = (side_px * 0.35 - np.hypot(y, x)) / edge_px + 0.5
    alpha_u8: NDArray[np.uint8] = np.rint(inside.clip(0, 1) * 255).astype(np.uint8)
    return alpha_u8


def over(colour: object, ground: object, alpha_u8: NDArray[np.uint8]) -> NDArray[np.uint8]:
    share = alpha_u8[..., None] / 255
    mixed = np.asarray(colour) * share + np.asarray(ground) * (1 - share)
    rounded: NDArray[np.uint8] = np.rint(mixed).astype(np.uint8)
    return rounded


@pytest.mark.parametrize("ground", [(255, 255, 255), (0, 0, 0), (255, 204, 0)])
@pytest.mark.parametrize(("colour", "behind"), PAIRS)
@pytest.mark.parametrize("file_format", [OutputFormat.PNG, OutputFormat.BMP, OutputFormat.GIF])
def test_on_a_new_ground_there_is_no_halo_of_the_old_one(
    file_format: OutputFormat,
    colour: tuple[int, int, int],
    behind: tuple[int, int, int],
    ground: tuple[int, int, int],
) -> None:
    alpha_u8 = disc(200, 3)
    picture = Picture(Image.fromarray(over(colour, behind, alpha_u8)), None, None)
    options = CutOutOptions(file_format, background=Colour(*ground))
    shown = np.asarray(cut_out(picture, alpha_u8, options).convert("RGB")).astype(int)
    band = (alpha_u8 > 0) & (alpha_u8 < 255)
    error = np.abs(shown - over(colour, ground, alpha_u8))[band]
    indexed = file_format is OutputFormat.GIF
    assert error.mean() <= (3 if indexed else 2)
    assert error.max() <= (12 if indexed else 8)


@pytest.mark.parametrize("file_format", FLATTENED)
def test_formats_without_alpha_have_no_dark_rim(file_format: OutputFormat) -> None:
    alpha_u8 = disc(200, 3)
    picture = Picture(Image.fromarray(over((230, 60, 50), (0, 0, 0), alpha_u8)), None, None)
    shown = cut_out(picture, alpha_u8, CutOutOptions(file_format)).convert("RGB")
    error = np.asarray(shown).astype(int) - over((230, 60, 50), (255, 255, 255), alpha_u8)
    # JPEG rings beside an edge.
    assert error.min() >= (-24 if file_format is OutputFormat.JPEG else -8)


@pytest.mark.parametrize("most_px", [1, 2, 30, 31 * 31, 63 * 63, 4095])
def test_a_reduced_subject_shows_nothing_of_what_its_source_hides(most_px: int) -> None:
    alpha_u8 = disc(64, 3)
    rgba = np.dstack([np.where(alpha_u8[..., None] > 0, (255, 0, 0), (0, 255, 0)), alpha_u8])
    data = samples.encoded(Image.fromarray(rgba.astype(np.uint8)), "PNG")
    picture = decoded(data).fitted(most_px)
    assert picture.alpha
    rgba_u8 = np.asarray(cut_out(picture, np.array(picture.alpha), CutOutOptions()))
    visible = rgba_u8[rgba_u8[..., 3] > 0]
    assert len(visible)
    assert visible[:, 1].max() == 0
    assert visible[:, 0].min() >= 250


@pytest.mark.parametrize(
    ("box", "size"),
    [
        ((0, 0, 1, 1), (7, 5)),
        ((6, 4, 7, 5), (7, 5)),
        ((0, 2, 7, 3), (7, 5)),
        ((3, 0, 4, 5), (7, 5)),
        ((0, 0, 7, 5), (7, 5)),
        ((0, 0, 1, 1), (1, 1)),
        ((0, 998, 1, 1001), (1, 1001)),
        ((1000, 0, 1001, 2), (1001, 3)),
    ],
)
@pytest.mark.parametrize("file_format", PICTURE_FORMATS)
def test_a_crop_reaches_the_very_border(
    box: tuple[int, int, int, int], size: tuple[int, int], file_format: OutputFormat
) -> None:
    picture = Picture(samples.picture(*size), None, None)
    alpha_u8 = np.zeros(size[::-1], np.uint8)
    left, top, right, bottom = box
    alpha_u8[top:bottom, left:right] = 255
    image = cut_out(picture, alpha_u8, CutOutOptions(file_format, crop=True))
    assert image.size == (right - left, bottom - top)
    if file_format in {OutputFormat.PNG, OutputFormat.TIFF, OutputFormat.BMP}:
        assert image.convert("RGB").tobytes() == picture.rgb.crop(box).tobytes()
