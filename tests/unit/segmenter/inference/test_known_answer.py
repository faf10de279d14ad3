"""The picture whose matte is known."""

import hashlib

import numpy as np
import pytest
from numpy.typing import NDArray

from segmenter.inference import known_answer


def test_the_picture_is_the_same_everywhere() -> None:
    digest = hashlib.sha256(known_answer.picture(320, 320).tobytes()).hexdigest()
    assert digest == "de478a832a0f8a1b72a977e7bb549962047345ca4463491978e69f5f2616d695"


@pytest.mark.parametrize(("height", "width"), [(8, 8), (256, 512), (1024, 1024)])
def test_it_is_drawn_at_any_size(height: int, width: int) -> None:
    picture_u8 = known_answer.picture(height, width)
    assert picture_u8.shape == (height, width, 3)
    assert picture_u8.dtype == np.uint8
    assert picture_u8.std() > 20


def matte() -> NDArray[np.float32]:
    y, x = np.mgrid[0:64, 0:64] / 63
    ball: NDArray[np.float32] = (np.hypot(y - 0.5, x - 0.5) < 0.3).astype(np.float32)
    return ball


def test_a_fingerprint_survives_text_and_matches_its_matte() -> None:
    text = known_answer.to_text(known_answer.fingerprint(matte()))
    expected = known_answer.from_text(text)
    assert len(expected) == 64
    assert known_answer.largest_difference(matte(), expected) < 1e-4


@pytest.mark.parametrize(
    "wrong", [np.zeros((64, 64)), 1 - matte(), matte()[:, ::-1].T * 0.5, np.roll(matte(), 16)]
)
def test_another_matte_is_told_apart(wrong: NDArray[np.float32]) -> None:
    expected = known_answer.fingerprint(matte())
    difference = known_answer.largest_difference(wrong.astype(np.float32), expected)
    assert difference > known_answer.TOLERANCE


def test_values_that_are_no_numbers_differ_infinitely() -> None:
    broken = matte()
    broken[5, 5] = np.nan
    assert known_answer.largest_difference(broken, known_answer.fingerprint(matte())) == np.inf


@pytest.mark.parametrize("text", ["", "1,2,3", ",".join(["0"] * 65), ",".join(["x"] * 64)])
def test_damaged_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"64|convert"):
        known_answer.from_text(text)
