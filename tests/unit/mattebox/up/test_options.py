import dataclasses
from pathlib import Path

import pytest

from mattebox.up.options import EngineChoice, UpOptions

OPTIONS = UpOptions(
    host="0.0.0.0",  # noqa: S104
    port=8080,
    grpc_port=50_051,
    metrics_port=9090,
    state_dir=Path("state of mind"),
    engine=EngineChoice.TRITON,
    models=("toy", "other"),
    model_repository=Path("/models"),
    ready_file=None,
    threads=None,
    log_level=None,
)


@pytest.mark.parametrize(
    "options",
    [
        OPTIONS,
        dataclasses.replace(
            OPTIONS,
            ready_file=Path("/run/réady.json"),
            threads=3,
            log_level="debug",
            tls_cert=Path("c.pem"),
            tls_key=Path("k.pem"),
        ),
    ],
)
def test_options_survive_the_way_through_a_command_line(options: UpOptions) -> None:
    assert UpOptions.from_json(options.to_json()) == options
