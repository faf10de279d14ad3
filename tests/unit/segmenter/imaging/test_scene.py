"""Where in an answer everything lies, and what that costs."""

import dataclasses

import pytest

from segmenter.imaging.crop import Box
from segmenter.imaging.relocation import Move
from segmenter.imaging.scene import Cut, cut, move, scene_cost_px
from segmenter.options import CutOutOptions
from segmenter.scene_options import (
    BackgroundPicture,
    Canvas,
    Colour,
    Fit,
    Length,
    Margins,
    Placement,
    Shadow,
    Stroke,
)

IMAGE, SEEN = (100, 80), Box(10, 20, 30, 60)
CENTRED = CutOutOptions(placement=Placement(x=0.5, y=0.5))
ON_CANVAS = CutOutOptions(background_picture=BackgroundPicture(Canvas.BACKGROUND))


@pytest.mark.parametrize("placement", [None, Placement(), Placement(x=0.125, y=0.5)])
@pytest.mark.parametrize("canvas", [None, IMAGE])
def test_where_everything_stays_nothing_is_done(
    placement: Placement | None, canvas: tuple[int, int] | None
) -> None:
    assert move(SEEN, IMAGE, canvas, CutOutOptions(placement=placement)) is None


def test_a_placement_moves_the_subject_on_the_canvas_of_the_picture() -> None:
    assert move(SEEN, IMAGE, None, CENTRED) == Move(SEEN, Box(40, 20, 60, 60), IMAGE)


def test_with_a_crop_or_without_a_subject_a_placement_has_no_effect() -> None:
    assert move(SEEN, IMAGE, None, dataclasses.replace(CENTRED, crop=True)) is None
    assert move(None, IMAGE, None, CENTRED) is None


def test_on_another_canvas_the_image_is_centred_and_then_the_subject_placed() -> None:
    canvas = (200, 200)
    assert move(SEEN, IMAGE, canvas, ON_CANVAS) == Move(SEEN, Box(20, 60, 60, 140), canvas)
    cover = CutOutOptions(background_picture=BackgroundPicture(Canvas.BACKGROUND, fit=Fit.COVER))
    assert move(SEEN, IMAGE, canvas, cover) == Move(SEEN, Box(0, 50, 50, 150), canvas)
    placed = dataclasses.replace(ON_CANVAS, placement=Placement(x=1.0, y=0.5))
    assert move(SEEN, IMAGE, canvas, placed) == Move(SEEN, Box(160, 60, 200, 140), canvas)


def test_without_a_subject_there_is_still_the_canvas() -> None:
    whole = Move(Box(0, 0, *IMAGE), Box(0, 20, 200, 180), (200, 200))
    assert move(None, IMAGE, (200, 200), ON_CANVAS) == whole


def test_without_a_crop_all_of_the_canvas_is_shown() -> None:
    options = CutOutOptions(crop_margin=Margins(top=Length(5)))
    part = cut(SEEN, IMAGE, options, 8000)
    assert part == Cut(Box(0, 0, 100, 80), 0, 0, IMAGE)
    assert not part.bordered
    assert cut(None, IMAGE, dataclasses.replace(options, crop=True), 8000) == part


def test_a_crop_has_its_margins() -> None:
    margins = Margins(Length(1), Length(2), Length(3), Length(4))
    part = cut(SEEN, IMAGE, CutOutOptions(crop=True, crop_margin=margins), 8000)
    assert part == Cut(SEEN, 4, 1, (26, 44))
    assert part.bordered
    assert not cut(SEEN, IMAGE, CutOutOptions(crop=True), 8000).bordered


def test_one_pixel_past_the_limit_margins_are_narrower() -> None:
    options = CutOutOptions(crop=True, crop_margin=Margins(left=Length(5)))
    assert cut(SEEN, IMAGE, options, 25 * 40).size == (25, 40)
    narrower = cut(SEEN, IMAGE, options, 25 * 40 - 1)
    assert (narrower.left_px, narrower.size) == (4, (24, 40))


def test_a_crop_without_margins_is_never_too_large() -> None:
    assert cut(SEEN, IMAGE, CutOutOptions(crop=True), 1).size == SEEN.size


BLACK = Colour(0, 0, 0)
COSTLY = {
    "placement": CENTRED,
    "stroke": CutOutOptions(stroke=Stroke(1, BLACK)),
    "shadow": CutOutOptions(shadow=Shadow(BLACK)),
    "margin": CutOutOptions(crop=True, crop_margin=Margins(top=Length(1))),
}


@pytest.mark.parametrize("name", COSTLY)
def test_what_takes_memory_costs(name: str) -> None:
    assert scene_cost_px(COSTLY[name], 1000, 0) > 0


@pytest.mark.parametrize(
    "options",
    [
        CutOutOptions(),
        CutOutOptions(crop=True),
        CutOutOptions(crop_margin=Margins(top=Length(1))),
        dataclasses.replace(CENTRED, crop=True),
        ON_CANVAS,
    ],
)
def test_what_takes_none_costs_nothing(options: CutOutOptions) -> None:
    assert scene_cost_px(options, 1000, 0) == 0


def test_both_a_line_and_a_shadow_cost_more_than_one() -> None:
    both = CutOutOptions(stroke=Stroke(1, BLACK), shadow=Shadow(BLACK))
    assert scene_cost_px(both, 1000, 0) > scene_cost_px(COSTLY["stroke"], 1000, 0)


def test_a_background_costs_by_its_canvas_and_more_if_it_is_blurred() -> None:
    sharp, blurred = (
        CutOutOptions(background_picture=BackgroundPicture(blur=blur)) for blur in (0.0, 0.1)
    )
    assert 0 < scene_cost_px(sharp, 1000, 1000) < scene_cost_px(blurred, 1000, 1000)
    assert scene_cost_px(ON_CANVAS, 1000, 5000) > scene_cost_px(ON_CANVAS, 1000, 1000)
    # The canvas is the background's, so that it counts whole: twice as the picture does.
    assert scene_cost_px(ON_CANVAS, 1, 5000) >= 5000
