import io
import json
from pathlib import Path, PurePath

import pytest
from rich.console import Console

from mattebox.remove.bar import Bar
from mattebox.remove.outcome import Done, Failed, Picture, Skipped
from mattebox.remove.report import Lines, Reporter
from mattebox.remove.sources import FileSource


class Clock:
    def __init__(self) -> None:
        self.now_s = 50.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


PICTURE = Picture(FileSource(Path("p/a.jpg"), PurePath("a.jpg")), Path("o/a.png"))
DONE = Done(PICTURE, 2000, 1000, foreground_found=True)
FAILED = Failed(PICTURE, "invalid_image", "Broken.", "Get it anew.")

SUMMARY = (
    "21 done, 1 there already, 1 failed in 20.0 s (1.1 images/s, 2.1 MP/s)."
    " No subject was found in 1."
)


def reporter(clock: Clock, *, quiet: bool = False, as_json: bool = False) -> Reporter:
    return Reporter(Lines(tells_progress=not quiet), quiet=quiet, as_json=as_json, clock=clock)


def test_a_job_in_lines(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    report = reporter(clock)
    with report.display.busy("starting the engine"):
        pass
    clock.now_s += 5
    report.begin()
    report.expect(30)
    for _ in range(20):
        clock.now_s += 1
        report.finished(DONE)
    report.finished(FAILED)
    report.finished(Skipped(PICTURE))
    report.finished(Done(PICTURE, 2000, 1000, foreground_found=False))
    report.summarise()

    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "starting the engine …",
        "10 of 30, 1.0 images/s, 2.0 MP/s",
        "20 of 30, 1.0 images/s, 2.0 MP/s",
        "p/a.jpg: invalid_image: Broken. Get it anew.",
        SUMMARY,
    ]


def test_a_quiet_job_tells_of_failures_only(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    report = reporter(clock, quiet=True)
    with report.display.busy("starting the engine"):
        report.begin()
    clock.now_s += 60
    report.finished(DONE)
    report.finished(FAILED)
    report.waits(59, "overloaded")
    report.waits(60, "rate_limited")
    clock.now_s += 60
    report.waits(60, "rate_limited")
    report.summarise()

    assert capsys.readouterr().err.splitlines() == [
        "p/a.jpg: invalid_image: Broken. Get it anew.",
        # Once, so that nobody takes it for dead.
        "rate_limited: trying again in 60 s.",
    ]


def test_programs_get_a_line_of_json_about_each(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    report = reporter(clock, as_json=True)
    for outcome in (DONE, Skipped(PICTURE), FAILED):
        report.finished(outcome)

    done, skipped, failed = map(json.loads, capsys.readouterr().out.splitlines())
    assert done == {
        "source": "p/a.jpg",
        "cut_out": "o/a.png",
        "status": "done",
        "width": 2000,
        "height": 1000,
        "foreground_found": True,
    }
    assert skipped == {"source": "p/a.jpg", "cut_out": "o/a.png", "status": "skipped"}
    assert failed == {
        "source": "p/a.jpg",
        "cut_out": None,
        "status": "failed",
        "code": "invalid_image",
        "message": "Broken.",
        "advice": "Get it anew.",
    }


def test_long_waits_are_told_and_not_of_each_picture(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    report = reporter(clock)
    report.waits(0.4, "overloaded")
    report.waits(7, "rate_limited")
    report.waits(8, "rate_limited")
    clock.now_s += 7
    report.waits(9, "rate_limited")

    assert capsys.readouterr().err.splitlines() == [
        "rate_limited: trying again in 7 s.",
        "rate_limited: trying again in 9 s.",
    ]


def test_a_job_that_is_stopped_says_why_and_what_there_is(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    report = reporter(clock)
    report.stopped("Why.")
    assert capsys.readouterr().err == "Why.\n"

    report.finished(DONE)
    clock.now_s += 2
    report.stopped("Why.")
    assert capsys.readouterr().err == "Why.\n1 done in 2.0 s (0.5 images/s, 1.0 MP/s).\n"


def test_a_job_without_pictures_says_so(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    reporter(clock).summarise()

    assert capsys.readouterr().err == "No picture was cut out.\n"


def test_a_terminal_sees_how_far_it_is_and_how_long_it_takes(clock: Clock) -> None:
    terminal = io.StringIO()
    console = Console(file=terminal, force_terminal=True, width=100, color_system=None)
    with Bar(console) as bar:
        report = Reporter(bar, clock=clock)
        with bar.busy("starting the engine"):
            bar.refresh()
        report.begin()
        report.expect(300)
        clock.now_s += 2
        report.finished(DONE)
        report.finished(Skipped(PICTURE))
        report.finished(
            Failed(Picture(FileSource(Path("[b]x"), PurePath()), None), "code", "[red]No.", "Look.")
        )
        bar.refresh()

    shown = terminal.getvalue()
    assert "starting the engine" in shown
    assert "3/300" in shown
    assert "0.5 images/s, 1.0 MP/s" in shown
    assert "0:04:57 left" in shown
    assert "[b]x: code: [red]No. Look." in shown


def test_programs_get_their_lines_while_a_terminal_has_its_bar(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with Bar(Console(file=io.StringIO(), force_terminal=True)) as bar:
        Reporter(bar, as_json=True, clock=clock).finished(DONE)

    assert json.loads(capsys.readouterr().out)["status"] == "done"


def test_a_terminal_whose_total_is_not_known_yet(clock: Clock) -> None:
    terminal = io.StringIO()
    with Bar(Console(file=terminal, force_terminal=True, width=100, color_system=None)) as bar:
        report = Reporter(bar, clock=clock)
        clock.now_s += 1
        report.finished(DONE)
        bar.refresh()

    assert "1.0 images/s" in terminal.getvalue()
    assert "left" not in terminal.getvalue()


def test_no_time_is_left_where_more_came_than_were_counted(clock: Clock) -> None:
    terminal = io.StringIO()
    with Bar(Console(file=terminal, force_terminal=True, width=100, color_system=None)) as bar:
        report = Reporter(bar, clock=clock)
        report.expect(1)
        clock.now_s += 9
        report.finished(DONE)
        report.finished(DONE)
        bar.refresh()

    assert "0:00:00 left" in terminal.getvalue()
    assert "-1:" not in terminal.getvalue()


def test_programs_learn_why_a_job_was_stopped(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    reporter(clock, as_json=True).stopped("Why.")

    out, err = capsys.readouterr()
    assert json.loads(out) == {"status": "stopped", "message": "Why."}
    assert err == "Why.\n"
