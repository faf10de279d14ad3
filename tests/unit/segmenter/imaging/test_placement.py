"""Where a subject comes to stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmenter.imaging.crop import Box
from segmenter.imaging.placement import Frame, framed, placed
from segmenter.scene_options import Fit, Placement

IMAGE = Frame(100, 80)
BOX = Box(10, 20, 30, 60)


@pytest.mark.parametrize(
    ("placement", "expected"),
    [
        (Placement(), BOX),
        (Placement(x=0.0, y=0.0), Box(0, 0, 20, 40)),
        (Placement(x=1.0, y=1.0), Box(80, 40, 100, 80)),
        (Placement(x=0.5, y=0.5), Box(40, 20, 60, 60)),
        (Placement(x=0.25), Box(20, 20, 40, 60)),
        (Placement(y=1.0), Box(10, 40, 30, 80)),
        (Placement(scale=1.0, x=0.5, y=0.5), Box(30, 0, 70, 80)),
        (Placement(scale=0.25, x=1.0, y=0.0), Box(90, 0, 100, 20)),
        (Placement(scale=0.25), Box(15, 30, 25, 50)),
        # Its middle would let it stand out on the left.
        (Placement(scale=1.0), Box(0, 0, 40, 80)),
    ],
    ids=repr,
)
def test_a_box_stands_where_it_should(placement: Placement, expected: Box) -> None:
    assert placed(BOX, IMAGE, placement) == expected


def test_without_a_placement_everything_stays() -> None:
    assert placed(BOX, IMAGE, None) == BOX


def test_the_wider_side_decides_on_the_size_as_does_the_higher() -> None:
    wide = placed(Box(0, 0, 50, 5), IMAGE, Placement(0.5, 0.0, 0.0))
    assert wide == Box(0, 0, 50, 5)
    assert placed(Box(0, 0, 5, 40), IMAGE, Placement(0.5, 0.0, 0.0)) == Box(0, 0, 5, 40)


@pytest.mark.parametrize(
    ("canvas", "fit", "frame"),
    [
        ((200, 200), Fit.CONTAIN, Frame(200, 200, 2.0, 0.0, 20.0)),
        ((200, 200), Fit.COVER, Frame(200, 200, 2.5, -25.0, 0.0)),
        ((50, 80), Fit.CONTAIN, Frame(50, 80, 0.5, 0.0, 20.0)),
        ((100, 80), Fit.CONTAIN, Frame(100, 80)),
        ((100, 80), Fit.COVER, Frame(100, 80)),
    ],
)
def test_an_image_fits_into_a_canvas_or_covers_it(
    canvas: tuple[int, int], fit: Fit, frame: Frame
) -> None:
    assert framed((100, 80), canvas, fit) == frame


def test_on_another_canvas_a_box_goes_with_its_image() -> None:
    frame = framed((100, 80), (200, 200), Fit.CONTAIN)
    assert placed(BOX, frame, None) == Box(20, 60, 60, 140)


def test_where_an_image_covers_its_canvas_a_subject_may_be_cut() -> None:
    frame = framed((100, 80), (200, 200), Fit.COVER)
    assert placed(Box(0, 0, 20, 20), frame, None) == Box(-25, 0, 25, 50)


def test_a_subject_larger_than_its_canvas_is_centred_all_the_same() -> None:
    frame = framed((100, 50), (100, 100), Fit.COVER)
    assert placed(Box(0, 0, 80, 50), frame, Placement(x=0.5, y=0.5)) == Box(-30, 0, 130, 100)


boxes = st.tuples(*[st.integers(0, 60)] * 4, st.integers(0, 40), st.integers(0, 40)).map(
    lambda n: (Box(n[0], n[1], n[0] + n[2] + 1, n[1] + n[3] + 1), n[4], n[5])
)
shares = st.none() | st.floats(0, 1)


@given(
    box_and_room=boxes,
    scale=st.none() | st.floats(0, 1, exclude_min=True),
    x=shares,
    y=shares,
    canvas=st.none() | st.tuples(st.integers(1, 300), st.integers(1, 300)),
)
def test_a_subject_never_leaves_a_canvas_that_its_image_fits_into(
    box_and_room: tuple[Box, int, int],
    scale: float | None,
    x: float | None,
    y: float | None,
    canvas: tuple[int, int] | None,
) -> None:
    box, more_x, more_y = box_and_room
    image = (box.right + more_x, box.bottom + more_y)
    frame = framed(image, canvas or image, Fit.CONTAIN)
    there = placed(box, frame, Placement(scale, x, y))
    assert there == there.within(frame.width_px, frame.height_px)
    if scale is not None:
        assert there.width_px <= max(1, scale * frame.width_px + 0.5)
        assert there.height_px <= max(1, scale * frame.height_px + 0.5)


@given(boxes, st.floats(0, 1), st.floats(0, 1))
def test_to_place_it_again_changes_nothing(
    box_and_room: tuple[Box, int, int], x: float, y: float
) -> None:
    box, more_x, more_y = box_and_room
    frame = Frame(box.right + more_x, box.bottom + more_y)
    once = placed(box, frame, Placement(None, x, y))
    assert once.size == box.size
    assert placed(once, frame, Placement(None, x, y)) == once
    assert placed(once, frame, Placement()) == once


@given(
    image=st.tuples(st.integers(1, 300), st.integers(1, 300)),
    canvas=st.tuples(st.integers(1, 300), st.integers(1, 300)),
)
def test_a_whole_image_lies_within_or_covers(
    image: tuple[int, int], canvas: tuple[int, int]
) -> None:
    whole = Box(0, 0, *image)
    inside = placed(whole, framed(image, canvas, Fit.CONTAIN), None)
    assert inside == inside.within(*canvas)
    around = placed(whole, framed(image, canvas, Fit.COVER), None)
    assert around.within(*canvas) == Box(0, 0, *canvas)
