"""How usage looks to the operator: a table with a total, CSV for spreadsheets, JSON."""

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mattebox.accounts.table import table

if TYPE_CHECKING:
    from gateway.accounts.store import UsageRow

_HEADER = ("day", "key id", "account", "images", "megapixels")
_CSV_HEADER = tuple(name.replace(" ", "_") for name in _HEADER)
_RIGHT = ("images", "megapixels")
_MEGAPIXEL = 10**6


def usage_to_table(rows: Sequence["UsageRow"]) -> str:
    """Makes the table, megapixels to two digits, with a line for the total."""
    cells = [
        (str(row.day), row.key_id, row.email, str(row.images), _rounded(row.pixels)) for row in rows
    ]
    images = sum(row.images for row in rows)
    pixels = sum(row.pixels for row in rows)
    total = ("total", "", "", str(images), _rounded(pixels))
    return table(_HEADER, [*cells, total], _RIGHT)


def usage_to_csv(rows: Sequence["UsageRow"]) -> str:
    """Makes CSV with a header and no total, megapixels exact to the pixel."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_CSV_HEADER)
    writer.writerows(
        (row.day, row.key_id, row.email, row.images, _exact(row.pixels)) for row in rows
    )
    return text.getvalue()


def usage_to_json(rows: Sequence["UsageRow"]) -> list[dict[str, object]]:
    """Makes what `--json` shows."""
    return [
        {
            "day": str(row.day),
            "key_id": row.key_id,
            "account": row.email,
            "images": row.images,
            "megapixels": row.pixels / _MEGAPIXEL,
        }
        for row in rows
    ]


def _rounded(pixels: int) -> str:
    return f"{pixels / _MEGAPIXEL:.2f}"


def _exact(pixels: int) -> str:
    megapixels, rest = divmod(pixels, _MEGAPIXEL)
    return f"{megapixels}.{rest:06}"
