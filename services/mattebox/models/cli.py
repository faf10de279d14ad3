"""The commands ``mattebox models``: install, list, verify and deliver.

What takes long to import, or comes with the extra `models` only, is imported where it is used, so
that help and completion need none of it.
"""

import json
from pathlib import Path
from typing import Annotated

import typer

from mattebox.completions import installed_models, known_models
from mattebox.examples import examples
from mattebox.models.endings import complain, errors_as_lines, terminated_by_exception
from mattebox.models.errors import DamagedError, ModelError
from mattebox.models.places import DEFAULT_REPOSITORY, SHIPPED_CARDS

models_app = typer.Typer(
    no_args_is_help=True,
    help="Install, list, verify and deliver the networks that can be served.",
    epilog=examples(
        "mattebox models list",
        "mattebox models install u2netp",
        "mattebox models verify",
    ),
)

Repository = Annotated[Path, typer.Option(help="The folder with a folder for each model.")]
Cards = Annotated[
    Path,
    typer.Option(
        help="The folder with the cards of the known models.", show_default="those of Mattebox"
    ),
]


@models_app.command(
    epilog=examples(
        "mattebox models install u2netp",
        "mattebox models install isnet-general-use --from-file isnet-general-use.onnx",
        "mattebox models install rmbg-2.0 --from-file model.onnx --accept-licence",
        "mattebox models install mine --card mine.toml --from-file mine.onnx",
    )
)
def install(  # noqa: PLR0913 - the options of a command are its parameters
    name: Annotated[
        str,
        typer.Argument(autocompletion=known_models, help="The model's name, as 'list' shows it."),
    ],
    *,
    from_file: Annotated[
        Path | None, typer.Option(help="The published file or its wheel, not to download it.")
    ] = None,
    own_card: Annotated[
        Path | None, typer.Option("--card", help="A card of your own, for a network not listed.")
    ] = None,
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="Keep to terms without commercial use.")
    ] = False,
    repository: Repository = DEFAULT_REPOSITORY,
    cards: Cards = SHIPPED_CARDS,
    force: Annotated[bool, typer.Option("--force", help="Build again what is there.")] = False,
) -> None:
    """Take a network's file, wrap it, prove that it still computes the same, and install it."""
    with errors_as_lines(), terminated_by_exception():
        from mattebox.models import card, catalogue  # noqa: PLC0415  # slow to import
        from mattebox.models import install as steps  # noqa: PLC0415  # needs the extra

        model = catalogue.own_card(name, own_card, cards) if own_card else card.load(name, cards)
        options = steps.InstallOptions(from_file, force, accept_licence)
        proof = steps.install(model, repository, options, typer.echo)
        if proof is None:
            typer.echo(f"{name} is already installed in {repository}.")
            return
        batch = "" if proof.from_single is None else f", {proof.from_single:.1e} in a batch"
        typer.echo(
            f"Installed {name} in {repository}. Largest differences: {proof.from_published:.1e} "
            f"from the published graph{batch}."
        )
        if proof.from_float is not None:
            typer.echo(
                f"Rounding to 8-bit integers moved a matte by {proof.from_float:.1e} in the mean."
            )
        if proof.from_mnn is not None:
            typer.echo(
                f"CPUs will run it with MNN, whose mattes differ by {proof.from_mnn:.1e} at most."
            )
        if proof.batch_problem:
            typer.echo(
                f"It will be given one picture at a time, since it computes no more at once: "
                f"{proof.batch_problem}."
            )


@models_app.command(
    "list",
    epilog=examples(
        "mattebox models list",
        "mattebox models list --repository /srv/models --json",
    ),
)
def list_models(
    repository: Repository = DEFAULT_REPOSITORY,
    cards: Cards = SHIPPED_CARDS,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the known networks, whether they are installed, and their terms of use."""
    with errors_as_lines():
        from mattebox.models import catalogue  # noqa: PLC0415  # slow to import
        from mattebox.models.description import describe  # noqa: PLC0415

        names = catalogue.names(cards, repository)
        models = [describe(catalogue.find(name, cards, repository), repository) for name in names]
        if as_json:
            typer.echo(json.dumps(models, indent=2, ensure_ascii=False))
            return
        for model in models:
            typer.echo(
                "{name}: {title}, {size}, {state}\n"
                "    Licence: {licence}, {holder}\n"
                "    Commercial use: {commercial_use_text}\n"
                "    File: {file}".format_map(model)
            )


@models_app.command(
    epilog=examples(
        "mattebox models verify",
        "mattebox models verify u2netp --run",
        "mattebox models verify --repository /srv/models",
    )
)
def verify(
    name: Annotated[
        str | None,
        typer.Argument(
            autocompletion=installed_models,
            help="The model's name; every model in the folder without it.",
        ),
    ] = None,
    repository: Repository = DEFAULT_REPOSITORY,
    cards: Cards = SHIPPED_CARDS,
    run: Annotated[
        bool, typer.Option("--run", help="Also run the graph on the known picture.")
    ] = False,
) -> None:
    """Check that installed networks are, byte for byte, what was installed."""
    with errors_as_lines():
        from mattebox.models import catalogue  # noqa: PLC0415  # slow to import
        from mattebox.models import verify as checks  # noqa: PLC0415  # needs the extra

        sound = True
        for each in [name] if name else _standing(repository, cards):
            try:
                checks.verify(catalogue.find(each, cards, repository), repository, run=run)
                typer.echo(f"{each} is as it was installed.")
            except ModelError as error:
                complain(str(error))
                sound = False
        if not sound:
            raise typer.Exit(1)


@models_app.command(
    epilog=examples(
        "mattebox models deliver u2netp --from model_repository --to /srv/models",
        "mattebox models deliver u2netp isnet-general-use --from /models --to /srv/models",
    )
)
def deliver(
    names: Annotated[
        list[str],
        typer.Argument(autocompletion=installed_models, help="The models' names."),
    ],
    source: Annotated[Path, typer.Option("--from", help="The folder they are installed in.")],
    target: Annotated[Path, typer.Option("--to", help="The folder a server reads them from.")],
    cards: Cards = SHIPPED_CARDS,
) -> None:
    """Copy installed networks, byte for byte, to where a server finds them."""
    with errors_as_lines(), terminated_by_exception():
        from mattebox.models import catalogue, delivery  # noqa: PLC0415  # slow to import

        for name in names:
            if delivery.deliver(catalogue.find(name, cards, source), source, target):
                typer.echo(f"Delivered {name} to {target}.")
            else:
                typer.echo(f"{name} is in {target} already.")


def _standing(repository: Path, cards: Path) -> list[str]:
    from mattebox.models import card, installed  # noqa: PLC0415  # slow to import

    known = [name for name in card.names(cards) if (repository / name).is_dir()]
    names = sorted({*known, *installed.names(repository)})
    if not names:
        raise DamagedError(
            f"{repository} holds no known model. Name the folder of the models with --repository."
        )
    return names
