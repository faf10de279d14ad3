"""What a request is taken to cost, by what its headers and its wishes tell."""

import pytest

from segmenter.imaging.header import Header
from segmenter.imaging.limits import ImageLimits
from segmenter.imaging.sniff import ImageFormat
from segmenter.options import CutOutOptions, InputAlpha, OutputChannels, OutputFormat
from segmenter.scene_options import BackgroundPicture, Canvas, Length, Margins
from segmenter.sizing import Sizes


def sizes(
    options: CutOutOptions, image: tuple[int, int], behind: tuple[int, int] | None = None
) -> Sizes:
    background = Header(ImageFormat.JPEG, *behind) if behind else None
    return Sizes(options, ImageLimits(), Header(ImageFormat.PNG, *image), background)


def on_its_canvas(width_px: int, kind: OutputFormat = OutputFormat.PNG) -> CutOutOptions:
    laid = BackgroundPicture(canvas=Canvas.BACKGROUND, width_px=width_px)
    return CutOutOptions(format=kind, background_picture=laid)


def test_a_background_that_is_turned_yet_is_counted_as_what_it_may_become() -> None:
    turned = sizes(on_its_canvas(1000), (100, 100), (49_000, 1))
    upright = sizes(on_its_canvas(1000), (100, 100), (1, 49_000))
    assert turned.canvas(1, 49_000) == (1000, 49_000)
    assert turned.cost_px() == upright.cost_px() > 49_000_000
    assert turned.enough_px_behind() == (98_000, 98_000)


def test_a_canvas_is_refused_only_if_it_is_too_long_either_way_up() -> None:
    sizes(on_its_canvas(100, OutputFormat.WEBP), (100, 100), (1000, 20_000)).check()


@pytest.mark.parametrize(
    "options",
    [
        CutOutOptions(format=OutputFormat.WEBP, max_pixels=1),
        CutOutOptions(format=OutputFormat.BMP, channels=OutputChannels.ALPHA),
    ],
)
def test_an_image_that_may_be_its_own_answer_is_counted_as_large_as_that(
    options: CutOutOptions,
) -> None:
    itself = CutOutOptions(format=options.format, input_alpha=InputAlpha.RETURN)
    wishful = CutOutOptions(
        format=options.format,
        channels=options.channels,
        max_pixels=options.max_pixels,
        input_alpha=InputAlpha.RETURN,
    )
    size = (7000, 7000)
    assert sizes(wishful, size).cost_px() == sizes(itself, size).cost_px()


def test_a_format_that_takes_more_memory_takes_it_for_margins_too() -> None:
    half = Length(share=0.5)
    framed = CutOutOptions(
        format=OutputFormat.WEBP, crop=True, crop_margin=Margins(half, half, half, half)
    )
    # 4 MP of an answer: 20 bytes each to write them, 4 to hold those of the margin.
    assert sizes(framed, (1000, 1000)).cost_px() >= 1_000_000 + 4_000_000 * 20 // 10 + 1_200_000
