"""What the services say where they cannot start: what happened, and what to do."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ports import free_port

HOST = "127.0.0.1"
PORTS = {
    "gateway": ("MATTEBOX_GATEWAY_HTTP", "MATTEBOX_GATEWAY_METRICS"),
    "segmenter": ("MATTEBOX_SEGMENTER_GRPC", "MATTEBOX_SEGMENTER_METRICS"),
}


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server((HOST, 0)) as listener:
        yield listener.getsockname()[1]


def started(service: str, folder: Path, variables: dict[str, str]) -> str:
    """Starts a service that must not come up; returns the one problem that it tells."""
    done = subprocess.run(
        [Path(sys.executable).with_name(f"mattebox-{service}")],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    _, _, problems = done.stderr.partition(f"mattebox-{service} cannot start:\n  - ")
    (problem,) = problems.splitlines()
    return problem


@pytest.mark.parametrize("service", PORTS)
@pytest.mark.parametrize("which", [0, 1], ids=["its own", "metrics"])
def test_a_taken_port_is_named_with_the_settings_for_another(
    service: str, which: int, taken: int, tmp_path: Path
) -> None:
    variables = {f"{name}_HOST": HOST for name in PORTS[service]}
    variables |= {f"{name}_PORT": "0" for name in PORTS[service]}
    variables[f"{PORTS[service][which]}_PORT"] = str(taken)

    problem = started(service, tmp_path, variables)

    assert str(taken) in problem
    assert "Errno" not in problem
    assert "GRPC_VERBOSITY" not in problem
    assert f"choose another port or address with {PORTS[service][0]}_PORT" in problem


def test_a_database_that_is_down_is_named_with_its_setting(tmp_path: Path) -> None:
    port = free_port(HOST)

    problem = started(
        "gateway",
        tmp_path,
        {
            "MATTEBOX_GATEWAY_DATABASE_URL": f"postgresql://mattebox:word@{HOST}:{port}/mattebox",
            "MATTEBOX_GATEWAY_DATABASE_WAIT_S": "0",
            "MATTEBOX_GATEWAY_KEYS_PEPPER": "ab" * 32,
            "MATTEBOX_GATEWAY_HTTP_PORT": "0",
            "MATTEBOX_GATEWAY_METRICS_PORT": "0",
        },
    )

    assert problem == (
        f"The database (PostgreSQL at {HOST}:{port}) failed: Connection refused. See that the"
        " database runs, and that MATTEBOX_GATEWAY_DATABASE_URL is its address."
    )


def test_a_damaged_pepper_is_told_with_how_to_get_one(tmp_path: Path) -> None:
    problem = started("gateway", tmp_path, {"MATTEBOX_GATEWAY_KEYS_PEPPER": "00"})

    assert problem.startswith("MATTEBOX_GATEWAY_KEYS_PEPPER holds no pepper: 64 hexadecimal")
    assert "openssl rand -hex 32" in problem
