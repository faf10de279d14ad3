"""Steps on threads, and what becomes of those that nobody waits for any more."""

import asyncio
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from segmenter.in_thread import in_thread
from tests.waiting import settle, until

_PATIENCE_S = 30.0
"""After which a step ends though nobody told it to, lest a failed test never ends."""


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as threads:
        yield threads


class Step:
    """A step that ends when it is told to."""

    def __init__(self, error: Exception | None = None) -> None:
        self.begun, self.release = threading.Event(), threading.Event()
        self._error = error

    def __call__(self) -> str:
        self.begun.set()
        self.release.wait(_PATIENCE_S)
        if self._error:
            raise self._error
        return "made"

    async def on(self, executor: ThreadPoolExecutor) -> "asyncio.Task[str]":
        """Gives the task in which it runs."""
        task = asyncio.create_task(in_thread(executor, self))
        await until(self.begun.is_set)
        return task


async def test_results_and_errors_come_back(executor: ThreadPoolExecutor) -> None:
    assert await in_thread(executor, divmod, 7, 2) == (3, 1)
    assert await in_thread(executor, int, "11", base=2) == 3
    with pytest.raises(ZeroDivisionError):
        await in_thread(executor, divmod, 1, 0)


@pytest.mark.usefixtures("no_collector")
async def test_what_a_failed_step_worked_on_goes_with_its_error(
    executor: ThreadPoolExecutor,
) -> None:
    class Picture:
        """Anything that can be referred to weakly."""

    def fail(_picture: Picture) -> None:
        raise ValueError("broken")

    async def call() -> "weakref.ref[Picture]":
        picture = Picture()
        with pytest.raises(ValueError, match="broken"):
            await in_thread(executor, fail, picture)
        return weakref.ref(picture)

    picture = await call()
    # The thread lets go of its job a moment after it is done.
    await until(lambda: picture() is None)


async def test_a_step_cancelled_before_its_turn_never_runs(executor: ThreadPoolExecutor) -> None:
    first, second = Step(), Step()
    running = await first.on(executor)
    waiting = asyncio.create_task(in_thread(executor, second))
    await settle()

    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not running.done()
    first.release.set()
    await running
    assert await in_thread(executor, second.begun.is_set) is False


@pytest.mark.parametrize("cancellations", [1, 3])
@pytest.mark.parametrize("error", [None, ValueError("of no interest any more")])
async def test_a_cancelled_step_is_waited_for(
    executor: ThreadPoolExecutor, cancellations: int, error: Exception | None
) -> None:
    step = Step(error)
    task = await step.on(executor)

    for _ in range(cancellations):
        task.cancel()
        await settle()

    assert not task.done()
    step.release.set()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_deadline_that_passes_is_told_after_the_step(executor: ThreadPoolExecutor) -> None:
    step = Step()

    async def in_no_time() -> None:
        async with asyncio.timeout(None) as limit:
            deadline.append(limit)
            await in_thread(executor, step)

    deadline: list[asyncio.Timeout] = []
    task = asyncio.create_task(in_no_time())
    await until(step.begun.is_set)
    deadline[0].reschedule(asyncio.get_running_loop().time())
    await until(deadline[0].expired)
    await settle()

    assert not task.done()
    step.release.set()
    with pytest.raises(TimeoutError):
        await task
