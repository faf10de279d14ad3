"""Lays rows out as aligned plain text."""

from collections.abc import Sequence

_GAP = "  "


def table(header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str] = ()) -> str:
    """Aligns the cells of each column, to the right in the columns whose names `right` holds.

    What a terminal would act on rather than show is written as an escape.
    """
    lines = [[_shown(cell) for cell in row] for row in [header, *rows]]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    to_right = [name in right for name in header]
    return "\n".join(
        _GAP.join(
            cell.rjust(width) if flush_right else cell.ljust(width)
            for cell, width, flush_right in zip(line, widths, to_right, strict=True)
        ).rstrip()
        for line in lines
    )


def _shown(cell: str) -> str:
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in cell
    )
