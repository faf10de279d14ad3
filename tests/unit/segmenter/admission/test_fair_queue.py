"""Whose turn it is."""

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmenter.admission.fair_queue import FairQueue, Waiter

MOST, MOST_PX = 100, 10_000


def waiter(caller: str, cost_px: int = 10) -> Waiter:
    loop = asyncio.new_event_loop()
    try:
        return Waiter(caller, cost_px, loop.create_future())
    finally:
        loop.close()


def filled(*callers: str, cost_px: int = 10) -> FairQueue:
    queue = FairQueue()
    for caller in callers:
        queue.add(waiter(caller, cost_px))
    return queue


def order(queue: FairQueue) -> str:
    return "".join(queue.pop().caller for _ in range(len(queue)))


def test_one_caller_is_served_in_the_order_of_arrival() -> None:
    waiters = [waiter("a", cost_px) for cost_px in (30, 10, 20)]
    queue = FairQueue()
    for each in waiters:
        queue.add(each)

    assert [queue.pop() for _ in waiters] == waiters


def test_callers_take_turns() -> None:
    assert order(filled(*"aaaaabbc")) == "abcabaaa"


def test_turns_are_of_pixels_not_of_pictures() -> None:
    queue = filled(*"aaa", cost_px=30)
    for _ in range(9):
        queue.add(waiter("b", 10))

    assert order(queue) == "abbbabbbabbb"


def test_who_is_served_without_waiting_is_charged_for_it() -> None:
    queue = FairQueue()
    queue.charge("a", 10)
    queue.charge("a", 10)
    queue.add(waiter("a"))
    queue.add(waiter("b"))

    assert order(queue) == "ba"


def test_who_kept_quiet_has_saved_up_no_turns() -> None:
    queue = filled(*"ab")
    assert order(queue) == "ab"
    for _ in range(50):
        queue.charge("a", 10)
    for caller in "bbbbaaaa":
        queue.add(waiter(caller))

    # One turn in advance is what the one in service is charged for.
    assert order(queue) == "babababa"


def test_leaving_frees_the_place_wherever_it_is() -> None:
    queue = FairQueue()
    waiters = [waiter("a"), waiter("a"), waiter("b")]
    for each in waiters:
        queue.add(each)

    assert queue.remove(waiters[1])
    assert not queue.remove(waiters[1])

    assert (len(queue), queue.waiting_px) == (2, 20)
    assert [queue.pop(), queue.pop()] == [waiters[0], waiters[2]]
    assert queue.first() is None
    with pytest.raises(IndexError):
        queue.pop()


def test_pixels_ahead_are_those_that_are_really_started_before() -> None:
    queue = filled(*"aaaaabb")

    assert queue.ahead_px("a") == 70
    assert queue.ahead_px("b") == 50
    assert queue.ahead_px("c") == 20


def test_room_is_there_up_to_the_last_place_and_pixel() -> None:
    queue = filled(*"aaa")

    assert queue.whom_to_push_out("a", 10, most=4, most_px=40) == []
    assert queue.whom_to_push_out("a", 10, most=3, most_px=40) is None
    assert queue.whom_to_push_out("a", 11, most=4, most_px=40) is None


def test_the_last_in_the_longest_line_has_to_go() -> None:
    queue = FairQueue()
    waiters = [waiter(caller) for caller in "aaaabb"]
    for each in waiters:
        queue.add(each)

    assert queue.whom_to_push_out("c", 10, most=6, most_px=MOST_PX) == [waiters[3]]
    assert queue.whom_to_push_out("c", 25, MOST, most_px=70) == [waiters[3], waiters[2]]


def test_nobody_has_to_go_for_a_line_that_would_be_as_long() -> None:
    queue = filled(*"aaaabbb")

    assert queue.whom_to_push_out("b", 10, most=7, most_px=MOST_PX) is None


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
    queue = FairQueue()
    served: list[tuple[frozenset[str], str, int]] = []
    waiting: Counter[str] = Counter()
    for caller, cost_px, step in steps:
        if step == "add" or not waiting.total():
            queue.add(waiter(caller, cost_px))
            waiting[caller] += 1
        else:
            always = frozenset(name for name, count in waiting.items() if count)
            taken = queue.pop()
            waiting[taken.caller] -= 1
            served.append((always, taken.caller, taken.cost_px))
    assert len(queue) == waiting.total()
    for begin in range(len(served)):
        got: Counter[str] = Counter()
        both = served[begin][0]
        for always, caller, cost_px in served[begin:]:
            both &= always
            got[caller] += cost_px
            for one in both:
                for other in both:
                    assert got[one] - got[other] <= 80


def test_callers_that_are_served_on_forget_those_that_have_gone() -> None:
    queue = FairQueue()
    for number in range(1_000):
        queue.charge(f"caller {number}", 10)
        queue.charge("regular", 10)

    assert len(queue._lines) < 10  # noqa: SLF001 - what must not grow is inside


def test_at_rest_everybody_is_forgotten() -> None:
    queue = FairQueue()
    queue.charge("a", 10)

    queue.rest()

    queue.add(waiter("a"))
    queue.add(waiter("b"))
    assert order(queue) == "ab"
