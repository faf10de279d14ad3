import pytest

from bounds import Share, SharedBytes, limit_for, most_for_one


def test_there_is_room_to_the_byte() -> None:
    shared = SharedBytes(100)
    shared.count("one", 60)

    assert shared.has_room(40)
    assert not shared.has_room(41)


def test_a_holder_leaves_a_third_of_what_it_has() -> None:
    shared = SharedBytes(100)

    assert shared.is_fair("one", 75)
    assert not shared.is_fair("one", 76)
    shared.count("other", 40)
    assert shared.is_fair("one", 45)
    assert not shared.is_fair("one", 46)


def test_beyond_the_limit_nothing_is_fair() -> None:
    shared = SharedBytes(100)
    shared.count("one", 101)

    assert not shared.is_fair("other", 0)


def test_a_share_counts_for_its_holder_as_long_as_it_is_something() -> None:
    shared = SharedBytes(100)
    share = Share(shared, "one")
    assert not shared.holds_any("one")

    share.resize(150)
    assert (shared.held_bytes, shared.holds_any("one")) == (150, True)
    share.resize(0)

    assert (shared.held_bytes, shared.holds_any("one")) == (0, False)


@pytest.mark.parametrize("amount_bytes", [1, 2, 3, 75, 76, 1_000_003])
def test_the_least_limit_lets_one_holder_have_so_many_and_one_less_does_not(
    amount_bytes: int,
) -> None:
    limit_bytes = limit_for(amount_bytes)

    assert SharedBytes(limit_bytes).is_fair("one", amount_bytes)
    assert not SharedBytes(limit_bytes - 1).is_fair("one", amount_bytes)


@pytest.mark.parametrize("limit_bytes", [0, 1, 2, 3, 4, 5, 99, 100, 101, 2**28])
def test_the_most_for_one_is_what_is_fair_of_all(limit_bytes: int) -> None:
    shared = SharedBytes(limit_bytes)

    assert shared.is_fair("one", most_for_one(limit_bytes))
    assert not shared.is_fair("one", most_for_one(limit_bytes) + 1)
