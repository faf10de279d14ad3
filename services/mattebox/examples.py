"""The examples below the help of each command. Tests run each through the command's parser."""

HEADING = "Examples:"
_INDENT = "  "


def examples(*lines: str, note: str = "") -> str:
    """Lays command lines out for the end of a help page, after a `note` if there is one."""
    shown = "\n".join([HEADING, *(f"{_INDENT}{line}" for line in lines)])
    return f"{note}\n\n{shown}" if note else shown


def examples_in(page_end: str | None) -> list[str]:
    """Reads the command lines out of what `examples` made; none where there is no heading."""
    _, _, shown = (page_end or "").partition(f"{HEADING}\n")
    return [line.removeprefix(_INDENT) for line in shown.splitlines()]
