"""Making one matte of several looks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from segmenter.imaging import fusion
from segmenter.imaging.part import Part

SIDE = 40


def block(left: int, top: int, right: int, bottom: int, level: float = 1.0) -> NDArray[np.float32]:
    alpha_f32 = np.zeros((SIDE, SIDE), np.float32)
    alpha_f32[top:bottom, left:right] = level
    return alpha_f32


def test_the_more_certain_answer_counts_more() -> None:
    sure, unsure = block(0, 0, 20, 40, 0.99), block(0, 0, 20, 40, 0.6)
    joined = fusion.joined(sure, unsure)
    assert (joined[:, :20] > 0.9).all()
    assert (joined[:, 20:] < 0.01).all()


@given(level=st.floats(0.6, 1))
def test_two_equal_answers_are_the_answer(level: float) -> None:
    alpha_f32 = block(5, 5, 30, 30, level)
    assert np.abs(fusion.joined(alpha_f32, alpha_f32) - alpha_f32).max() <= 0.0011


@pytest.mark.parametrize(("height", "is_joined"), [(27, False), (28, True)])
def test_a_mirror_image_that_shows_another_subject_is_left_out(
    height: int, is_joined: bool
) -> None:
    plain, mirrored = block(0, 0, 10, 40), block(0, 0, 10, height)
    assert (fusion.joined(plain, mirrored) is not plain) is is_joined


def test_two_empty_answers_are_alike() -> None:
    empty = block(0, 0, 0, 0)
    assert fusion.likeness(empty, empty) == 1
    assert fusion.likeness(empty, block(3, 3, 5, 5)) == 0


def test_the_part_worth_a_nearer_look_is_the_subject_with_some_room() -> None:
    part = fusion.subject_part(block(10, 20, 20, 24), 400, 800)
    assert part is not None
    # 100 x 80 pixels at 100, 400; 12 of room.
    assert part.on(400, 800) == (88, 388, 212, 492)


def test_what_is_hardly_there_is_part_of_the_subject_only_beyond_a_level() -> None:
    weak, strong = block(10, 10, 20, 20, 0.29), block(10, 10, 20, 20, 0.31)
    assert fusion.subject_part(weak, 400, 400) is None
    assert fusion.subject_part(strong, 400, 400) is not None


@pytest.mark.parametrize(("columns", "is_worth_it"), [(36, True), (37, False), (40, False)])
def test_a_subject_that_fills_the_picture_cannot_be_seen_nearer(
    columns: int, is_worth_it: bool
) -> None:
    part = fusion.subject_part(block(0, 0, columns - 5, 40), 400, 400)
    assert (part is not None) is is_worth_it


@pytest.mark.parametrize(("side", "is_worth_it"), [(40, False), (41, True)])
def test_a_picture_without_more_pixels_has_nothing_more_to_show(
    side: int, is_worth_it: bool
) -> None:
    assert (fusion.subject_part(block(10, 10, 20, 20), side, 40) is not None) is is_worth_it


def test_room_ends_at_the_rim_of_the_picture() -> None:
    part = fusion.subject_part(block(0, 30, 20, 40), 400, 400)
    assert part is not None
    assert part.on(400, 400) == (0, 276, 224, 400)


PART = Part(0.25, 0.25, 0.75, 0.75)


def test_a_nearer_look_decides_where_the_first_was_unsure() -> None:
    first, near = block(15, 15, 25, 25), block(10, 10, 30, 30)
    first[15:25, 24], near[10:30, 28:30] = 0.5, 0.02
    refined = fusion.refined(first, near, PART)
    assert refined is not None
    assert refined.shape == near.shape
    assert (refined[12:28, 12:26] > 0.95).all()
    assert (refined[12:28, 29:] < 0.15).all()


def test_a_nearer_look_that_shows_another_subject_is_left_out() -> None:
    assert fusion.refined(block(15, 15, 25, 25), block(10, 10, 30, 16), PART) is None
    assert fusion.refined(block(15, 15, 25, 25), block(0, 0, 0, 0), PART) is None


@pytest.mark.parametrize(("rows", "is_refined"), [(16, False), (17, True), (20, True)])
def test_how_alike_both_looks_must_be(rows: int, is_refined: bool) -> None:
    whole = Part(0, 0, 1, 1)
    refined = fusion.refined(block(10, 10, 30, 30), block(10, 10, 30, 10 + rows), whole)
    assert (refined is not None) is is_refined


def test_a_nearer_look_fades_in_but_for_the_rim_of_the_picture() -> None:
    first = block(0, 10, 20, 30, 0.6)
    near = np.full((SIDE, SIDE), 0.98, np.float32)
    refined = fusion.refined(first, near, Part(0, 0.25, 0.5, 0.75))
    assert refined is not None
    inside, at_the_rim, at_the_edge = refined[20, 20], refined[20, 0], refined[20, -1]
    assert at_the_rim == pytest.approx(inside, abs=0.01)
    assert at_the_edge < inside - 0.1


def test_what_only_one_answer_shows_does_not_become_a_ghost() -> None:
    """The mirrored picture loses a helmet, yet both show the same man."""
    man, helmet = block(2, 2, 22, 38), block(28, 28, 37, 37)
    joined = fusion.joined(man + helmet, man)
    assert (joined[30:35, 30:35] > 0.9).all()
    assert (fusion.joined(man, man + helmet)[30:35, 30:35] < 0.1).all()
    refined = fusion.refined(man + helmet, man, Part(0, 0, 1, 1))
    assert refined is not None
    assert (refined[30:35, 30:35] > 0.9).all()


def test_where_answers_differ_by_an_edge_alone_both_count() -> None:
    one, other = block(5, 5, 30, 35), block(5, 5, 31, 35)
    assert np.abs(fusion.joined(one, other)[10:30, 30] - 0.5).max() < 0.01
