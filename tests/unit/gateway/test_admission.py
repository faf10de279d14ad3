import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.admission import ByteBudget
from gateway.errors import BadRequestError, OverloadedError


def test_reservations_fill_the_budget_to_the_byte() -> None:
    budget = ByteBudget(10)

    with budget.reserve(6), budget.reserve(4):
        assert budget.reserved_bytes == 10
        with pytest.raises(OverloadedError), budget.reserve(1):
            pass
    assert budget.reserved_bytes == 0


def test_a_failure_gives_the_bytes_back() -> None:
    budget = ByteBudget(10)

    with pytest.raises(BadRequestError), budget.reserve(10):
        raise BadRequestError

    assert budget.reserved_bytes == 0


def test_a_reservation_follows_what_is_held_even_beyond_the_budget() -> None:
    budget = ByteBudget(10)

    with budget.reserve(2) as reservation:
        reservation.resize(50)
        assert budget.reserved_bytes == 50
        with pytest.raises(OverloadedError), budget.reserve(0):
            pass
        reservation.resize(1)
        assert budget.reserved_bytes == 1
    assert budget.reserved_bytes == 0


def test_a_reservation_grows_to_the_budget_and_not_past_it() -> None:
    budget = ByteBudget(10)

    with budget.reserve(2) as reservation:
        reservation.grow(10)
        with pytest.raises(OverloadedError):
            reservation.grow(11)
        assert budget.reserved_bytes == 10


def test_a_reservation_shrinks_even_where_the_budget_is_exceeded() -> None:
    budget = ByteBudget(10)

    with budget.reserve(2) as reservation:
        reservation.resize(50)
        reservation.grow(40)

        assert budget.reserved_bytes == 40


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12))))
def test_whatever_is_reserved_is_given_back(steps: list[tuple[int, int]]) -> None:
    budget = ByteBudget(10)
    for amount, size in steps:
        try:
            with budget.reserve(amount) as reservation:
                reservation.resize(size)
        except OverloadedError:
            assert amount > 10

    assert budget.reserved_bytes == 0
