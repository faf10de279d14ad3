import asyncio
from collections.abc import AsyncIterator

import pytest

from mattebox.client import (
    ApiError,
    ConnectionFailedError,
    CutOut,
    InvalidBgColorError,
    InvalidImageError,
    MatteboxError,
    TimedOutError,
)
from mattebox.remove.stream import StreamRemover
from tests.unit.mattebox.remove.fakes import cut_out
from tests.waiting import settle

PATIENCE_S = 60.0

Pictures = AsyncIterator[tuple[str, bytes]]
Answers = AsyncIterator[tuple[str, CutOut | ApiError]]


async def answering(pictures: Pictures) -> Answers:
    async for name, image in pictures:
        yield name, InvalidImageError("no") if image == b"bad" else cut_out(image.upper())


class Held:
    """A stream whose answers the test gives."""

    def __init__(self) -> None:
        self.opened = 0
        self.names: dict[bytes, str] = {}
        self.answers: asyncio.Queue[tuple[str, CutOut] | MatteboxError | None] = asyncio.Queue()

    async def __call__(self, pictures: Pictures) -> Answers:
        self.opened += 1
        taking = asyncio.create_task(self._take(pictures))
        try:
            while (answer := await self.answers.get()) is not None:
                if isinstance(answer, MatteboxError):
                    raise answer
                yield answer
        finally:
            taking.cancel()

    async def _take(self, pictures: Pictures) -> None:
        async for name, image in pictures:
            self.names[image] = name


@pytest.fixture
async def held() -> Held:
    return Held()


async def test_each_gets_the_answer_to_its_own_picture() -> None:
    remover = StreamRemover(answering, PATIENCE_S)

    answers = await asyncio.gather(
        *(remover.remove(image) for image in (b"a", b"bad", b"c")), return_exceptions=True
    )

    assert answers[0] == cut_out(b"A")
    assert isinstance(answers[1], InvalidImageError)
    assert answers[2] == cut_out(b"C")
    await remover.aclose()


async def test_answers_come_in_any_order_over_one_stream(held: Held) -> None:
    remover = StreamRemover(held, PATIENCE_S)
    first, second = (asyncio.create_task(remover.remove(image)) for image in (b"1", b"2"))
    await settle()

    held.answers.put_nowait((held.names[b"2"], cut_out(b"two")))
    held.answers.put_nowait((held.names[b"1"], cut_out(b"one")))

    assert (await first).image == b"one"
    assert (await second).image == b"two"
    assert held.opened == 1
    await remover.aclose()


@pytest.mark.parametrize("end", [None, ConnectionFailedError("broke")])
async def test_a_stream_that_breaks_fails_all_and_the_next_opens_another(
    held: Held, end: ConnectionFailedError | None
) -> None:
    remover = StreamRemover(held, PATIENCE_S)
    tasks = [asyncio.create_task(remover.remove(image)) for image in (b"1", b"2")]
    await settle()
    held.answers.put_nowait(end)

    for failed in await asyncio.gather(*tasks, return_exceptions=True):
        assert isinstance(failed, ConnectionFailedError)

    task = asyncio.create_task(remover.remove(b"3"))
    await settle()
    held.answers.put_nowait((held.names[b"3"], cut_out(b"three")))
    assert (await task).image == b"three"
    assert held.opened == 2
    await remover.aclose()


async def test_one_that_gave_up_is_no_matter_to_the_others(held: Held) -> None:
    remover = StreamRemover(held, PATIENCE_S)
    leaving, staying = (asyncio.create_task(remover.remove(image)) for image in (b"1", b"2"))
    await settle()
    leaving.cancel()
    await settle()

    held.answers.put_nowait((held.names[b"1"], cut_out(b"one")))
    held.answers.put_nowait((held.names[b"2"], cut_out(b"two")))

    assert (await staying).image == b"two"
    await remover.aclose()


async def test_an_answer_to_one_that_gives_up_at_that_moment_is_no_matter(held: Held) -> None:
    remover = StreamRemover(held, PATIENCE_S)
    leaving, staying = (asyncio.create_task(remover.remove(image)) for image in (b"1", b"2"))
    await settle()

    held.answers.put_nowait((held.names[b"1"], cut_out(b"one")))
    held.answers.put_nowait((held.names[b"2"], cut_out(b"two")))
    leaving.cancel()

    assert (await staying).image == b"two"
    await remover.aclose()


async def test_closing_ends_what_is_under_way(held: Held) -> None:
    remover = StreamRemover(held, PATIENCE_S)
    task = asyncio.create_task(remover.remove(b"1"))
    await settle()

    await remover.aclose()

    with pytest.raises(ConnectionFailedError):
        await task
    await StreamRemover(held, PATIENCE_S).aclose()  # one that was never used


async def test_what_is_wrong_with_all_pictures_is_told_as_such(held: Held) -> None:
    remover = StreamRemover(held, PATIENCE_S)
    held.answers.put_nowait(InvalidBgColorError("no colour"))

    with pytest.raises(InvalidBgColorError):
        await remover.remove(b"1")


async def test_a_stream_on_which_nothing_comes_any_more_is_left_for_another(held: Held) -> None:
    remover = StreamRemover(held, 0.01)

    for opened in (1, 2):
        with pytest.raises(TimedOutError):
            await remover.remove(b"1")
        assert held.opened == opened
    await remover.aclose()


async def test_one_that_takes_long_does_not_end_a_stream_that_gives_answers(held: Held) -> None:
    remover = StreamRemover(held, 0.05)
    slow = asyncio.create_task(remover.remove(b"slow"))
    await settle()
    quick = asyncio.create_task(remover.remove(b"quick"))
    await settle()
    held.answers.put_nowait((held.names[b"quick"], cut_out(b"quick")))
    assert (await quick).image == b"quick"

    with pytest.raises(TimedOutError):
        await slow
    task = asyncio.create_task(remover.remove(b"3"))
    await settle()
    held.answers.put_nowait((held.names[b"3"], cut_out(b"three")))

    assert (await task).image == b"three"
    assert held.opened == 1
    await remover.aclose()
