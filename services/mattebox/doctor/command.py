"""The command `mattebox doctor`."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from mattebox.doctor.asked import Asked, RunningAsked
from mattebox.examples import examples
from mattebox.models.places import DEFAULT_MODEL, DEFAULT_REPOSITORY
from mattebox.up.command_options import (
    Engine,
    GrpcPort,
    Host,
    MetricsPort,
    Model,
    Port,
    Repository,
    StateDir,
    Threads,
    model_names,
)
from mattebox.up.options import DEFAULT_STATE_DIR, EngineChoice, UpOptions

PAGE_END = examples(
    "mattebox doctor",
    "mattebox doctor --deep --model isnet-general-use,u2netp",
    "mattebox doctor --ready-file ready.json",
    "MATTEBOX_KEY=mb_live_0 mattebox doctor --url https://cutouts.example.com --json",
    note="Exits with 0 where nothing is a problem, and with 1 otherwise. Give it the options with"
    " which `mattebox up` is started; docs/troubleshooting.md tells more of each finding.",
)

_RUNNING = "A running service"
_REPORT = "The report"

Url = Annotated[
    str | None,
    typer.Option(
        envvar="MATTEBOX_URL",
        help="Ask the Mattebox at this address for its health too.",
        rich_help_panel=_RUNNING,
    ),
]
Key = Annotated[
    str | None,
    typer.Option(
        envvar="MATTEBOX_KEY",
        help="Try this API key there, with a small picture that counts as one image. Others on"
        " this machine can see it: rather name it in the environment.",
        show_default=False,
        rich_help_panel=_RUNNING,
    ),
]
Grpc = Annotated[
    str | None,
    typer.Option(
        metavar="HOST:PORT",
        help="Ask the segmenter at this address for its health too.",
        rich_help_panel=_RUNNING,
    ),
]
ReadyFile = Annotated[
    Path | None,
    typer.Option(
        help="Take these three, where they are not given, from the ready file of `mattebox up`.",
        rich_help_panel=_RUNNING,
    ),
]
Deep = Annotated[
    bool,
    typer.Option("--deep", help="Also run each model on a known picture.", rich_help_panel=_REPORT),
]
AsJson = Annotated[
    bool,
    typer.Option("--json", help="Print JSON and nothing else.", rich_help_panel=_REPORT),
]


def doctor(  # noqa: PLR0913 - the options of a command are its parameters
    *,
    host: Host = "127.0.0.1",
    port: Port = 8080,
    grpc_port: GrpcPort = 50_051,
    metrics_port: MetricsPort = 9090,
    state_dir: StateDir = DEFAULT_STATE_DIR,
    engine: Engine = EngineChoice.AUTO,
    model: Model = DEFAULT_MODEL,
    model_repository: Repository = DEFAULT_REPOSITORY,
    threads: Threads = None,
    url: Url = None,
    key: Key = None,
    grpc: Grpc = None,
    ready_file: ReadyFile = None,
    deep: Deep = False,
    as_json: AsJson = False,
) -> None:
    """Check the set-up, and say what to mend.

    Looks at what `mattebox up` needs, and at a running service if one is named. Changes nothing.
    """
    up = UpOptions(
        host=host,
        port=port,
        grpc_port=grpc_port,
        metrics_port=metrics_port,
        state_dir=state_dir,
        engine=engine,
        models=model_names(model),
        model_repository=model_repository,
        ready_file=None,
        threads=threads,
        log_level=None,
    )
    running = _completed(RunningAsked(url, key, grpc), ready_file)
    from mattebox.doctor import report  # noqa: PLC0415 - slow to import, with what it examines
    from mattebox.doctor.examine import examine  # noqa: PLC0415

    findings = examine(Asked(up, running, deep))
    width = shutil.get_terminal_size().columns
    typer.echo(report.as_json(findings) if as_json else report.as_text(findings, width))
    if not report.is_sound(findings):
        raise typer.Exit(1)


def _completed(running: RunningAsked, ready_file: Path | None) -> RunningAsked:
    if ready_file is None:
        return running
    try:
        return running.completed_from(ready_file)
    except (OSError, ValueError):
        raise typer.BadParameter(
            f"{ready_file} is no ready file: `mattebox up --ready-file FILE` writes one, which is"
            " there as long as it runs.",
            param_hint="--ready-file",
        ) from None
