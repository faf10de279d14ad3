"""What a build may copy out of the repository: all that its `.dockerignore` lets through."""

import re
from functools import cache
from pathlib import Path

from tests.conftest import ROOT


class ContextError(Exception):
    """A Dockerfile copies what is not in the context."""


def files(source: str) -> list[Path]:
    """Lists the files that a path of the context stands for, sorted.

    Raises:
        ContextError: there is none.
    """
    place = ROOT / source
    found = [place] if place.is_file() else sorted(path for path in place.rglob("*"))
    allowed = [path for path in found if path.is_file() and is_inside(path.relative_to(ROOT))]
    if not allowed:
        raise ContextError(f"{source} is not there, or .dockerignore keeps it out")
    return allowed


def is_inside(path: Path) -> bool:
    """Tells whether a path of the repository is in the context: the last rule that fits counts."""
    inside = True
    for pattern, lets_in in _rules():
        if any(pattern.fullmatch(each.as_posix()) for each in (path, *path.parents)):
            inside = lets_in
    return inside


@cache
def _rules() -> tuple[tuple[re.Pattern[str], bool], ...]:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    return tuple((_pattern(rule.removeprefix("!")), rule.startswith("!")) for rule in rules)


def _pattern(glob: str) -> re.Pattern[str]:
    """`*` stops at a slash, `**/` stands for any folders, as in Docker."""
    parts = re.split(r"(\*\*/|\*)", glob.strip("/"))
    known = {"**/": "(?:.*/)?", "*": "[^/]*"}
    return re.compile("".join(known.get(part, re.escape(part)) for part in parts))
