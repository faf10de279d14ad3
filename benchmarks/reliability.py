"""Holds the promises of docs/reliability.md that tests cannot, one measurement after another.

    python -m benchmarks.reliability [--only overload soak] [--short] [--docs]

All of it takes some two hours, half an hour of it the long run; the short forms take some twenty
minutes. With --docs the page gets what was found, in this run or in an earlier one. Exits 1 where a
promise is not kept.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks import tables
from benchmarks.load.results import NOT_MEASURED, Findings, read, say
from benchmarks.running import ROOT

PAGE = ROOT / "docs" / "reliability.md"


@dataclass(frozen=True, slots=True)
class Part:
    """A benchmark, by the name of its module."""

    name: str
    title: str
    short: tuple[str, ...]
    """Options with which it takes a few minutes."""


PARTS = (
    Part("bombs", "Bombs", ("--rounds", "2")),
    Part("hostile_files", "Hostile files", ("--total", "1000")),
    Part("slow_clients", "Slow clients", ("--rounds", "2")),
    Part("overload", "Overload", ("--times", "5", "--seconds", "25")),
    Part("departures", "Clients that leave", ("--departures", "200")),
    Part("rolling", "Rolling restarts", ("--restarts", "4")),
    Part("faults", "Faults", ("--network", "toy", "--megapixels", "0.02")),
    Part("soak", "A long run", ("--minutes", "4", "--block-s", "5")),
)


def main() -> int:
    """Measures, and writes the page if asked to; gives the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    names = [part.name for part in PARTS]
    parser.add_argument("--only", nargs="*", choices=names, help="no name: measure nothing")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--docs", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    chosen = parser.parse_args()
    parts = [part for part in PARTS if chosen.only is None or part.name in chosen.only]
    codes = {part.name: _measured(part, short=chosen.short) for part in parts}
    broken = [name for name, code in codes.items() if code not in {0, NOT_MEASURED}]
    missing = [name for name, code in codes.items() if code == NOT_MEASURED]
    if chosen.docs:
        write_page([(part, found) for part in PARTS if (found := read(part.name))])
    if missing:
        print(f"not measured, since something is not here: {', '.join(missing)}", flush=True)
    if broken:
        print(f"not kept: {', '.join(broken)}", flush=True)
    return int(bool(broken))


def write_page(found: Sequence[tuple[Part, Findings]]) -> None:
    """Puts what was found between the two marks of the page.

    Raises:
        ValueError: the page has not both marks.
    """
    tables.write_figures(PAGE, "\n\n".join(_section(part, findings) for part, findings in found))


def _measured(part: Part, *, short: bool) -> int:
    """Measures one part; gives its exit code."""
    command = [sys.executable, "-m", f"benchmarks.{part.name}", *(part.short if short else ())]
    say(" ".join(command[1:]))
    return subprocess.run(command, check=False, cwd=ROOT).returncode


def _section(part: Part, found: Findings) -> str:
    command = f"python -m benchmarks.{part.name} {found.options}".strip()
    return f"### {part.title}\n\n`{command}` on {found.day}. {found.measured_on}.\n\n{found.tables}"


if __name__ == "__main__":
    sys.exit(main())
