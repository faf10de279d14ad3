"""How lossless composites are made."""

from pathlib import Path

import numpy as np
import pytest
from benchmarks.quality.cases import rgba_u8
from benchmarks.quality.metrics import composited
from benchmarks.quality.pasted import over_photo_u8, pasted_cases, placing
from PIL import Image


def test_a_subject_gets_room_on_all_sides() -> None:
    alpha = np.zeros((40, 60), np.uint8)
    alpha[5:35, 5:55] = 255
    place = placing(alpha, 10)
    assert (place.canvas, place.left, place.top) == ((80, 60), 10, 10)


def test_a_side_that_cuts_the_subject_off_stays_at_the_rim() -> None:
    alpha = np.zeros((40, 60), np.uint8)
    alpha[10:, 10:50] = 255
    place = placing(alpha, 10)
    assert (place.canvas, place.left, place.top) == ((80, 50), 10, 10)


@pytest.mark.parametrize(("touching_px", "room_px"), [(10, 10), (11, 0)])
def test_a_subject_may_touch_a_quarter_of_a_side(touching_px: int, room_px: int) -> None:
    alpha = np.zeros((40, 40), np.uint8)
    alpha[:touching_px, 0] = 128
    assert placing(alpha, 10).left == room_px


def test_a_composite_is_rounded_to_the_nearest_level() -> None:
    subject = np.array([[[200, 100, 50, 128], [9, 9, 9, 0]]], np.uint8)
    photo = np.array([[[255, 255, 255], [1, 2, 3]]], np.uint8)
    assert over_photo_u8(subject, photo).tolist() == [[[227, 177, 152], [1, 2, 3]]]


@pytest.fixture
def small_set(tmp_path: Path) -> Path:
    """A quality set of two cut-outs and three backgrounds, all of them noise."""
    noise = np.random.default_rng(7)
    for folder in ("foregrounds_rgba", "backgrounds"):
        (tmp_path / folder).mkdir()
    for number in range(2):
        rgba = noise.integers(0, 256, (50, 60, 4), np.uint8)
        rgba[0] = rgba[-1] = rgba[:, 0] = rgba[:, -1] = 0
        Image.fromarray(rgba).save(tmp_path / "foregrounds_rgba" / f"subject{number}.png")
    for number in range(3):
        rgb = noise.integers(0, 256, (90, 120, 3), np.uint8)
        Image.fromarray(rgb).save(tmp_path / "backgrounds" / f"lomiri_ground{number}_by.jpg")
    return tmp_path


def test_every_subject_lies_on_two_grounds_under_names_of_their_own(small_set: Path) -> None:
    cases = list(pasted_cases(small_set, small_set / "out"))
    assert [case.subject for case in cases] == ["subject0", "subject0", "subject1", "subject1"]
    assert len({case.name for case in cases}) == 4


def test_what_is_known_of_a_composite_explains_its_pixels(small_set: Path) -> None:
    for case in pasted_cases(small_set, small_set / "out"):
        truth = case.true_rgba_u8()
        photo = case.photo_rgb_u8()
        assert truth.shape[:2] == photo.shape[:2] == case.true_alpha_f32().shape
        opaque = truth[..., 3] == 255
        assert np.array_equal(photo[opaque], truth[..., :3][opaque])
        # Over itself, where the subject is missing, the composite is what it was.
        empty = truth[..., 3] == 0
        assert composited(truth, photo, empty) == pytest.approx(photo[empty])


def test_composites_are_the_same_each_time(small_set: Path) -> None:
    first = [rgba_u8(case.image) for case in pasted_cases(small_set, small_set / "one")]
    again = [rgba_u8(case.image) for case in pasted_cases(small_set, small_set / "two")]
    assert all(np.array_equal(one, two) for one, two in zip(first, again, strict=True))
