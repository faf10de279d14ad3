"""The commands ``mattebox accounts``: create, list, suspend and activate."""

import json
from typing import Annotated

import typer

from gateway.accounts.caller import Account
from mattebox.accounts.option_values import email as check_email
from mattebox.accounts.options import WHICH_DATABASE, AsJson, DatabaseUrl, StateDir
from mattebox.accounts.session import Place, administer
from mattebox.accounts.table import table
from mattebox.accounts.views import ACCOUNT_HEADER, account_to_json, account_to_row

accounts_app = typer.Typer(
    no_args_is_help=True,
    epilog=WHICH_DATABASE,
    help="Make and list accounts, suspend them and make them active again.",
)

Email = Annotated[
    str,
    typer.Argument(parser=check_email, metavar="EMAIL", help="The account's e-mail address."),
]


@accounts_app.command(epilog="Example: mattebox accounts create ann@example.com --plan standard")
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


@accounts_app.command("list", epilog="Example: mattebox accounts list --json")
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


@accounts_app.command(epilog="Example: mattebox accounts suspend ann@example.com")
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


@accounts_app.command(epilog="Example: mattebox accounts activate ann@example.com")
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


def _show(account: Account, sentence: str, as_json: bool) -> None:
    typer.echo(json.dumps(account_to_json(account), indent=2) if as_json else sentence)
