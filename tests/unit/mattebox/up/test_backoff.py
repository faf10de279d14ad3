from mattebox.up.backoff import Backoff


def test_waits_double_up_to_half_a_minute() -> None:
    backoff = Backoff()

    delays_s = [backoff.delay_s(ran_s=1) for _ in range(9)]

    assert delays_s == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_a_run_of_a_minute_starts_the_waits_anew() -> None:
    backoff = Backoff()
    for _ in range(4):
        backoff.delay_s(ran_s=59.9)

    assert backoff.delay_s(ran_s=60) == 0.5
    assert backoff.delay_s(ran_s=59.9) == 1
