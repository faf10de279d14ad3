import sys
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from mattebox.up.kept_process import KeptProcess, Launch
from mattebox.up.service import Service, ServicePlan, Stage


class KnownHealth:
    """Is as it is told."""

    def __init__(self) -> None:
        self.is_ready = False
        self.has_trouble: str | None = None

    def ready(self) -> bool:
        return self.is_ready

    def trouble(self) -> str | None:
        return self.has_trouble


@pytest.fixture
def health() -> KnownHealth:
    return KnownHealth()


@pytest.fixture
def ended() -> SimpleQueue[KeptProcess]:
    return SimpleQueue()


def service(
    health: KnownHealth, ended: SimpleQueue[KeptProcess], start_deadline_s: float
) -> Service:
    launch = Launch((sys.executable, "-c", "import signal; signal.pause()"), {}, Path("/"))
    plan = ServicePlan("sleeper", launch, lambda _pid: health, start_deadline_s)
    started = Service(plan, ended.put)
    started.start()
    return started


def stage(service: Service) -> Stage:
    return service.stage


def test_a_child_is_up_once_it_is_ready(
    health: KnownHealth, ended: SimpleQueue[KeptProcess]
) -> None:
    sleeper = service(health, ended, start_deadline_s=1000)
    assert not sleeper.look_after()
    assert stage(sleeper) is Stage.STARTING
    health.is_ready = True

    assert sleeper.look_after()

    assert stage(sleeper) is Stage.UP
    assert not sleeper.look_after()  # it is told once
    sleeper.kill()
    assert sleeper.owns(ended.get(timeout=30))


def test_a_child_in_trouble_before_its_time_is_over_may_still_come(
    health: KnownHealth, ended: SimpleQueue[KeptProcess]
) -> None:
    sleeper = service(health, ended, start_deadline_s=1000)
    health.has_trouble = "it does not answer"

    assert not sleeper.look_after()

    assert stage(sleeper) is Stage.STARTING
    sleeper.kill()
    ended.get(timeout=30)


def test_a_late_child_is_ended_only_if_it_is_in_trouble_itself(
    health: KnownHealth, ended: SimpleQueue[KeptProcess], capsys: pytest.CaptureFixture[str]
) -> None:
    sleeper = service(health, ended, start_deadline_s=0)
    assert sleeper.overdue()
    assert not sleeper.look_after()
    assert stage(sleeper) is Stage.STARTING
    health.has_trouble = "it does not answer"

    assert not sleeper.look_after()

    assert stage(sleeper) is Stage.ENDING
    assert sleeper.owns(ended.get(timeout=30))
    assert capsys.readouterr().err == (
        f"mattebox: sleeper (pid {sleeper.pid}) is ended: it does not answer.\n"
    )


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("exit(0)", "ended with exit code 0"),
        ("exit(255)", "ended with exit code 255"),
        ("import os; os.kill(os.getpid(), 9)", "was ended by SIGKILL"),
        ("import os; os.kill(os.getpid(), 15)", "was ended by SIGTERM"),
    ],
)
def test_it_is_said_how_a_child_ended(
    health: KnownHealth, ended: SimpleQueue[KeptProcess], end: str, said: str
) -> None:
    launch = Launch((sys.executable, "-c", end), {}, Path("/"))
    short = Service(ServicePlan("short", launch, lambda _pid: health), ended.put)
    short.start()
    ended.get(timeout=30)

    assert short.how_it_ended() == said


def test_a_start_that_the_system_refuses_is_tried_again_later(
    health: KnownHealth,
    ended: SimpleQueue[KeptProcess],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    launch = Launch(("true",), {}, tmp_path / "gone")
    refused = Service(ServicePlan("refused", launch, lambda _pid: health), ended.put)

    assert not refused.look_after()

    assert stage(refused) is Stage.DOWN
    assert capsys.readouterr().err == (
        "mattebox: refused cannot be started (No such file or directory);"
        " it starts again at once.\n"
    )


class Clock:
    """Stands still but for what the test lets pass."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sleeper(
    health: KnownHealth, ended: SimpleQueue[KeptProcess], clock: Clock
) -> Iterator[Service]:
    """A service that is started anew once its child was ended."""
    launch = Launch((sys.executable, "-c", "import signal; signal.pause()"), {}, Path("/"))
    started = Service(ServicePlan("sleeper", launch, lambda _pid: health), ended.put, clock)
    started.start()
    yield started
    if started.running:
        started.kill()
        ended.get(timeout=30)


def end(sleeper: Service, ended: SimpleQueue[KeptProcess]) -> None:
    sleeper.kill()
    assert sleeper.owns(ended.get(timeout=30))
    sleeper.plan_restart()
    assert not sleeper.running


def test_a_child_that_was_up_is_started_again_at_once(
    health: KnownHealth,
    ended: SimpleQueue[KeptProcess],
    sleeper: Service,
    capsys: pytest.CaptureFixture[str],
) -> None:
    health.is_ready = True
    sleeper.look_after()
    pid = sleeper.pid
    end(sleeper, ended)

    sleeper.look_after()

    assert sleeper.running
    assert capsys.readouterr().err == (
        f"mattebox: sleeper (pid {pid}) was ended by SIGKILL; it starts again at once.\n"
    )


def test_after_a_second_end_soon_the_next_start_waits(
    health: KnownHealth, ended: SimpleQueue[KeptProcess], sleeper: Service, clock: Clock
) -> None:
    health.is_ready = True
    for _ in range(2):
        sleeper.look_after()
        end(sleeper, ended)
        sleeper.look_after()

    assert stage(sleeper) is Stage.DOWN
    clock.now_s += 0.5
    sleeper.look_after()
    assert stage(sleeper) is Stage.STARTING


@pytest.mark.parametrize("comes_up", [True, False])
def test_only_time_in_which_a_child_was_up_makes_up_for_earlier_ends(
    health: KnownHealth,
    ended: SimpleQueue[KeptProcess],
    sleeper: Service,
    clock: Clock,
    *,
    comes_up: bool,
) -> None:
    health.is_ready = True
    sleeper.look_after()
    end(sleeper, ended)
    sleeper.look_after()
    health.is_ready = comes_up
    sleeper.look_after()
    clock.now_s += 100

    end(sleeper, ended)
    sleeper.look_after()

    assert sleeper.running is comes_up
