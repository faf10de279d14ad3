"""Who has to go where the queue is full."""

import asyncio

from segmenter.admission.waiting import Room, Waiter, whom_to_push_out
from segmenter.fair_queue import FairQueue

WIDE = Room(100, 10_000)


def waiter(caller: str, pixels: int = 10) -> Waiter:
    loop = asyncio.new_event_loop()
    try:
        return Waiter(caller, pixels, 1, loop.create_future())
    finally:
        loop.close()


def filled(*waiters: Waiter) -> FairQueue[Waiter]:
    queue: FairQueue[Waiter] = FairQueue()
    for each in waiters:
        queue.add(each)
    return queue


def test_room_is_there_up_to_the_last_place_and_pixel() -> None:
    queue = filled(*(waiter("a") for _ in range(3)))

    assert whom_to_push_out(queue, "a", 10, Room(4, 40)) == []
    assert whom_to_push_out(queue, "a", 10, Room(3, 40)) is None
    assert whom_to_push_out(queue, "a", 11, Room(4, 40)) is None


def test_the_last_of_the_caller_with_most_has_to_go() -> None:
    waiters = [waiter(caller) for caller in "aaaabb"]
    queue = filled(*waiters)

    assert whom_to_push_out(queue, "c", 10, Room(6, 1_000)) == [waiters[3]]
    assert whom_to_push_out(queue, "c", 25, Room(100, 70)) == [waiters[3], waiters[2]]
    assert len(queue) == 6


def test_nobody_has_to_go_for_a_caller_that_would_have_as_much() -> None:
    queue = filled(*(waiter(caller) for caller in "aaaabbb"))

    assert whom_to_push_out(queue, "b", 10, Room(7, 1_000)) is None


def test_an_empty_queue_has_no_room_for_more_than_there_is() -> None:
    assert whom_to_push_out(filled(), "a", 10, Room(1, 10)) == []
    assert whom_to_push_out(filled(), "a", 11, Room(1, 10)) is None
