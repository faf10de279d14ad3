import json
import re

from mattebox.doctor import report
from mattebox.doctor.finding import Finding, Status, Topic

FINDINGS = [
    Finding("Python", Status.OK, "This is Python 3.11.7.", Topic.PYTHON),
    Finding("disk", Status.WARNING, "Little is free. " * 5, Topic.DISK, "Make room."),
    Finding("HTTP port", Status.PROBLEM, "Port 8080 is taken.", Topic.PORTS, "Take another."),
    Finding("API key", Status.NOT_CHECKED, "No key was named.", Topic.SERVICE),
]


def unstyled(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_people_get_aligned_lines_with_advice_and_where_more_is_told() -> None:
    text = report.as_text(FINDINGS, 72)

    plain = unstyled(text)
    assert plain == (
        "ok           Python     This is Python 3.11.7.\n"
        "warning      disk       Little is free. Little is free. Little is free.\n"
        "                        Little is free. Little is free.\n"
        "                        -> Make room.\n"
        "                           docs/troubleshooting.md#disk\n"
        "problem      HTTP port  Port 8080 is taken.\n"
        "                        -> Take another.\n"
        "                           docs/troubleshooting.md#ports\n"
        "not checked  API key    No key was named.\n"
        "\n"
        "1 ok, 1 warning, 1 problem, 1 not checked."
    )


def test_statuses_alone_are_coloured() -> None:
    line = report.as_text(FINDINGS, 200).splitlines()[2 + 2]

    assert line.startswith("\x1b[31m\x1b[1mproblem")
    assert "\x1b" not in line.partition("HTTP port")[2]


def test_a_narrow_terminal_leaves_room_for_words() -> None:
    lines = unstyled(report.as_text(FINDINGS, 10)).splitlines()

    assert lines[0].endswith("This is Python 3.11.7.")


def test_programs_get_json() -> None:
    told = json.loads(report.as_json(FINDINGS))

    assert told["ok"] is False
    assert told["counts"] == {"ok": 1, "warning": 1, "problem": 1, "not checked": 1}
    assert told["findings"][2] == {
        "name": "HTTP port",
        "status": "problem",
        "what": "Port 8080 is taken.",
        "mend": "Take another.",
        "docs": "docs/troubleshooting.md#ports",
    }


def test_only_problems_are_unsound() -> None:
    assert report.is_sound([each for each in FINDINGS if each.status is not Status.PROBLEM])
    assert not report.is_sound(FINDINGS)
