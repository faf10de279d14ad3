import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mattebox.up import keeper
from tests.processes import await_end

SHM = Path("/dev/shm")  # noqa: S108 - where Linux keeps it

# Starts a grandchild in a session of its own, which outlives it and does not mind SIGTERM.
WITH_GRANDCHILD = """
import os, signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
told, tell = os.pipe()
if os.fork() == 0:
    os.setsid()
    print("grandchild", os.getpid(), flush=True)
    os.write(tell, b".")
    signal.pause()
os.read(told, 1)
{then}
"""


class Kept:
    """A keeper in this test's hands.

    All processes beneath hold its standard output, which therefore ends with the last of them.
    """

    def __init__(self, *command: str, shm_prefix: str = "") -> None:
        self.lifeline, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", keeper.__file__, shm_prefix, *command],
            stdin=theirs.fileno(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        theirs.close()
        assert self.process.stdout is not None
        self.output = self.process.stdout

    def child(self) -> int:
        return int(self.lifeline.recv(32))

    def end(self) -> tuple[int, str]:
        """Waits for the last process; returns the keeper's exit code and the remaining output."""
        output = self.output.read().decode()
        self.output.close()
        self.lifeline.close()
        return self.process.wait(), output


def python(program: str) -> tuple[str, ...]:
    return (sys.executable, "-c", program)


@pytest.mark.parametrize(
    ("program", "code"),
    [
        ("", 0),
        ("raise SystemExit(3)", 3),
        ("import os; os.kill(os.getpid(), 9)", 128 + 9),
        ("import os; os.kill(os.getpid(), 15)", 128 + 15),
    ],
)
def test_the_exit_code_is_the_childs(program: str, code: int) -> None:
    assert Kept(*python(program)).end() == (code, "")


def test_a_program_that_is_not_there_is_named() -> None:
    code, output = Kept("/no/such/program").end()

    assert code == 127
    assert "/no/such/program cannot be started: [Errno 2] No such file" in output


def test_the_parent_is_told_the_childs_id() -> None:
    kept = Kept(*python("import os; print(os.getpid())"))

    assert str(kept.child()) == kept.end()[1].strip()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_keeper_reaches_the_child(number: signal.Signals) -> None:
    kept = Kept(
        *python(
            "import signal\n"
            f"signal.signal({number}, lambda *_: print('told', flush=True) or exit(5))\n"
            "print('ready', flush=True)\n"
            "signal.pause()"
        )
    )
    assert kept.output.readline() == b"ready\n"

    kept.process.send_signal(number)

    assert kept.end() == (5, "told\n")


def test_the_child_has_no_input_and_a_group_of_its_own() -> None:
    kept = Kept(*python("import os, sys; print(os.getpgrp(), repr(sys.stdin.read()))"))

    assert kept.child() != os.getpgrp()
    code, output = kept.end()
    assert code == 0
    assert output.split()[1] == "''"


def test_what_a_child_leaves_behind_ends_with_it() -> None:
    kept = Kept(*python(WITH_GRANDCHILD.format(then="sys.exit(4)")))

    assert kept.output.readline().startswith(b"grandchild")
    assert kept.end() == (4, "")


def test_all_end_when_the_parent_goes() -> None:
    kept = Kept(*python(WITH_GRANDCHILD.format(then="signal.pause()")))
    assert kept.output.readline().startswith(b"grandchild")

    kept.lifeline.close()

    assert kept.end() == (128 + signal.SIGKILL, "")


@pytest.mark.parametrize("bytes_read", [0, 1])
def test_all_end_when_the_parent_goes_in_the_middle_of_the_start(bytes_read: int) -> None:
    kept = Kept(*python(WITH_GRANDCHILD.format(then="signal.pause()")))
    if bytes_read:
        kept.lifeline.recv(bytes_read)

    kept.lifeline.close()

    assert kept.end()[0] == 128 + signal.SIGKILL


def test_a_killed_parent_leaves_nobody(tmp_path: Path) -> None:
    child = tmp_path / "child.py"
    child.write_text(WITH_GRANDCHILD.format(then="signal.pause()"))
    parent = subprocess.Popen(
        python(
            "import signal, sys\n"
            "from mattebox.up.kept_process import KeptProcess, Launch\n"
            f"KeptProcess(Launch((sys.executable, {str(child)!r}), {{}}), print)\n"
            "signal.pause()"
        ),
        stderr=subprocess.PIPE,
    )
    assert parent.stderr is not None
    grandchild = int(parent.stderr.readline().split()[1])
    keeper_pid = keeper.parent_of(keeper.parent_of(grandchild) or 0)
    assert keeper_pid is not None
    assert keeper.parent_of(keeper_pid) == parent.pid

    parent.kill()
    parent.wait()
    parent.stderr.close()

    for pid in (grandchild, keeper_pid):
        await_end(pid)


def test_shared_memory_of_the_child_goes_with_it() -> None:
    prefix = f"mattebox-test-{os.getpid()}-"
    ours, other = SHM / f"{prefix}region", SHM / f"mattebox-test-{os.getpid()}"
    other.touch()
    try:
        kept = Kept(
            *python(f"open({str(ours)!r}, 'w').close(); print('made', flush=True); input()"),
            shm_prefix=prefix,
        )
        assert kept.end()[1].startswith("made\n")
        assert not ours.exists()
        assert other.exists()
    finally:
        other.unlink()


def test_without_a_prefix_no_shared_memory_is_touched() -> None:
    region = SHM / f"mattebox-test-{os.getpid()}"
    region.touch()
    try:
        keeper.unlink_shared_memory("")
        assert region.exists()
    finally:
        region.unlink()


def test_processes_know_their_parents() -> None:
    child = subprocess.Popen(python("input()"), stdin=subprocess.PIPE)
    assert keeper.parent_of(child.pid) == os.getpid()
    assert child.pid in keeper.children_of(os.getpid())

    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it stays, as a zombie

    assert keeper.parent_of(child.pid) is None
    assert child.pid not in keeper.children_of(os.getpid())
    child.communicate()
    assert keeper.parent_of(child.pid) is None
