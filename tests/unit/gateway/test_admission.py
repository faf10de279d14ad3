import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.admission import ByteBudget
from gateway.errors import BadRequestError, OverloadedError


def test_a_holder_alone_gets_three_quarters_to_the_byte() -> None:
    budget = ByteBudget(100)

    with budget.reserve("key", 60), budget.reserve("key", 15):
        assert budget.reserved_bytes == 75
        with pytest.raises(OverloadedError), budget.reserve("key", 1):
            pass
    assert budget.reserved_bytes == 0


def test_what_one_holder_leaves_others_can_have() -> None:
    budget = ByteBudget(100)

    with budget.reserve("greedy", 75), budget.reserve("modest", 18):
        with pytest.raises(OverloadedError), budget.reserve("modest", 1):
            pass
        with budget.reserve("third", 5):
            assert budget.reserved_bytes == 98


def test_the_more_holders_there_are_the_less_each_may_have() -> None:
    budget = ByteBudget(100)

    with budget.reserve("one", 40):
        assert budget.fits("other", 45)
        assert not budget.fits("other", 46)
        assert budget.fits("one", 35)
        assert not budget.fits("one", 36)


def test_a_failure_gives_the_bytes_back() -> None:
    budget = ByteBudget(100)

    with pytest.raises(BadRequestError), budget.reserve("key", 10):
        raise BadRequestError

    assert budget.reserved_bytes == 0
    assert budget.fits("key", 75)


def test_a_reservation_follows_what_is_held_even_beyond_the_budget() -> None:
    budget = ByteBudget(10)

    with budget.reserve("key", 2) as reservation:
        reservation.resize(50)
        assert budget.reserved_bytes == 50
        with pytest.raises(OverloadedError), budget.reserve("other", 0):
            pass
        reservation.resize(1)
        assert budget.reserved_bytes == 1
    assert budget.reserved_bytes == 0


def test_a_reservation_grows_to_its_share_and_not_past_it() -> None:
    budget = ByteBudget(100)

    with budget.reserve("key", 2) as reservation:
        reservation.grow(75)
        with pytest.raises(OverloadedError):
            reservation.grow(76)
        assert budget.reserved_bytes == 75


def test_a_reservation_goes_over_to_another_holder_and_its_share() -> None:
    budget = ByteBudget(100)

    with budget.reserve("strangers", 40) as reservation, budget.reserve("key", 15):
        reservation.belong_to("key")
        assert budget.reserved_bytes == 55
        with pytest.raises(OverloadedError), budget.reserve("key", 21):
            pass
        with budget.reserve("strangers", 30):
            pass
    assert budget.reserved_bytes == 0
    assert budget.fits("key", 75)


def test_a_reservation_that_finds_no_room_with_its_new_holder_is_given_back() -> None:
    budget = ByteBudget(100)

    with budget.reserve("key", 70), budget.reserve("strangers", 10) as reservation:
        with pytest.raises(OverloadedError):
            reservation.belong_to("key")
        assert budget.reserved_bytes == 70


def test_a_reservation_shrinks_even_where_the_budget_is_exceeded() -> None:
    budget = ByteBudget(10)

    with budget.reserve("key", 2) as reservation:
        reservation.resize(50)
        reservation.grow(40)

        assert budget.reserved_bytes == 40


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 12), st.integers(0, 12)), max_size=30)
)
def test_whatever_is_reserved_is_given_back(steps: list[tuple[str, int, int]]) -> None:
    budget = ByteBudget(12)
    for holder, amount, size in steps:
        try:
            with budget.reserve(holder, amount) as reservation:
                reservation.resize(size)
        except OverloadedError:
            assert amount > 9

    assert budget.reserved_bytes == 0
    assert budget.fits("a", 9)
