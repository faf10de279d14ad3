"""What a shell offers for the names of models. Reads names of folders and files, never in them."""

from collections.abc import Iterable
from pathlib import Path

import typer

from mattebox.models.places import DEFAULT_REPOSITORY, SHIPPED_CARDS

_REPOSITORIES = ("model_repository", "repository", "source")
"""The options of commands that name the folder of the models."""


def known_models(ctx: typer.Context, incomplete: str) -> list[str]:
    """Names that `mattebox models install` takes."""
    folder = _folder(ctx, ("cards",), SHIPPED_CARDS)
    return _starting(incomplete, (path.stem for path in folder.glob("*.toml")))


def installed_models(ctx: typer.Context, incomplete: str) -> list[str]:
    """Names of models that stand in the repository of the command line."""
    folder = _folder(ctx, _REPOSITORIES, DEFAULT_REPOSITORY)
    return _starting(incomplete, (path.parent.name for path in folder.glob("*/config.pbtxt")))


def model_list(ctx: typer.Context, incomplete: str) -> list[str]:
    """The same names for an option that takes several by commas, each once."""
    before, comma, last = incomplete.rpartition(",")
    taken = before.split(",")
    return [f"{before}{comma}{name}" for name in installed_models(ctx, last) if name not in taken]


def _folder(ctx: typer.Context, options: Iterable[str], default: Path) -> Path:
    named = (ctx.params.get(option) for option in options)
    return next((Path(folder) for folder in named if folder), default)


def _starting(incomplete: str, names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if name.startswith(incomplete))
