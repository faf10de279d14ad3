"""The console script `mattebox`. Knows which commands there are, and nothing they do."""

from importlib import metadata
from typing import Annotated

import typer

from mattebox.accounts.account_commands import accounts_app
from mattebox.accounts.key_commands import keys_app
from mattebox.accounts.plan_commands import plans_app
from mattebox.models.cli import models_app
from mattebox.up.command import up

app = typer.Typer(
    help="Background removal on your own machine.",
    no_args_is_help=True,
    add_completion=False,
    # A traceback with the values of variables would show keys.
    pretty_exceptions_show_locals=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(metadata.version("mattebox"))
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Background removal on your own machine."""


app.command()(up)
app.add_typer(models_app, name="models")
app.add_typer(accounts_app, name="accounts")
app.add_typer(keys_app, name="keys")
app.add_typer(plans_app, name="plans")


def main() -> None:
    """Runs the command that the arguments name."""
    app()
