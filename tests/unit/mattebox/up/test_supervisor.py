import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import await_end
from tests.unit.mattebox.up import supervised

PRELUDE = """
import os, pathlib, signal, sys
folder, name = pathlib.Path(os.environ["FOLDER"]), os.environ["NAME"]
def note(what):
    with open(folder / "notes", "a") as notes:
        print(name, what, file=notes)
def ready():
    (folder / f"{name}.{os.getpid()}").touch()
def leave(*_):
    note("leaves")
    sys.exit()
"""
ORDERLY = "signal.signal(signal.SIGTERM, leave)\nnote('starts')\nready()\nsignal.pause()"
STUBBORN = """
def stay(*_):
    note('stays')
    (folder / 'told').write_text('')
signal.signal(signal.SIGTERM, stay)
ready()
while True:
    signal.pause()
"""


class Up:
    """A supervising process and its stand-ins."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[str] | None = None

    def start(self, *, env: dict[str, str] | None = None, **programs: str) -> None:
        scripts = [self.folder / f"{name}.py" for name in programs]
        for script, program in zip(scripts, programs.values(), strict=True):
            script.write_text(PRELUDE + program)
        with (self.folder / "stderr").open("w") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, supervised.__file__, self.folder, *scripts],
                env=dict(os.environ) | (env or {}),
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )

    @property
    def running(self) -> subprocess.Popen[str]:
        assert self.process is not None
        return self.process

    def pids(self) -> dict[str, int]:
        """Waits for the next announcement."""
        assert self.running.stdout is not None
        pids: dict[str, int] = json.loads(self.running.stdout.readline())
        return pids

    def end(self, *numbers: int) -> int:
        for number in numbers:
            self.running.send_signal(number)
        return self.running.wait()

    @property
    def notes(self) -> list[str]:
        return (self.folder / "notes").read_text().splitlines()

    @property
    def said(self) -> str:
        return (self.folder / "stderr").read_text()


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    up = Up(tmp_path)
    yield up
    up.running.kill()
    up.running.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_services_start_in_order_and_drain_in_the_opposite_one(
    up: Up, number: signal.Signals
) -> None:
    up.start(first=ORDERLY, second=ORDERLY, third=ORDERLY)
    assert list(up.pids()) == ["first", "second", "third"]

    assert up.end(number) == 0

    starts = ["first starts", "second starts", "third starts"]
    assert up.notes == [*starts, "third leaves", "second leaves", "first leaves"]
    assert up.said == ""


def test_a_service_that_dies_is_started_again_and_announced(up: Up) -> None:
    up.start(first=ORDERLY, second=ORDERLY)
    before = up.pids()

    os.kill(before["first"], signal.SIGKILL)
    after = up.pids()

    assert up.end(signal.SIGTERM) == 0

    assert after["first"] != before["first"]
    assert after["second"] == before["second"]
    assert up.said.splitlines() == [
        f"mattebox: first (pid {before['first']}) was ended by SIGKILL; it starts again at once.",
        f"mattebox: first is up again (pid {after['first']}).",
    ]


def test_a_service_that_dies_again_and_again_waits_longer_each_time(up: Up) -> None:
    up.start(first=ORDERLY)

    os.kill(up.pids()["first"], signal.SIGKILL)
    os.kill(up.pids()["first"], signal.SIGKILL)
    up.pids()

    assert "it starts again at once." in up.said
    assert "it starts again in 0.5 s." in up.said
    assert up.end(signal.SIGTERM) == 0


def test_a_service_in_trouble_is_ended_and_started_again(up: Up) -> None:
    up.start(first=STUBBORN)
    before = up.pids()

    (up.folder / "first.trouble").touch()
    after = up.pids()

    assert after != before
    pid = before["first"]
    assert up.said.splitlines()[:2] == [
        f"mattebox: first (pid {pid}) is ended: it was told to be in trouble.",
        f"mattebox: first (pid {pid}) was ended by SIGKILL; it starts again at once.",
    ]
    await_end(before["first"])


def test_a_stop_does_not_wait_for_a_service_that_is_to_start_again(up: Up) -> None:
    os.mkfifo(up.folder / "told")
    up.start(
        first=ORDERLY,
        # Each time after the first it dies at its start, so that the waits grow long.
        second="first_time = not list(folder.glob('second.[0-9]*'))\n"
        "if not first_time: (folder / 'told').write_text(''); sys.exit(1)\n" + ORDERLY,
    )
    os.kill(up.pids()["second"], signal.SIGKILL)
    (up.folder / "told").read_text()

    assert up.end(signal.SIGTERM) == 0

    assert up.notes == ["first starts", "second starts", "first leaves"]


def test_a_service_that_ends_at_its_start_ends_all_with_its_last_lines(up: Up) -> None:
    up.start(first=ORDERLY, second="print('no such setting: COLOUR')\nsys.exit(2)")

    assert up.running.wait() == 1

    assert up.notes == ["first starts", "first leaves"]
    assert up.said.splitlines() == [
        "no such setting: COLOUR",
        (
            "mattebox: The start failed: second ended with exit code 2. `mattebox doctor` looks for"
            " what is missing here. Its last lines:"
        ),
        "no such setting: COLOUR",
    ]


def test_a_service_that_keeps_silent_after_its_start_ends_all(up: Up) -> None:
    up.start(first="signal.pause()", env={"START_DEADLINE_S": "0.2"})

    assert up.running.wait() == 1

    assert up.said == (
        "mattebox: The start failed: first did not answer within 0.2 s. `mattebox doctor` looks for"
        " what is missing here.\n"
    )


def test_a_stop_during_the_start_is_no_failure(up: Up) -> None:
    os.mkfifo(up.folder / "told")
    up.start(first=ORDERLY, second="(folder / 'told').write_text('')\nsignal.pause()")
    (up.folder / "told").read_text()

    assert up.end(signal.SIGTERM) == 0

    assert up.notes == ["first starts", "first leaves"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_all_at_once(up: Up, number: signal.Signals) -> None:
    os.mkfifo(up.folder / "told")
    up.start(first=ORDERLY, second=STUBBORN)
    pids = up.pids()
    up.running.send_signal(signal.SIGTERM)
    (up.folder / "told").read_text()

    assert up.end(number) == 128 + number

    assert up.notes == ["first starts", "second stays"]
    for pid in pids.values():
        await_end(pid)


def test_a_service_that_does_not_finish_in_time_is_ended(up: Up) -> None:
    up.start(first=ORDERLY, second=STUBBORN, env={"DRAIN_DEADLINE_S": "0.5"})
    pids = up.pids()

    assert up.end(signal.SIGTERM) == 0

    assert up.said == "mattebox: second did not finish in time and is ended.\n"
    assert up.notes == ["first starts", "second stays", "first leaves"]
    await_end(pids["second"])


def test_a_killed_supervisor_leaves_nobody(up: Up) -> None:
    up.start(first=ORDERLY, second=STUBBORN)
    pids = up.pids()

    up.end(signal.SIGKILL)

    for pid in pids.values():
        await_end(pid)
