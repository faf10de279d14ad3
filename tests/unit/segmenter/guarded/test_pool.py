"""Children that end in odd ways, and who waits for it."""

import asyncio
import socket
from asyncio.subprocess import Process

import pytest

from segmenter.errors import InvalidImageError
from segmenter.guarded.child import Child
from segmenter.guarded.ends import ChildEnd
from segmenter.guarded.limits import GuardLimits
from segmenter.guarded.pool import GuardedPool
from segmenter.guarded.wire import READY, Task
from segmenter.imaging.limits import ImageLimits
from tests.unit.segmenter.guarded.children import gone

HANG_S = 20
GUARD = GuardLimits(workers=1)
TASK = Task(0, 0, GUARD.budget(0, pixels=0), None)


async def lives_on() -> tuple[Process, Child]:
    """Starts what says that it is ready, closes its channel, and does not end."""
    process = await asyncio.create_subprocess_exec("sleep", "600")
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    theirs.send(READY)
    theirs.close()
    return process, Child(process, ours)


async def test_nobody_waits_for_the_end_of_a_child_that_answers_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    may_be_told, ends = asyncio.Event(), list[ChildEnd]()
    ending_signal = Child.ending_signal

    async def told_late(child: Child) -> int:
        await may_be_told.wait()
        return await ending_signal(child)

    process, child = await lives_on()

    async def spawned(_limits: ImageLimits) -> Child:
        return child

    monkeypatch.setattr(Child, "ending_signal", told_late)
    monkeypatch.setattr(Child, "spawn", spawned)
    pool = GuardedPool(GUARD, ImageLimits(), ends.append)

    async with asyncio.timeout(HANG_S):
        with pytest.raises(InvalidImageError, match="safely"):
            async with pool.slot() as run:
                await run(TASK, [])
        await gone(process.pid)
        async with pool.slot():  # it is free again
            assert ends == []

    may_be_told.set()
    await pool.close()
    assert ends == [ChildEnd.CRASH]
