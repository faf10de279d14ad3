"""How many bytes all callers hold, and each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmenter.admission.held_bytes import HeldBytes
from segmenter.errors import OverloadedError


def test_the_first_call_of_a_caller_may_hold_all() -> None:
    held = HeldBytes(1_000)
    with held.hold("one", 1_000):
        assert held.total == 1_000
        with pytest.raises(OverloadedError), held.hold("other", 1):
            pytest.fail("was held")
    assert held.total == 0


def test_one_byte_too_many_is_refused_and_counts_for_nothing() -> None:
    held = HeldBytes(1_000)
    with pytest.raises(OverloadedError), held.hold("one", 1_001):
        pytest.fail("was held")
    assert held.total == 0


def test_a_caller_alone_may_hold_three_quarters() -> None:
    held = HeldBytes(1_000)
    with held.hold("one", 400), held.hold("one", 350):
        assert held.total == 750
    with (
        held.hold("one", 400),
        pytest.raises(OverloadedError),
        held.hold("one", 351),
    ):
        pytest.fail("was held")
    assert held.total == 0


def test_what_one_caller_holds_leaves_room_for_another() -> None:
    held = HeldBytes(1_000)
    with held.hold("one", 400), held.hold("one", 350), held.hold("other", 250):
        assert held.total == 1_000


def test_the_more_callers_there_are_the_less_each_may_hold() -> None:
    held = HeldBytes(1_000)
    with held.hold("one", 1), held.hold("other", 400):
        held.check("one", 449)
        with pytest.raises(OverloadedError):
            held.check("one", 450)


def test_what_is_held_may_change_and_then_exceed_the_limit() -> None:
    held = HeldBytes(1_000)
    with held.hold("one", 400) as hold:
        hold.resize(1_001)
        assert held.total == 1_001
        with pytest.raises(OverloadedError), held.hold("other", 0):
            pytest.fail("was held")
        hold.resize(1_000)
        with held.hold("other", 0):
            assert held.total == 1_000
    assert held.total == 0


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(0, 1_500), st.integers(0, 1_500)), max_size=30
    )
)
def test_whatever_happens_everything_is_given_back(steps: list[tuple[str, int, int]]) -> None:
    held = HeldBytes(1_000)
    for caller, encoded_bytes, later_bytes in steps:
        try:
            with held.hold(caller, encoded_bytes) as hold:
                assert held.total == encoded_bytes <= 1_000
                hold.resize(later_bytes)
        except OverloadedError:
            assert encoded_bytes > 1_000
    assert held.total == 0


def test_rest_counts_from_when_the_last_call_ended() -> None:
    now_s = 100.0
    held = HeldBytes(1_000, clock=lambda: now_s)
    now_s += 3
    assert held.idle_s == 3  # nobody has called yet
    with held.hold("one", 1):
        now_s += 5
        with held.hold("other", 1):
            now_s += 5
            assert held.idle_s == 0
        now_s += 5
        assert held.idle_s == 0
    assert held.idle_s == 0
    now_s += 7
    assert held.idle_s == 7
    with pytest.raises(OverloadedError), held.hold("one", 1_001):
        pytest.fail("was held")
    assert held.idle_s == 7  # a call that is refused is no work
