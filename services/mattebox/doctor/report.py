"""Shows findings: lines for people, JSON for programs. Pure, but for the terminal's colours."""

import json
import textwrap
from collections import Counter
from collections.abc import Sequence

import typer

from mattebox.doctor.finding import Finding, Status

_COLOURS = {
    Status.OK: typer.colors.GREEN,
    Status.WARNING: typer.colors.YELLOW,
    Status.PROBLEM: typer.colors.RED,
    Status.NOT_CHECKED: typer.colors.BRIGHT_BLACK,
}
_STATUS_WIDTH = max(map(len, Status)) + 2
_GAP = "  "
_LEAST_WIDTH = 40


def is_sound(findings: Sequence[Finding]) -> bool:
    """Tells whether nothing is a problem."""
    return all(finding.status is not Status.PROBLEM for finding in findings)


def as_text(findings: Sequence[Finding], width: int) -> str:
    """Lays findings out in lines of at most so many characters, if that is enough for words.

    The statuses are coloured; whoever prints it takes the colours off where no terminal is.
    """
    name_width = max(len(finding.name) for finding in findings) + len(_GAP)
    lines = [line for each in findings for line in _lines(each, name_width, width)]
    return "\n".join([*lines, "", _summary(findings)])


def as_json(findings: Sequence[Finding]) -> str:
    """Writes findings for programs; `ok` tells what the exit code does."""
    counts = Counter(finding.status for finding in findings)
    report = {
        "ok": is_sound(findings),
        "counts": {status.value: counts[status] for status in Status},
        "findings": [
            {
                "name": finding.name,
                "status": finding.status.value,
                "what": finding.what,
                "mend": finding.mend,
                "docs": finding.docs,
            }
            for finding in findings
        ],
    }
    return json.dumps(report, indent=2, ensure_ascii=False)


def _lines(finding: Finding, name_width: int, width: int) -> list[str]:
    status = typer.style(
        finding.status.ljust(_STATUS_WIDTH),
        fg=_COLOURS[finding.status],
        bold=finding.status is Status.PROBLEM,
    )
    indent = _STATUS_WIDTH + name_width
    room = max(width - indent, _LEAST_WIDTH)
    told = textwrap.wrap(finding.what, room, break_long_words=False, break_on_hyphens=False)
    if finding.mend:
        advice = f"-> {finding.mend}"
        told += textwrap.wrap(
            advice, room, subsequent_indent="   ", break_long_words=False, break_on_hyphens=False
        )
    if finding.status in (Status.WARNING, Status.PROBLEM):
        told.append(f"   {finding.docs}")
    first, *others = told
    return [
        f"{status}{finding.name.ljust(name_width)}{first}",
        *(" " * indent + line for line in others),
    ]


def _summary(findings: Sequence[Finding]) -> str:
    counts = Counter(finding.status for finding in findings)
    told = ", ".join(f"{counts[status]} {_plural(status, counts[status])}" for status in Status)
    return f"{told}."


def _plural(status: Status, count: int) -> str:
    countable = status in (Status.WARNING, Status.PROBLEM)
    return f"{status}s" if countable and count != 1 else str(status)
