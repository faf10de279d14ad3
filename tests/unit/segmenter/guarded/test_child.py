import asyncio
import os
import signal
import socket
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from pathlib import Path
from unittest.mock import create_autospec

import pytest

from segmenter.guarded.child import Child, ChildGoneError
from segmenter.guarded.memory import SharedMemory
from segmenter.imaging.limits import ImageLimits
from tests.processes import await_end
from tests.unit.segmenter.guarded.children import child_pids, kill


@pytest.fixture
async def child(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Child]:
    monkeypatch.setenv("MATTEBOX_TEST_SECRET", "secret")
    memory = SharedMemory(1)
    os.set_inheritable(memory.fd, True)
    child = await Child.spawn(ImageLimits())
    await child.ready()
    yield child
    child.discard()
    await child.ended()


def the_child() -> int:
    (pid,) = child_pids()
    return pid


def test_sees_nothing_of_the_environment(child: Child) -> None:
    assert child.alive
    assert b"secret" not in Path(f"/proc/{the_child()}/environ").read_bytes()


def test_holds_the_standard_streams_and_its_channel(child: Child) -> None:
    assert child.alive
    assert len(list(Path(f"/proc/{the_child()}/fd").iterdir())) == 4


def test_a_signal_to_the_group_does_not_reach_it(child: Child) -> None:
    assert child.alive
    assert os.getpgid(the_child()) != os.getpgid(0)


async def test_says_so_when_it_is_gone(child: Child) -> None:
    kill(the_child())
    await child.ended()

    assert not child.alive
    assert not child.take(b"{}", [])
    with pytest.raises(ChildGoneError):
        await child.answer()


@pytest.mark.parametrize("reason", [signal.SIGKILL, signal.SIGXCPU, signal.SIGSEGV])
async def test_what_ended_it_is_known_though_it_is_killed_then(
    child: Child, reason: signal.Signals
) -> None:
    kill(the_child(), reason)
    with pytest.raises(ChildGoneError):
        await child.answer()

    assert child.ends_by_itself
    child.discard()
    assert await child.ending_signal() == reason


async def test_one_that_lives_does_not_end_by_itself(child: Child) -> None:
    assert not child.ends_by_itself


def test_one_that_has_ended_does_so_though_nobody_has_heard_of_it() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended, socket.socket() as channel:
        os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
        unheard = create_autospec(Process, instance=True, pid=ended.pid, returncode=None)

        assert Child(unheard, channel).ends_by_itself


async def test_a_task_that_is_none_ends_it(child: Child) -> None:
    assert child.take(b"no task", [])

    with pytest.raises(ChildGoneError):
        await child.answer()
    await child.ended()


async def test_killed_it_answers_nobody(child: Child) -> None:
    waiting = asyncio.ensure_future(child.answer())
    await asyncio.sleep(0)

    child.kill()

    with pytest.raises(ChildGoneError):
        await waiting


async def test_may_be_killed_twice(child: Child) -> None:
    child.kill()
    child.kill()
    await child.ended()
    child.kill()


LONELY_PARENT = """
import asyncio, sys
from segmenter.guarded.child import Child
from segmenter.guarded.memory import SharedMemory
from segmenter.imaging.limits import ImageLimits

async def main():
    child = await Child.spawn(ImageLimits())
    await child.ready()
    print("started", flush=True)
    sys.stdin.read()

asyncio.run(main())
"""


def test_ends_with_its_parent() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LONELY_PARENT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "started\n"
        (task,) = Path(f"/proc/{parent.pid}/task").glob(str(parent.pid))
        (pid,) = (task / "children").read_text().split()

        parent.send_signal(signal.SIGKILL)

    await_end(int(pid))
