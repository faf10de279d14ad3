"""docs/runbook.md, as tests ask for it."""

import re
from collections.abc import Iterator

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "runbook.md").read_text("utf-8")
_SECTION = re.compile(r"^## (Mattebox\w+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def sections() -> dict[str, str]:
    """The text about each alert, in order."""
    return dict(_SECTION.findall(PAGE))


def blocks(language: str) -> list[str]:
    """All blocks of code in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def expressions() -> Iterator[tuple[str, str]]:
    """Each query, after a name for it."""
    for number, block in enumerate(blocks("promql")):
        yield f"query {number}", block.strip()
