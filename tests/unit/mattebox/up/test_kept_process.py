import os
import signal
import sys
from pathlib import Path
from queue import SimpleQueue

import pytest

from mattebox.up import keeper
from mattebox.up.kept_process import KeptProcess, Launch
from tests.processes import await_end

SHM = Path("/dev/shm")  # noqa: S108 - where Linux keeps it

# `tell` brings the test a word, of a grandchild too.
PRELUDE = """
import os, signal, sys
def tell(word):
    with open(os.environ["NEWS"], "w") as news:
        news.write(str(word))
"""


class Children:
    """Starts children, brings their news, and collects their ends."""

    def __init__(self, news: Path) -> None:
        os.mkfifo(news)
        self._news = news
        self._ended: SimpleQueue[KeptProcess] = SimpleQueue()

    def start(self, program: str, shm_prefix: str = "", *, is_quiet: bool = False) -> KeptProcess:
        command = (sys.executable, "-c", PRELUDE + program)
        launch = Launch(command, {"NEWS": str(self._news)}, Path("/"), shm_prefix, is_quiet)
        return KeptProcess(launch, self._ended.put)

    def news(self) -> str:
        return self._news.read_text()

    def await_end(self) -> KeptProcess:
        return self._ended.get(timeout=30)


@pytest.fixture
def children(tmp_path: Path) -> Children:
    return Children(tmp_path / "news")


def test_output_goes_to_standard_error_and_the_last_lines_are_held(
    children: Children, capfd: pytest.CaptureFixture[str]
) -> None:
    process = children.start("for n in range(100): print('line', n, file=sys.stderr)")

    assert children.await_end() is process
    lines = [f"line {n}" for n in range(100)]
    assert capfd.readouterr().err.splitlines() == lines
    assert process.tail.splitlines() == lines[-30:]


def test_the_output_of_a_quiet_child_is_held_only(
    children: Children, capfd: pytest.CaptureFixture[str]
) -> None:
    process = children.start("print('line')", is_quiet=True)

    children.await_end()
    assert capfd.readouterr().err == ""
    assert process.tail == "line\n"


def test_the_child_gets_its_environment_and_folder_and_nothing_else(children: Children) -> None:
    process = children.start("print('NEWS' in os.environ, 'HOME' in os.environ, os.getcwd())")

    children.await_end()

    assert process.tail == "True False /\n"


@pytest.mark.parametrize(
    ("program", "code"), [("sys.exit(7)", 7), ("os.kill(os.getpid(), 9)", 128 + 9)]
)
def test_the_exit_code_is_known_once_it_has_ended(
    children: Children, program: str, code: int
) -> None:
    process = children.start(program)

    children.await_end()

    assert process.exit_code == code


def test_terminate_asks_the_child_itself(children: Children) -> None:
    process = children.start(
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))\ntell('ready')\nsignal.pause()"
    )
    assert children.news() == "ready"
    assert process.exit_code is None

    process.terminate()

    assert children.await_end().exit_code == 3


def test_kill_ends_the_child_and_all_it_started(children: Children) -> None:
    process = children.start(
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    tell(os.getpid())\n"
        "signal.pause()"
    )
    grandchild = int(children.news())

    process.kill()
    process.kill()  # once more does no harm

    children.await_end()
    await_end(process.pid)
    await_end(grandchild)


def test_a_killed_keeper_takes_the_child_and_its_shared_memory_along(children: Children) -> None:
    prefix = f"mattebox-test-{os.getpid()}-"
    region = SHM / f"{prefix}region"
    region.touch()
    process = children.start(
        "if os.fork() == 0:\n    tell(os.getpid())\nsignal.pause()", shm_prefix=prefix
    )
    grandchild = int(children.news())
    keeper_pid = keeper.parent_of(process.pid)
    assert keeper_pid is not None

    os.kill(keeper_pid, signal.SIGKILL)

    assert children.await_end().exit_code == 128 + signal.SIGKILL
    await_end(process.pid)
    await_end(grandchild)
    assert not region.exists()
