"""What is measured of a matte."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmenter.imaging.crop import Box
from segmenter.imaging.facts import Facts, facts_of, is_found
from segmenter.imaging.matte import Matte


def matte(*rows: list[int]) -> Matte:
    return Matte(np.array(rows, np.uint8), foreground_found=True)


def test_the_box_of_a_matte_of_full_size_is_that_of_its_visible_pixels() -> None:
    facts = facts_of(matte([0, 0, 0], [0, 1, 0], [0, 0, 255]), 3, 3)
    assert facts.subject == Box(1, 1, 3, 3)
    assert facts.foreground_found


def test_nothing_visible_is_nothing_found() -> None:
    assert facts_of(matte([0, 0]), 9, 9) == Facts(foreground_found=False)


@pytest.mark.parametrize(
    ("alpha", "by_network", "found"),
    [(0, True, False), (1, True, True), (255, True, True), (0, False, False), (9, False, False)],
)
def test_it_is_found_alike_with_all_facts_and_alone(
    alpha: int, by_network: bool, found: bool
) -> None:
    judged = Matte(np.array([[0, alpha]], np.uint8), foreground_found=by_network)
    assert is_found(judged) is found
    assert facts_of(judged, 2, 1).foreground_found is found


@pytest.mark.parametrize(
    ("alpha", "uncertainty"), [(25, 0.0), (26, 0.5), (128, 0.5), (229, 0.5), (230, 0.0)]
)
def test_uncertain_are_alphas_of_a_tenth_to_nine_tenths_of_what_is_visible(
    alpha: int, uncertainty: float
) -> None:
    assert facts_of(matte([0, alpha, 255, 0]), 4, 1).uncertainty == uncertainty


@given(
    full=st.tuples(st.integers(1, 60), st.integers(1, 60)),
    share=st.tuples(st.floats(0.05, 1), st.floats(0.05, 1)),
    place=st.tuples(st.floats(0, 0.999), st.floats(0, 0.999)),
)
def test_a_box_holds_all_that_a_smaller_matte_shows(
    full: tuple[int, int], share: tuple[float, float], place: tuple[float, float]
) -> None:
    width, height = (max(1, int(side * part)) for side, part in zip(full, share, strict=True))
    x, y = int(place[0] * width), int(place[1] * height)
    alpha_u8 = np.zeros((height, width), np.uint8)
    alpha_u8[y, x] = 255
    box = facts_of(Matte(alpha_u8, foreground_found=True), *full).subject
    assert box is not None
    assert 0 <= box.left <= x * full[0] / width < (x + 1) * full[0] / width <= box.right <= full[0]
    assert (
        0 <= box.top <= y * full[1] / height < (y + 1) * full[1] / height <= box.bottom <= full[1]
    )
    assert box.left > x * full[0] / width - 1
    assert box.right < (x + 1) * full[0] / width + 1
