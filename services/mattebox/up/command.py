"""The command `mattebox up`."""

import os
import sys

import typer

from mattebox.examples import examples
from mattebox.models.places import DEFAULT_MODEL, DEFAULT_REPOSITORY
from mattebox.up.command_options import (
    Engine,
    GrpcPort,
    Host,
    LogLevel,
    MetricsPort,
    Model,
    Port,
    ReadyFile,
    Repository,
    StateDir,
    Threads,
    TlsCert,
    TlsKey,
    model_names,
)
from mattebox.up.options import DEFAULT_STATE_DIR, EngineChoice, UpOptions

PAGE_END = examples(
    "mattebox up",
    "mattebox up --port 9000 --ready-file ready.json",
    "mattebox up --host 0.0.0.0 --tls-cert server.pem --tls-key server.key",
    "MATTEBOX_QUALITY=best mattebox up --model isnet-general-use,u2netp",
    note="All settings of the gateway and the segmenter are taken from the environment too, such"
    " as MATTEBOX_QUALITY, MATTEBOX_CPU_RUNTIME and MATTEBOX_GATEWAY_DATABASE_URL:"
    " docs/settings.md lists them. `mattebox doctor` says what would keep it from starting.",
)


def up(  # noqa: PLR0913 - the options of a command are its parameters
    *,
    host: Host = "127.0.0.1",
    port: Port = 8080,
    grpc_port: GrpcPort = 50_051,
    metrics_port: MetricsPort = 9090,
    state_dir: StateDir = DEFAULT_STATE_DIR,
    engine: Engine = EngineChoice.AUTO,
    model: Model = DEFAULT_MODEL,
    model_repository: Repository = DEFAULT_REPOSITORY,
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
        models=model_names(model),
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
