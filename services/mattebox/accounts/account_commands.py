"""The commands ``mattebox accounts``: create, list, suspend, activate and delete."""

import json
from typing import Annotated

import typer

from gateway.accounts.caller import Account
from mattebox.accounts.option_values import email as check_email
from mattebox.accounts.options import WHICH_DATABASE, AsJson, DatabaseUrl, StateDir
from mattebox.accounts.session import Place, administer
from mattebox.accounts.table import table
from mattebox.accounts.views import ACCOUNT_HEADER, account_to_json, account_to_row
from mattebox.examples import examples

accounts_app = typer.Typer(
    no_args_is_help=True,
    epilog=examples(
        "mattebox accounts create ann@example.com",
        "mattebox accounts list",
        note=WHICH_DATABASE,
    ),
    help="Make and list accounts, suspend them, make them active again, and delete them.",
)

Email = Annotated[
    str,
    typer.Argument(parser=check_email, metavar="EMAIL", help="The account's e-mail address."),
]


@accounts_app.command(
    epilog=examples(
        "mattebox accounts create ann@example.com",
        "mattebox accounts create ann@example.com --plan standard",
        "mattebox accounts create ann@example.com --state-dir /var/lib/mattebox --json",
    )
)
def create(
    email: Email,
    *,
    plan: Annotated[
        str, typer.Option(help="Its plan, as `mattebox plans list` names it.")
    ] = "standard",
    as_json: AsJson = False,
    state_dir: StateDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make an account; also makes the database where there is none yet."""
    account = administer(
        Place(state_dir, database_url),
        lambda session: session.administration.create_account(email, plan),
        make=True,
    )
    _show(account, f"Made the account {account.email} with the plan {account.plan}.", as_json)


@accounts_app.command(
    "list", epilog=examples("mattebox accounts list", "mattebox accounts list --json")
)
def list_accounts(
    *, as_json: AsJson = False, state_dir: StateDir = None, database_url: DatabaseUrl = None
) -> None:
    """Show all accounts."""
    accounts = administer(
        Place(state_dir, database_url), lambda session: session.administration.accounts()
    )
    if as_json:
        typer.echo(json.dumps([account_to_json(account) for account in accounts], indent=2))
    else:
        typer.echo(table(ACCOUNT_HEADER, [account_to_row(account) for account in accounts]))


@accounts_app.command(
    epilog=examples(
        "mattebox accounts suspend ann@example.com",
        "mattebox accounts suspend ann@example.com --json",
    )
)
def suspend(
    email: Email,
    *,
    as_json: AsJson = False,
    state_dir: StateDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Have all keys of an account refused until it is active again."""
    account = administer(
        Place(state_dir, database_url),
        lambda session: session.administration.suspend_account(email),
    )
    _show(account, f"{account.email} is suspended; its keys are refused within seconds.", as_json)


@accounts_app.command(
    epilog=examples(
        "mattebox accounts activate ann@example.com",
        "mattebox accounts activate ann@example.com --json",
    )
)
def activate(
    email: Email,
    *,
    as_json: AsJson = False,
    state_dir: StateDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Take the suspension of an account back."""
    account = administer(
        Place(state_dir, database_url),
        lambda session: session.administration.activate_account(email),
    )
    _show(account, f"{account.email} is active; its keys are accepted within seconds.", as_json)


@accounts_app.command(
    epilog=examples(
        "mattebox accounts delete ann@example.com",
        "mattebox accounts delete ann@example.com --yes",
    )
)
def delete(
    email: Email,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
    state_dir: StateDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Delete an account with its keys and their usage, for good."""
    place = Place(state_dir, database_url)
    if not yes:
        keys = administer(place, lambda session: session.administration.keys(email))
        typer.confirm(
            f"Delete {email}, its keys ({len(keys)}) and their usage? This cannot be undone.",
            abort=True,
            err=True,
        )
    account, deleted = administer(
        place, lambda session: session.administration.delete_account(email)
    )
    if as_json:
        typer.echo(json.dumps({"email": account.email, "deleted_keys": deleted}, indent=2))
    else:
        typer.echo(
            f"Deleted {account.email}, its keys ({deleted}), which are refused within seconds, and"
            " their usage."
        )


def _show(account: Account, sentence: str, as_json: bool) -> None:
    typer.echo(json.dumps(account_to_json(account), indent=2) if as_json else sentence)
