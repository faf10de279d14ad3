"""The threads for pixel code."""

import asyncio
import threading
import weakref
from collections.abc import Iterator
from functools import partial

import pytest

from segmenter.cpu_pool import CpuPool
from tests.waiting import until


@pytest.fixture
def pool() -> Iterator[CpuPool]:
    pool = CpuPool(2)
    yield pool
    pool.close()


async def test_steps_run_off_the_event_loop(pool: CpuPool) -> None:
    assert await pool.run(threading.get_ident) != threading.get_ident()


async def test_errors_come_back(pool: CpuPool) -> None:
    with pytest.raises(ZeroDivisionError):
        await pool.run(divmod, 1, 0)


async def test_idle_threads_are_counted_until_their_work_is_done(pool: CpuPool) -> None:
    release = threading.Event()
    jobs = [asyncio.create_task(pool.run(release.wait)) for _ in range(3)]
    await asyncio.sleep(0)
    assert pool.idle_threads == 0
    release.set()
    await asyncio.gather(*jobs)
    await asyncio.sleep(0)
    assert pool.idle_threads == 2


async def test_a_step_cancelled_before_its_turn_never_runs(pool: CpuPool) -> None:
    release, ran = threading.Event(), threading.Event()
    busy = [asyncio.create_task(pool.run(release.wait)) for _ in range(2)]
    late = asyncio.create_task(pool.run(ran.set))
    await asyncio.sleep(0)
    late.cancel()
    with pytest.raises(asyncio.CancelledError):
        await late
    release.set()
    await asyncio.gather(*busy)
    assert not ran.is_set()


async def test_steps_side_by_side_all_end_before_a_failure_is_told(pool: CpuPool) -> None:
    release, ended = threading.Event(), threading.Event()

    def slow() -> None:
        release.wait(30)
        ended.set()

    def fails() -> None:
        raise ZeroDivisionError

    running = asyncio.create_task(pool.run_all([fails, slow]))
    await asyncio.sleep(0.05)
    assert not running.done()
    release.set()
    with pytest.raises(ZeroDivisionError):
        await running
    assert ended.is_set()


async def test_steps_side_by_side_give_what_each_gave(pool: CpuPool) -> None:
    assert await pool.run_all([lambda: 1, lambda: 2, lambda: 3]) == [1, 2, 3]


@pytest.mark.usefixtures("no_collector")
async def test_what_failed_steps_worked_on_goes_with_their_error(pool: CpuPool) -> None:
    class Picture:
        """Anything that can be referred to weakly."""

    def fail(_picture: Picture) -> None:
        raise ZeroDivisionError

    async def call() -> "weakref.ref[Picture]":
        picture = Picture()
        with pytest.raises(ZeroDivisionError):
            await pool.run_all([partial(fail, picture)] * 2)
        return weakref.ref(picture)

    picture = await call()
    # The threads let go of their jobs a moment after they are done.
    await until(lambda: picture() is None)
