"""The commands ``mattebox models``: install, list, verify and deliver.

What only the extra `models` brings is imported where it is used, so that help needs none of it.
"""

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer

from mattebox.models import card, catalogue, delivery, installed
from mattebox.models.description import describe
from mattebox.models.errors import DamagedError, ModelError

models_app = typer.Typer(
    no_args_is_help=True, help="Install, list, verify and deliver the networks that can be served."
)

Repository = Annotated[Path, typer.Option(help="The folder with a folder for each model.")]
Cards = Annotated[Path, typer.Option(help="The folder with the cards of the known models.")]

_REPOSITORY = Path("model_repository")
_TERMINATED = 128 + signal.SIGTERM


@models_app.command()
def install(  # noqa: PLR0913 - the options of a command are its parameters
    name: Annotated[str, typer.Argument(help="The model's name, as 'list' shows it.")],
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
    repository: Repository = _REPOSITORY,
    cards: Cards = card.SHIPPED,
    force: Annotated[bool, typer.Option("--force", help="Build again what is there.")] = False,
) -> None:
    """Take a network's file, wrap it, prove that it still computes the same, and install it."""
    with _errors_as_lines(), _terminated_by_exception():
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


@models_app.command("list")
def list_models(
    repository: Repository = _REPOSITORY,
    cards: Cards = card.SHIPPED,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the known networks, whether they are installed, and their terms of use."""
    with _errors_as_lines():
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


@models_app.command()
def verify(
    name: Annotated[
        str | None, typer.Argument(help="The model's name; every model in the folder without it.")
    ] = None,
    repository: Repository = _REPOSITORY,
    cards: Cards = card.SHIPPED,
    run: Annotated[
        bool, typer.Option("--run", help="Also run the graph on the known picture.")
    ] = False,
) -> None:
    """Check that installed networks are, byte for byte, what was installed."""
    with _errors_as_lines():
        from mattebox.models import verify as checks  # noqa: PLC0415  # needs the extra

        sound = True
        for each in [name] if name else _standing(repository, cards):
            try:
                checks.verify(catalogue.find(each, cards, repository), repository, run=run)
                typer.echo(f"{each} is as it was installed.")
            except ModelError as error:
                _complain(str(error))
                sound = False
        if not sound:
            raise typer.Exit(1)


@models_app.command()
def deliver(
    names: Annotated[list[str], typer.Argument(help="The models' names.")],
    source: Annotated[Path, typer.Option("--from", help="The folder they are installed in.")],
    target: Annotated[Path, typer.Option("--to", help="The folder a server reads them from.")],
    cards: Cards = card.SHIPPED,
) -> None:
    """Copy installed networks, byte for byte, to where a server finds them."""
    with _errors_as_lines(), _terminated_by_exception():
        for name in names:
            if delivery.deliver(catalogue.find(name, cards, source), source, target):
                typer.echo(f"Delivered {name} to {target}.")
            else:
                typer.echo(f"{name} is in {target} already.")


def _standing(repository: Path, cards: Path) -> list[str]:
    known = [name for name in card.names(cards) if (repository / name).is_dir()]
    names = sorted({*known, *installed.names(repository)})
    if not names:
        raise DamagedError(
            f"{repository} holds no known model. Name the folder of the models with --repository."
        )
    return names


@contextmanager
def _errors_as_lines() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        _complain(
            f"The package '{error.name}' is not installed. "
            "Install what this command needs with: pip install 'mattebox[models]'"
        )
        raise typer.Exit(1) from error
    except ModelError as error:
        _complain(str(error))
        raise typer.Exit(error.exit_code) from error
    except OSError as error:
        _complain(f"{error.filename or 'A file'} cannot be read or written: {error.strerror}.")
        raise typer.Exit(1) from error


@contextmanager
def _terminated_by_exception() -> Iterator[None]:
    """Lets SIGTERM end a command as Ctrl-C does: what it began is tidied away on the way out."""

    def leave(_number: int, _frame: FrameType | None) -> NoReturn:
        sys.exit(_TERMINATED)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _complain(message: str) -> None:
    typer.echo("Error: " + " ".join(message.split()), err=True)
