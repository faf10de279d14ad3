"""The commands ``mattebox plans``: list and set."""

import json
from typing import Annotated

import typer

from gateway.accounts.caller import RateLimits
from mattebox.accounts.option_values import Limit
from mattebox.accounts.option_values import limit as parse_limit
from mattebox.accounts.options import WHICH_DATABASE, AsJson, DatabaseUrl, StateDir
from mattebox.accounts.session import Place, administer
from mattebox.accounts.table import table
from mattebox.accounts.views import PLAN_HEADER, RIGHT, plan_to_json, plan_to_row
from mattebox.examples import examples

plans_app = typer.Typer(
    no_args_is_help=True,
    epilog=examples(
        "mattebox plans list",
        "mattebox plans set pro --requests-per-minute 1200 --megapixels-per-minute 4000",
        note=WHICH_DATABASE,
    ),
    help="List the plans and set their limits.",
)

_LIMIT = "N|unlimited"


@plans_app.command("list", epilog=examples("mattebox plans list", "mattebox plans list --json"))
def list_plans(
    *, as_json: AsJson = False, state_dir: StateDir = None, database_url: DatabaseUrl = None
) -> None:
    """Show all plans and their limits."""
    plans = administer(
        Place(state_dir, database_url), lambda session: session.administration.plans()
    )
    if as_json:
        typer.echo(json.dumps([plan_to_json(plan) for plan in plans], indent=2))
    else:
        typer.echo(table(PLAN_HEADER, [plan_to_row(plan) for plan in plans], RIGHT))


@plans_app.command(
    "set",
    epilog=examples(
        "mattebox plans set pro --requests-per-minute 1200 --megapixels-per-minute 4000",
        "mattebox plans set batch --requests-per-minute 60 --megapixels-per-minute unlimited",
    ),
)
def set_plan(  # noqa: PLR0913 - the options of a command are its parameters
    name: Annotated[str, typer.Argument(help="The plan's name; a new one makes a new plan.")],
    *,
    requests_per_minute: Annotated[
        Limit, typer.Option(parser=parse_limit, metavar=_LIMIT, help="Requests of a key.")
    ],
    megapixels_per_minute: Annotated[
        Limit, typer.Option(parser=parse_limit, metavar=_LIMIT, help="Megapixels answered to it.")
    ],
    as_json: AsJson = False,
    state_dir: StateDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Make a plan, or change the limits of one, which holds for its keys within seconds."""
    limits = RateLimits(requests_per_minute.per_minute, megapixels_per_minute.per_minute)
    plan = administer(
        Place(state_dir, database_url),
        lambda session: session.administration.set_plan(name, limits),
        make=True,
    )
    if as_json:
        typer.echo(json.dumps(plan_to_json(plan), indent=2))
    else:
        typer.echo(table(PLAN_HEADER, [plan_to_row(plan)], RIGHT))
