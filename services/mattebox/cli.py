"""The console script `mattebox`. Knows which commands there are, and nothing they do."""

from importlib import metadata
from typing import Annotated

import typer

from mattebox.accounts.account_commands import accounts_app
from mattebox.accounts.key_commands import keys_app
from mattebox.accounts.plan_commands import plans_app
from mattebox.doctor.command import PAGE_END as DOCTOR_PAGE_END
from mattebox.doctor.command import doctor
from mattebox.examples import examples
from mattebox.models.cli import models_app
from mattebox.remove.command import PAGE_END as REMOVE_PAGE_END
from mattebox.remove.command import remove
from mattebox.up.command import PAGE_END as UP_PAGE_END
from mattebox.up.command import up

_RUN = "Run it"
_KEEP = "Look after it"

app = typer.Typer(
    help="Background removal on your own machine.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples(
        "mattebox models install u2netp",
        "mattebox up",
        "mattebox remove photos --out cut-outs",
        "mattebox doctor",
    ),
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
        bool,
        typer.Option("--version", "-V", callback=_show_version, is_eager=True, help="Show it."),
    ] = False,
) -> None:
    """Background removal on your own machine."""


app.command(epilog=UP_PAGE_END, rich_help_panel=_RUN)(up)
app.command(epilog=REMOVE_PAGE_END, rich_help_panel=_RUN)(remove)
app.command(epilog=DOCTOR_PAGE_END, rich_help_panel=_RUN)(doctor)
app.add_typer(models_app, name="models", rich_help_panel=_KEEP)
app.add_typer(accounts_app, name="accounts", rich_help_panel=_KEEP)
app.add_typer(keys_app, name="keys", rich_help_panel=_KEEP)
app.add_typer(plans_app, name="plans", rich_help_panel=_KEEP)


def main() -> None:
    """Runs the command that the arguments name."""
    app()
