"""Which format an open one becomes, and by what that is told."""

import numpy as np
import pytest

from segmenter.auto_format import is_opaque, may_be_opaque, settled
from segmenter.imaging.matte import Answer
from segmenter.imaging.part import WHOLE
from segmenter.imaging.picture import Picture
from segmenter.options import CutOutOptions, OutputChannels, OutputFormat
from segmenter.scene_options import NOTHING, Colour, Length, Placement, Region
from tests.unit.segmenter.imaging import samples
from tests.unit.segmenter.imaging.array_rows import ArrayRows

AUTO = CutOutOptions(OutputFormat.AUTO)
PICTURE = Picture(samples.picture(8, 8), None, None)
ALL = [Answer(WHOLE, np.ones((8, 8), np.float32), np.zeros((8, 8, 3), np.uint8))]


@pytest.mark.parametrize("file_format", set(OutputFormat) - {OutputFormat.AUTO})
def test_a_format_that_is_told_stays(file_format: OutputFormat) -> None:
    options = CutOutOptions(file_format, max_png_pixels=1)
    assert settled(options, has_picture_behind=True) is options


@pytest.mark.parametrize(
    ("options", "behind", "file_format"),
    [
        (AUTO, False, OutputFormat.AUTO),
        (AUTO, True, OutputFormat.JPEG),
        (CutOutOptions(OutputFormat.AUTO, background=Colour(1, 2, 3)), False, OutputFormat.JPEG),
        (CutOutOptions(OutputFormat.AUTO, background=Colour(1, 2, 3, 254)), False,
         OutputFormat.AUTO),
        (CutOutOptions(OutputFormat.AUTO, OutputChannels.ALPHA), True, OutputFormat.PNG),
    ],
)  # fmt: skip
def test_a_format_is_settled_where_no_pixel_is_needed(
    options: CutOutOptions, behind: bool, file_format: OutputFormat
) -> None:
    assert settled(options, has_picture_behind=behind).format is file_format


@pytest.mark.parametrize(
    ("max_pixels", "max_png_pixels", "least"),
    [(None, None, None), (5, None, 5), (None, 6, 6), (5, 6, 5), (6, 5, 5)],
)
def test_a_matte_alone_has_the_cap_of_a_png(
    max_pixels: int | None, max_png_pixels: int | None, least: int | None
) -> None:
    options = CutOutOptions(
        OutputFormat.AUTO,
        OutputChannels.ALPHA,
        max_pixels=max_pixels,
        max_png_pixels=max_png_pixels,
    )
    assert settled(options, has_picture_behind=False).max_pixels == least


def seen(least: float, options: CutOutOptions = AUTO, border: float | None = None) -> bool:
    alpha_f32 = np.ones((8, 8), np.float32)
    alpha_f32[4, 4] = least
    if border is not None:
        alpha_f32[0] = alpha_f32[:, -1] = border
    return may_be_opaque(
        [Answer(WHOLE, alpha_f32, np.zeros((8, 8, 3), np.uint8))], PICTURE, options
    )


def test_it_is_worth_a_look_where_all_is_subject() -> None:
    assert seen(0.5)
    assert not seen(0.49)
    cropped = CutOutOptions(OutputFormat.AUTO, crop=True)
    assert seen(0.5, cropped, border=0.05)
    assert not seen(0.49, cropped, border=0.05)
    assert not seen(0.5, cropped, border=0.06)
    assert not seen(0.5, border=0.05)


def test_it_is_not_where_something_else_hides_pixels() -> None:
    for right in (Length(7), Length(share=0.9)):
        region = Region(NOTHING, NOTHING, right, Length(8))
        assert not seen(1, CutOutOptions(OutputFormat.AUTO, region=region))
    assert not seen(1, CutOutOptions(OutputFormat.AUTO, placement=Placement(0.5)))


def test_a_region_that_is_the_whole_image_hides_nothing() -> None:
    for end in (Length(share=1), Length(80)):
        options = CutOutOptions(OutputFormat.AUTO, region=Region(NOTHING, NOTHING, end, end))
        assert may_be_opaque(ALL, Picture(samples.picture(8, 8), None, None, (80, 80)), options)


def test_nothing_of_an_empty_answer_is_opaque() -> None:
    nothing = [Answer(WHOLE, np.zeros((8, 8), np.float32), np.zeros((8, 8, 3), np.uint8))]
    assert not may_be_opaque(nothing, PICTURE, CutOutOptions(OutputFormat.AUTO, crop=True))


def test_rows_are_opaque_down_to_the_last_pixel() -> None:
    pixels_u8 = np.full((200, 3, 4), 255, np.uint8)
    assert is_opaque(ArrayRows(pixels_u8))
    pixels_u8[-1, -1, 3] = 254
    assert not is_opaque(ArrayRows(pixels_u8))
    assert is_opaque(ArrayRows(pixels_u8[..., :3]))
    assert not is_opaque(ArrayRows(pixels_u8[..., :1]))
