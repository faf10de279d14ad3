"""What fits in beside what is in work."""

import pytest

from segmenter.admission.in_work import InWork
from segmenter.admission.pace import work_px


def test_pictures_fit_in_to_the_pixel() -> None:
    in_work = InWork(10)
    in_work.begin(6)

    assert in_work.fits(4)
    assert not in_work.fits(5)


def test_one_larger_than_the_budget_fits_in_alone() -> None:
    in_work = InWork(10)
    assert in_work.fits(11)
    in_work.begin(1)
    assert not in_work.fits(11)


def test_what_ends_is_counted_off_exactly() -> None:
    in_work = InWork(10)
    for pixels in (3, 4):
        in_work.begin(pixels)
    assert (in_work.pixels, in_work.work_px) == (7, work_px(3) + work_px(4))
    for pixels in (4, 3):
        in_work.end(pixels)
    assert (in_work.pixels, in_work.work_px, in_work.is_busy) == (0, 0, False)


@pytest.mark.parametrize(("pictures", "is_busy"), [([4], False), ([5], True), ([1, 4], True)])
def test_half_the_budget_is_busy(pictures: list[int], is_busy: bool) -> None:
    in_work = InWork(10)
    for pixels in pictures:
        in_work.begin(pixels)

    assert in_work.is_busy is is_busy


@pytest.mark.parametrize(("count", "is_busy"), [(7, False), (8, True)])
def test_eight_pictures_are_busy(count: int, is_busy: bool) -> None:
    in_work = InWork(1_000)
    for _ in range(count):
        in_work.begin(1)

    assert in_work.is_busy is is_busy
