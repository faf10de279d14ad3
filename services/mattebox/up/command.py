"""The command `mattebox up`: its options."""

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from mattebox.up.options import EngineChoice, UpOptions

Host = Annotated[str, typer.Option(help="Where HTTP listens. 0.0.0.0 opens it to the network.")]
Port = Annotated[int, typer.Option(min=0, max=65_535, help="Port of HTTP; 0 takes a free one.")]
GrpcPort = Annotated[int, typer.Option(min=0, max=65_535, help="Port of gRPC, on this machine.")]
MetricsPort = Annotated[
    int,
    typer.Option(min=0, max=65_534, help="Port of the metrics; the segmenter's take the next one."),
]
StateDir = Annotated[Path, typer.Option(help="Where keys and the state of this service stand.")]
Engine = Annotated[
    EngineChoice,
    typer.Option(help="What runs the model. auto takes triton where it can run."),
]
Model = Annotated[
    str,
    typer.Option(
        help="The models to serve, by commas, as `mattebox models list` names them."
        " The first is the default."
    ),
]
Repository = Annotated[Path, typer.Option(help="The folder with a folder for each model.")]
ReadyFile = Annotated[
    Path | None, typer.Option(help="Where to write, once all is up, how to reach it (JSON).")
]
Threads = Annotated[
    int | None, typer.Option(min=1, help="Cores that run the model; all by default.")
]
TlsCert = Annotated[
    Path | None,
    typer.Option(help="The certificate of HTTPS (PEM), with which HTTP is not spoken any more."),
]
TlsKey = Annotated[
    Path | None, typer.Option(help="The key of that certificate (PEM, without a password).")
]
LogLevel = Annotated[
    Literal["debug", "info", "warning", "error"] | None,
    typer.Option(help="Least important events that are logged; info by default."),
]


def up(  # noqa: PLR0913 - the options of a command are its parameters
    *,
    host: Host = "127.0.0.1",
    port: Port = 8080,
    grpc_port: GrpcPort = 50_051,
    metrics_port: MetricsPort = 9090,
    state_dir: StateDir = Path(".mattebox"),
    engine: Engine = EngineChoice.AUTO,
    model: Model = "u2netp",
    model_repository: Repository = Path("model_repository"),
    ready_file: ReadyFile = None,
    threads: Threads = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    log_level: LogLevel = None,
) -> None:
    """Start everything on this machine, and stop it again on Ctrl-C.

    Once all answers, prints on standard output how to reach it, with a new API key.
    """
    if (tls_cert is None) != (tls_key is None):
        raise typer.BadParameter("give both or none.", param_hint="--tls-cert, --tls-key")
    options = UpOptions(
        host=host,
        port=port,
        grpc_port=grpc_port,
        metrics_port=metrics_port,
        state_dir=state_dir,
        engine=engine,
        models=_names(model),
        model_repository=model_repository,
        ready_file=ready_file,
        threads=threads,
        log_level=log_level,
        tls_cert=tls_cert,
        tls_key=tls_key,
    )
    # The packages that read a command line would stay in memory as long as the service.
    os.execv(  # noqa: S606 - a list, never a shell line
        sys.executable, [sys.executable, "-P", "-m", "mattebox.up", options.to_json()]
    )


def _names(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not names:
        raise typer.BadParameter("name at least one model.", param_hint="--model")
    return names
