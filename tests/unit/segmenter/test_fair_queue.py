"""Whose turn it is."""

from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmenter.fair_queue import FairQueue


@dataclass(frozen=True, slots=True, eq=False)
class Waiter:
    caller: str
    cost: int = 10
    urgency: int = 0


def filled(*callers: str, cost: int = 10) -> FairQueue[Waiter]:
    queue: FairQueue[Waiter] = FairQueue()
    for caller in callers:
        queue.add(Waiter(caller, cost))
    return queue


def order(queue: FairQueue[Waiter]) -> str:
    return "".join(queue.pop().caller for _ in range(len(queue)))


def test_one_caller_is_served_in_the_order_of_arrival() -> None:
    waiters = [Waiter("a", cost) for cost in (30, 10, 20)]
    queue: FairQueue[Waiter] = FairQueue()
    for each in waiters:
        queue.add(each)

    assert [queue.pop() for _ in waiters] == waiters


def test_callers_take_turns() -> None:
    assert order(filled(*"aaaaabbc")) == "abcabaaa"


def test_turns_are_of_costs_not_of_numbers() -> None:
    queue = filled(*"aaa", cost=30)
    for _ in range(9):
        queue.add(Waiter("b", 10))

    assert order(queue) == "abbbabbbabbb"


def test_who_is_served_without_waiting_is_charged_for_it() -> None:
    queue: FairQueue[Waiter] = FairQueue()
    queue.charge("a", 10)
    queue.charge("a", 10)
    queue.add(Waiter("a"))
    queue.add(Waiter("b"))

    assert order(queue) == "ba"


def test_who_kept_quiet_has_saved_up_no_turns() -> None:
    queue = filled(*"ab")
    assert order(queue) == "ab"
    for _ in range(50):
        queue.charge("a", 10)
    for caller in "bbbbaaaa":
        queue.add(Waiter(caller))

    # One turn in advance is what the one in service is charged for.
    assert order(queue) == "babababa"


def test_leaving_frees_the_place_wherever_it_is() -> None:
    queue: FairQueue[Waiter] = FairQueue()
    waiters = [Waiter("a"), Waiter("a"), Waiter("b")]
    for each in waiters:
        queue.add(each)

    assert queue.remove(waiters[1])
    assert not queue.remove(waiters[1])

    assert len(queue) == 2
    assert [queue.pop(), queue.pop()] == [waiters[0], waiters[2]]
    assert queue.first() is None
    with pytest.raises(IndexError):
        queue.pop()


def test_what_is_ahead_is_those_that_are_really_started_before() -> None:
    queue = filled(*"aaaaabb")

    assert queue.ahead("a") == 70
    assert queue.ahead("b") == 50
    assert queue.ahead("c") == 20


def test_within_a_line_urgency_goes_first_and_then_arrival() -> None:
    queue: FairQueue[Waiter] = FairQueue(urgency=lambda item: item.urgency)
    waiters = [Waiter("a", urgency=urgency) for urgency in (5, 1, 5, 1)]
    for each in waiters:
        queue.add(each)
    other = Waiter("b", urgency=9)
    queue.add(other)

    assert queue.line("a") == [waiters[1], waiters[3], waiters[0], waiters[2]]
    assert queue.callers() == ["a", "b"]
    assert [queue.pop() for _ in range(5)] == [
        waiters[1],
        other,
        waiters[3],
        waiters[0],
        waiters[2],
    ]
    assert queue.line("a") == []
    assert queue.callers() == []


@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.integers(1, 40), st.sampled_from(["add", "pop"])),
        max_size=80,
    )
)
def test_callers_that_wait_get_the_same_share(steps: list[tuple[str, int, str]]) -> None:
    """The fairness theorem of start-time fair queuing.

    Over any time in which two callers always wait, what they get differs by no more than the
    largest cost of each together.
    """
    queue: FairQueue[Waiter] = FairQueue()
    served: list[tuple[frozenset[str], str, int]] = []
    waiting: Counter[str] = Counter()
    for caller, cost, step in steps:
        if step == "add" or not waiting.total():
            queue.add(Waiter(caller, cost))
            waiting[caller] += 1
        else:
            always = frozenset(name for name, count in waiting.items() if count)
            taken = queue.pop()
            waiting[taken.caller] -= 1
            served.append((always, taken.caller, taken.cost))
    assert len(queue) == waiting.total()
    for begin in range(len(served)):
        got: Counter[str] = Counter()
        both = served[begin][0]
        for always, caller, cost in served[begin:]:
            both &= always
            got[caller] += cost
            for one in both:
                for other in both:
                    assert got[one] - got[other] <= 80


def test_callers_that_are_served_on_forget_those_that_have_gone() -> None:
    queue: FairQueue[Waiter] = FairQueue()
    for number in range(1_000):
        queue.charge(f"caller {number}", 10)
        queue.charge("regular", 10)

    assert len(queue._lines) < 10  # noqa: SLF001 - what must not grow is inside


def test_at_rest_everybody_is_forgotten() -> None:
    queue: FairQueue[Waiter] = FairQueue()
    queue.charge("a", 10)

    queue.rest()

    queue.add(Waiter("a"))
    queue.add(Waiter("b"))
    assert order(queue) == "ab"
