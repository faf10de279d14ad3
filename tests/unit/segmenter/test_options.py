"""One request's wishes."""

import pytest

from segmenter.options import CutOutOptions, OutputChannels, OutputFormat
from segmenter.scene_options import Colour


@pytest.mark.parametrize("file_format", OutputFormat)
def test_the_matte_alone_is_of_the_format_asked_for_where_that_suits_it(
    file_format: OutputFormat,
) -> None:
    assert CutOutOptions(file_format).answer_format is file_format
    alpha = CutOutOptions(file_format, OutputChannels.ALPHA)
    suits = {OutputFormat.JPEG, OutputFormat.WEBP}
    assert alpha.answer_format is (file_format if file_format in suits else OutputFormat.PNG)


def test_a_colour_is_opaque_unless_told_otherwise() -> None:
    assert Colour(1, 2, 3) == Colour(1, 2, 3, 255)
    assert Colour(1, 2, 3, 4).rgb == (1, 2, 3)
