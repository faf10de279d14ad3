import pytest

from mattebox.up.backoff import Backoff


def test_a_child_that_served_starts_again_at_once_and_never_waits_for_long() -> None:
    backoff = Backoff()

    delays_s = [backoff.delay_s(up_s=1) for _ in range(8)]

    assert delays_s == [0, 0.5, 1, 2, 4, 4, 4, 4]


def test_one_that_does_not_come_up_waits_for_up_to_half_a_minute() -> None:
    backoff = Backoff()

    delays_s = [backoff.delay_s(up_s=0) for _ in range(10)]

    assert delays_s == [0, 0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_one_that_comes_up_at_last_waits_no_longer_than_any_that_served() -> None:
    backoff = Backoff()
    for _ in range(10):
        backoff.delay_s(up_s=0)

    assert backoff.delay_s(up_s=1) == 4
    assert backoff.delay_s(up_s=0) == 8


@pytest.mark.parametrize("failed_starts", [0, 10])
def test_half_a_minute_of_service_starts_the_waits_anew(failed_starts: int) -> None:
    backoff = Backoff()
    for up_s in [29.9] * 4 + [0] * failed_starts:
        backoff.delay_s(up_s)

    assert backoff.delay_s(up_s=30) == 0
    assert backoff.delay_s(up_s=29.9) == 0.5
