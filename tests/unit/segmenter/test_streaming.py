"""Many items on one stream."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from segmenter.streaming import ItemStream
from tests.waiting import settle


class Desk:
    """Works on items until each is told to finish, and counts how many it was handed."""

    def __init__(self) -> None:
        self.read = 0
        self.working: set[int] = set()
        self.cancelled: set[int] = set()
        self._finish: dict[int, asyncio.Event] = {}

    async def items(self, count: int) -> AsyncIterator[int]:
        for number in range(count):
            self.read += 1
            yield number

    async def answer(self, number: int) -> str:
        self.working.add(number)
        try:
            await self._finish.setdefault(number, asyncio.Event()).wait()
        except asyncio.CancelledError:
            self.cancelled.add(number)
            raise
        finally:
            self.working.discard(number)
        if number < 0:
            raise ValueError(number)
        return f"answer {number}"

    def finish(self, *numbers: int) -> None:
        for number in numbers:
            self._finish.setdefault(number, asyncio.Event()).set()


async def test_answers_come_as_they_finish() -> None:
    desk = Desk()
    answers = ItemStream(desk.answer, 8).answers(desk.items(3))
    desk.finish(2)
    assert await anext(answers) == "answer 2"
    desk.finish(0)
    assert await anext(answers) == "answer 0"
    desk.finish(1)
    assert [answer async for answer in answers] == ["answer 1"]


async def test_an_empty_stream_ends() -> None:
    desk = Desk()
    assert [answer async for answer in ItemStream(desk.answer, 8).answers(desk.items(0))] == []


async def test_no_item_is_read_beyond_the_unanswered_ones() -> None:
    desk = Desk()
    answers = ItemStream(desk.answer, 4).answers(desk.items(10))
    first = asyncio.ensure_future(anext(answers))
    await settle()
    assert desk.working == {0, 1, 2, 3}
    assert desk.read == 4
    desk.finish(0)
    await first
    await settle()
    assert desk.read == 4, "an answer that is not taken yet still counts"
    desk.finish(*range(1, 10))
    assert len([answer async for answer in answers]) == 9


async def test_a_failing_source_ends_the_stream_and_cancels_the_work() -> None:
    desk = Desk()

    async def broken() -> AsyncIterator[int]:
        yield 1
        await settle()
        raise ConnectionError

    with pytest.raises(ConnectionError):
        async for _ in ItemStream(desk.answer, 8).answers(broken()):
            pytest.fail("nothing was answered")
    assert desk.cancelled == {1}


async def test_a_failing_answer_ends_the_stream_and_cancels_the_rest() -> None:
    desk = Desk()

    async def items() -> AsyncIterator[int]:
        yield -1
        yield 1

    desk.finish(-1)
    with pytest.raises(ValueError, match="-1"):
        async for _ in ItemStream(desk.answer, 8).answers(items()):
            pytest.fail("nothing was answered")
    assert not desk.working


async def test_closing_the_answers_cancels_the_work() -> None:
    desk = Desk()
    answers = ItemStream(desk.answer, 8).answers(desk.items(5))
    desk.finish(0)
    await anext(answers)
    await answers.aclose()
    assert desk.cancelled == {1, 2, 3, 4}
