"""How long work takes, and how much of that is granted."""

import pytest

from segmenter.admission.pace import Pace, Patience, work_px

MP = 1_000_000


def test_before_anything_was_finished_nothing_is_known() -> None:
    assert Pace().seconds(100 * MP) == 0


def test_a_picture_alone_tells_its_own_time() -> None:
    pace = Pace()
    pace.observe(12 * MP, work_px(12 * MP), 0.25, is_busy=True)

    assert pace.seconds(work_px(12 * MP)) == pytest.approx(0.25)
    assert pace.usual_px == 12 * MP


def test_of_pictures_side_by_side_each_counts_for_all() -> None:
    pace = Pace()
    for _ in range(50):
        pace.observe(
            MP, 8 * work_px(MP), 2.0, is_busy=True
        )  # of eight in work, each takes two seconds

    assert pace.seconds(work_px(MP)) == pytest.approx(2.0 / 8)


def test_before_much_was_in_work_more_is_hoped_for() -> None:
    pace = Pace()
    pace.observe(MP, work_px(MP), 0.5, is_busy=False)

    assert pace.seconds(work_px(MP)) == pytest.approx(0.25)
    pace.observe(MP, work_px(MP), 0.5, is_busy=True)
    assert pace.seconds(work_px(MP)) == pytest.approx(0.5)


def test_a_quiet_time_makes_nobody_forget_what_many_at_a_time_came_to() -> None:
    pace = Pace()
    pace.observe(MP, 8 * work_px(MP), 0.8, is_busy=True)
    for _ in range(20):
        pace.observe(MP, work_px(MP), 0.5, is_busy=False)

    assert pace.seconds(work_px(MP)) < 0.12

    for _ in range(50):
        pace.observe(MP, 8 * work_px(MP), 4.0, is_busy=True)
    assert pace.seconds(work_px(MP)) == pytest.approx(0.5, rel=0.02)


def test_a_picture_is_more_work_than_its_pixels() -> None:
    assert work_px(0) > 0
    assert work_px(12 * MP) < 12 * work_px(MP)


class Clock:
    now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


def test_a_caller_that_is_refused_is_granted_a_quarter_for_a_while() -> None:
    clock = Clock()
    patience = Patience(16.0, clock)
    assert patience.longest_s("a") == 16

    patience.note_refusal("a")

    assert (patience.longest_s("a"), patience.longest_s("b")) == (4, 16)
    clock.now_s += 4.9
    assert patience.longest_s("a") == 4
    clock.now_s += 0.2
    assert patience.longest_s("a") == 16


def test_old_refusals_are_forgotten() -> None:
    clock = Clock()
    patience = Patience(16.0, clock)
    for number in range(1_000):
        patience.note_refusal(f"caller {number}")
        clock.now_s += 1

    assert len(patience._refused) < 10  # noqa: SLF001 - what must not grow is inside
