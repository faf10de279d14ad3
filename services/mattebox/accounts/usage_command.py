"""The command ``mattebox keys usage``."""

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.accounts.keys import key_id as id_in_key
from mattebox.accounts.errors import CommandError
from mattebox.accounts.option_values import day
from mattebox.accounts.options import OUTPUT_PANEL, AsJson, DatabaseUrl, StateDir
from mattebox.accounts.session import Place, Session, administer
from mattebox.accounts.usage_views import usage_to_csv, usage_to_json, usage_to_table

if TYPE_CHECKING:
    from gateway.accounts.store import UsageRow

_DATE = "DATE"


def usage(  # noqa: PLR0913 - the options of a command are its parameters
    *,
    first_day: Annotated[
        date | None,
        typer.Option(
            "--from",
            parser=day,
            metavar=_DATE,
            help="The first day; the first of the last day's month without it.",
        ),
    ] = None,
    last_day: Annotated[
        date | None,
        typer.Option("--to", parser=day, metavar=_DATE, help="The last day; today without it."),
    ] = None,
    key_id: Annotated[
        str | None, typer.Option("--key", metavar="ID", help="Show the usage of this key only.")
    ] = None,
    as_csv: Annotated[
        bool,
        typer.Option("--csv", help="Print CSV and nothing else.", rich_help_panel=OUTPUT_PANEL),
    ] = False,
    as_json: AsJson = False,
    state_dir: StateDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Show what keys were used for, day by day (UTC); this month unless other days are named.

    What gateways have delivered in the last seconds may not be in it yet.
    """
    if as_csv and as_json:
        raise typer.BadParameter("choose one of --csv and --json.", param_hint="--csv")
    last = last_day or datetime.now(UTC).date()
    first = first_day or last.replace(day=1)
    if first > last:
        today = " (today)" if last_day is None else ""
        raise typer.BadParameter(f"{first} is after {last}{today}.", param_hint="--from")

    async def rows(session: Session) -> "list[UsageRow]":
        meant_id = key_id and (id_in_key(key_id) or key_id)
        found = await session.store.usage_rows(first, last, meant_id)
        if not found and meant_id is not None and await session.store.find_key(meant_id) is None:
            raise CommandError(
                f"There is no key {meant_id!r}. `mattebox keys list` shows those there are."
            )
        return list(found)

    found = administer(Place(state_dir, database_url), rows)
    if as_csv:
        typer.echo(usage_to_csv(found), nl=False)
    elif as_json:
        typer.echo(json.dumps(usage_to_json(found), indent=2))
    else:
        typer.echo(usage_to_table(found))
