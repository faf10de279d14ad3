"""The options that all commands share."""

from pathlib import Path
from typing import Annotated

import typer

OUTPUT_PANEL = "What is printed"
_DATABASE_PANEL = "Which database"

WHICH_DATABASE = (
    "The database is that of --database-url, or else of --state-dir, or else of the environment"
    " variable MATTEBOX_GATEWAY_DATABASE_URL, or else .mattebox/mattebox.db."
)
"""Told below the help of each group of commands."""

StateDir = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="The state directory of the `mattebox up` that is meant.",
        rich_help_panel=_DATABASE_PANEL,
    ),
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="The database that is meant. Others on this machine can see a password in it: rather"
        " name it in the environment.",
        rich_help_panel=_DATABASE_PANEL,
    ),
]
AsJson = Annotated[
    bool,
    typer.Option("--json", help="Print JSON and nothing else.", rich_help_panel=OUTPUT_PANEL),
]
