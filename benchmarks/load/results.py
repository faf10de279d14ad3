"""What a benchmark found, on the screen and in a file for those that judge and publish it."""

import datetime as dt
import json
import shlex
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from benchmarks.load.figures import Figure
from benchmarks.quality.report import machine, versions
from benchmarks.running import ROOT

NOT_MEASURED = 3
"""Exit code of a benchmark that lacks what it measures with."""

_FOLDER = ROOT / "benchmarks" / "results"


@dataclass(frozen=True, slots=True)
class Findings:
    """Of one benchmark."""

    name: str
    figures: Mapping[str, Figure]
    """What budgets are judged by."""
    tables: str
    """Markdown."""
    day: str
    measured_on: str
    """Machine and versions, in words."""
    options: str = ""
    """Those of the command line."""


def found(name: str, figures: Mapping[str, Figure], tables: str, more: str = "") -> Findings:
    """Adds where and when to what was found, prints its tables and writes it to a file."""
    own = ", ".join(f"{package} {version}" for package, version in versions().items())
    findings = Findings(
        name,
        figures,
        tables,
        str(dt.datetime.now(dt.UTC).date()),
        ". ".join(filter(None, [machine(), own, more])),
        shlex.join(sys.argv[1:]),
    )
    _FOLDER.mkdir(exist_ok=True)
    path = _FOLDER / f"{name}.json"
    path.write_text(json.dumps(asdict(findings), indent=1), encoding="utf-8")
    print(
        f"\n{findings.measured_on}\n\n{tables}\n\nwritten to {path.relative_to(ROOT)}", flush=True
    )
    return findings


def read(name: str) -> Findings | None:
    """Reads what a benchmark found last, if it ever ran."""
    path = _FOLDER / f"{name}.json"
    if not path.is_file():
        return None
    fields = json.loads(path.read_text(encoding="utf-8"))
    figures = {key: Figure(**figure) for key, figure in fields.pop("figures").items()}
    return Findings(figures=figures, **fields)


def say(text: str) -> None:
    """Tells how far a long benchmark is, beside its results."""
    print(text, file=sys.stderr, flush=True)
