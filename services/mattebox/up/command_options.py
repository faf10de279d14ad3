"""The options of `mattebox up` as a command line has them; `mattebox doctor` has some too."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from mattebox.completions import model_list
from mattebox.up.options import EngineChoice

_LISTENS = "Where it listens"
_RUNS = "What runs"
_KEEPS = "What it keeps and tells"

Host = Annotated[
    str,
    typer.Option(
        help="Where HTTP listens. 0.0.0.0 opens it to the network.", rich_help_panel=_LISTENS
    ),
]
Port = Annotated[
    int,
    typer.Option(
        "--port",
        "-p",
        min=0,
        max=65_535,
        help="Port of HTTP; 0 takes a free one.",
        rich_help_panel=_LISTENS,
    ),
]
GrpcPort = Annotated[
    int,
    typer.Option(
        min=0, max=65_535, help="Port of gRPC, on this machine.", rich_help_panel=_LISTENS
    ),
]
MetricsPort = Annotated[
    int,
    typer.Option(
        min=0,
        max=65_534,
        help="Port of the metrics; the segmenter's take the next one.",
        rich_help_panel=_LISTENS,
    ),
]
TlsCert = Annotated[
    Path | None,
    typer.Option(
        help="The certificate of HTTPS (PEM), with which HTTP is not spoken any more.",
        rich_help_panel=_LISTENS,
    ),
]
TlsKey = Annotated[
    Path | None,
    typer.Option(
        help="The key of that certificate (PEM, without a password).", rich_help_panel=_LISTENS
    ),
]
Engine = Annotated[
    EngineChoice,
    typer.Option(
        help="What runs the model. auto takes triton where it can run.", rich_help_panel=_RUNS
    ),
]
Model = Annotated[
    str,
    typer.Option(
        "--model",
        "-m",
        autocompletion=model_list,
        help="The models to serve, by commas, as `mattebox models list` names them."
        " The first is the default.",
        rich_help_panel=_RUNS,
    ),
]
Repository = Annotated[
    Path,
    typer.Option(help="The folder with a folder for each model.", rich_help_panel=_RUNS),
]
Threads = Annotated[
    int | None,
    typer.Option(min=1, help="Cores that run the model; all by default.", rich_help_panel=_RUNS),
]
StateDir = Annotated[
    Path,
    typer.Option(
        help="Where keys and the state of this service stand.",
        rich_help_panel=_KEEPS,
    ),
]
ReadyFile = Annotated[
    Path | None,
    typer.Option(
        help="Where to write, once all is up, how to reach it (JSON).", rich_help_panel=_KEEPS
    ),
]
LogLevel = Annotated[
    Literal["debug", "info", "warning", "error"] | None,
    typer.Option(
        help="Least important events that are logged; info by default.", rich_help_panel=_KEEPS
    ),
]


def model_names(text: str) -> tuple[str, ...]:
    """Reads names by commas, each once, in their order.

    Raises:
        typer.BadParameter: there is none.
    """
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not names:
        raise typer.BadParameter("name at least one model.", param_hint="--model")
    return names
