"""Deadlines."""

import pytest

from segmenter.deadline import Deadline
from segmenter.errors import DeadlinePassedError


def test_a_deadline_ahead_lets_work_go_on() -> None:
    deadline = Deadline.after(60)
    deadline.check()
    assert 59 < deadline.remaining_s <= 60


def test_a_passed_deadline_stops_it() -> None:
    deadline = Deadline.after(0)
    with pytest.raises(DeadlinePassedError):
        deadline.check()
    assert deadline.remaining_s <= 0


def test_the_earlier_deadline_sorts_first() -> None:
    early, late = Deadline(1.0), Deadline(2.0)
    assert min(late, early) is early
