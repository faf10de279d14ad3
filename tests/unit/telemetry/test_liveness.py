import asyncio
import threading

from telemetry.liveness import loop_answers


async def test_a_loop_that_turns_answers() -> None:
    check = loop_answers(asyncio.get_running_loop(), within_s=10)

    assert await asyncio.to_thread(check) is True


async def test_a_loop_that_is_held_up_does_not() -> None:
    check = loop_answers(asyncio.get_running_loop(), within_s=0.01)
    answers: list[bool] = []
    asker = threading.Thread(target=lambda: answers.append(check()))

    asker.start()
    asker.join()  # holds up the loop, which is the point

    assert answers == [False]


def test_a_loop_that_is_closed_does_not() -> None:
    loop = asyncio.new_event_loop()
    loop.close()

    assert loop_answers(loop)() is False
