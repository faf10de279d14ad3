"""The commands ``mattebox keys``: create, list, rotate and revoke. Shows a key once, here."""

import json
from datetime import datetime, timedelta
from typing import Annotated

import typer

from gateway.accounts.keys import KeyRecord, KeyTerms, Mode
from gateway.accounts.rules import meant_key_id
from mattebox.accounts.option_values import duration, expiry, rate
from mattebox.accounts.option_values import email as check_email
from mattebox.accounts.options import (
    OUTPUT_PANEL,
    WHICH_DATABASE,
    AsJson,
    DatabaseUrl,
    StateDir,
)
from mattebox.accounts.session import Place, Session, administer
from mattebox.accounts.table import table
from mattebox.accounts.usage_command import usage
from mattebox.accounts.views import KEY_HEADER, RIGHT, key_to_json, key_to_row, moment
from mattebox.examples import examples

keys_app = typer.Typer(
    no_args_is_help=True,
    epilog=examples(
        "mattebox keys create --account ann@example.com --name 'web shop'",
        "mattebox keys list --account ann@example.com",
        "mattebox keys usage --csv",
        note=WHICH_DATABASE,
    ),
    help="Make, list, rotate and revoke API keys; see what they were used for.",
)

KeyId = Annotated[str, typer.Argument(metavar="ID", help="The key's id, as `keys list` shows it.")]
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet", "-q", help="Print the key and nothing else.", rich_help_panel=OUTPUT_PANEL
    ),
]

_OVERLAP = timedelta(days=1)
_ONCE = "It cannot be shown again; only a hash of it is kept."


@keys_app.command(
    epilog=examples(
        "mattebox keys create --account ann@example.com --name 'web shop'",
        "mattebox keys create --account ann@example.com --rate 600/minute --expires 90d",
        "mattebox keys create --account ann@example.com --quiet > key.txt",
        "mattebox keys create --account ann@example.com --mode synthetic --name probe",
    )
)
def create(  # noqa: PLR0913 - the options of a command are its parameters
    *,
    account: Annotated[
        str,
        typer.Option(parser=check_email, metavar="EMAIL", help="Whose key it is to be."),
    ],
    mode: Annotated[
        Mode,
        typer.Option(
            help="live keys are metered and limited; admin keys are neither, nor are synthetic"
            " ones, which are for probes."
        ),
    ] = "live",
    name: Annotated[str, typer.Option(help="What it is for, to tell keys apart.")] = "",
    plan: Annotated[str | None, typer.Option(help="A plan instead of its account's.")] = None,
    requests_per_minute: Annotated[
        int | None,
        typer.Option(
            "--rate", parser=rate, metavar="N/minute", help="Its own limit instead of its plan's."
        ),
    ] = None,
    expires_at: Annotated[
        datetime | None,
        typer.Option(
            "--expires",
            parser=expiry,
            metavar="90d|DATE",
            help="When it ends: after so long, or at the beginning of a day (UTC).",
        ),
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    state_dir: StateDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make a key and print it, alone on standard output. It cannot be shown again."""
    terms = KeyTerms(plan, requests_per_minute, expires_at=expires_at)
    key, record = administer(
        Place(state_dir, database_url),
        lambda session: session.administration.create_key(
            account, mode=mode, name=name, terms=terms
        ),
    )
    if as_json:
        typer.echo(json.dumps({"key": key} | key_to_json(record), indent=2))
        return
    typer.echo(key)
    if not quiet:
        typer.echo(f"This is the key {record.key_id} of {record.email}. {_ONCE}", err=True)


@keys_app.command(
    "list",
    epilog=examples(
        "mattebox keys list",
        "mattebox keys list --account ann@example.com --json",
    ),
)
def list_keys(
    *,
    account: Annotated[
        str | None,
        typer.Option(parser=check_email, metavar="EMAIL", help="Show the keys of this one only."),
    ] = None,
    as_json: AsJson = False,
    state_dir: StateDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Show keys, their limits and states; never the keys themselves, which are not kept."""
    keys = administer(
        Place(state_dir, database_url), lambda session: session.administration.keys(account)
    )
    if as_json:
        typer.echo(json.dumps([key_to_json(key) for key in keys], indent=2))
    else:
        typer.echo(table(KEY_HEADER, [key_to_row(key) for key in keys], RIGHT))


@keys_app.command(
    epilog=examples(
        "mattebox keys rotate 4fT0aZ81kQwX",
        "mattebox keys rotate 4fT0aZ81kQwX --overlap 7d",
        "mattebox keys rotate 4fT0aZ81kQwX --overlap 0 --quiet",
    )
)
def rotate(  # noqa: PLR0913 - as above
    key_id: KeyId,
    *,
    overlap: Annotated[
        timedelta | None,
        typer.Option(
            parser=duration,
            metavar="DURATION",
            show_default="24h",
            help="For how long the old key is still accepted; 0 revokes it.",
        ),
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    state_dir: StateDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make a key to take over from another, and print it, alone on standard output."""

    async def replace(session: Session) -> tuple[str, KeyRecord, KeyRecord | None]:
        key, record = await session.administration.rotate_key(
            key_id, _OVERLAP if overlap is None else overlap
        )
        return key, record, await session.store.find_key(meant_key_id(key_id))

    key, record, old = administer(Place(state_dir, database_url), replace)
    if as_json:
        replaces = old and key_to_json(old)
        typer.echo(
            json.dumps({"key": key} | key_to_json(record) | {"replaces": replaces}, indent=2)
        )
        return
    typer.echo(key)
    if not quiet:
        typer.echo(f"This is the key {record.key_id} of {record.email}. {_ONCE}", err=True)
        typer.echo(_farewell(key_id, old), err=True)


@keys_app.command(
    epilog=examples(
        "mattebox keys revoke 4fT0aZ81kQwX",
        "mattebox keys revoke 4fT0aZ81kQwX --json",
    )
)
def revoke(
    key_id: KeyId,
    *,
    as_json: AsJson = False,
    state_dir: StateDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Have a key refused for good, within seconds and at every gateway."""
    record = administer(
        Place(state_dir, database_url),
        lambda session: session.administration.revoke_key(key_id),
    )
    if as_json:
        typer.echo(json.dumps(key_to_json(record), indent=2))
    else:
        typer.echo(f"The key {record.key_id} of {record.email} is refused within seconds.")


keys_app.command(
    epilog=examples(
        "mattebox keys usage",
        "mattebox keys usage --from 2026-11-01 --to 2026-11-30 --csv > november.csv",
        "mattebox keys usage --key 4fT0aZ81kQwX --json",
    )
)(usage)


def _farewell(old_id: str, old: KeyRecord | None) -> str:
    if old is None or old.revoked_at is not None:
        return f"The key {old_id} is refused within seconds."
    return f"The key {old_id} is accepted until {moment(old.terms.expires_at)} UTC."
