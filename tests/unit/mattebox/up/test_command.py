"""The command line of `mattebox up`, up to the point at which services would start."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests import toy_network

COMPUTED = "mattebox: toy is computed by ONNX Runtime.\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    repository = tmp_path / "models"
    toy_network.install(repository, "toy")
    return repository


def up(folder: Path, *options: str, **env: str) -> tuple[int, str]:
    """Runs the command in a folder; returns its exit code and what it wrote."""
    result = subprocess.run(
        [sys.executable, "-c", "from mattebox.cli import main; main()", "up", *options],
        cwd=folder,
        env=dict(os.environ) | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return result.returncode, result.stdout


def test_a_model_that_is_not_installed_is_no_reason_to_start(tmp_path: Path) -> None:
    code, output = up(tmp_path)

    assert code == 1
    assert output == (
        f"mattebox: The model u2netp is not installed in {tmp_path / 'model_repository'}."
        " If that is the right folder, run `mattebox models install u2netp` beside it"
        " (`mattebox models list` shows what can be installed); if not, name another one with"
        " --model-repository.\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("models", ["", " , "])
def test_no_model_at_all_is_no_reason_to_start(tmp_path: Path, models: str) -> None:
    code, output = up(tmp_path, f"--model={models}")

    assert code == 2
    assert "name at least one model" in output


@pytest.mark.parametrize("option", ["--tls-cert", "--tls-key"])
def test_a_certificate_and_its_key_come_together(tmp_path: Path, option: str) -> None:
    code, output = up(tmp_path, f"{option}=file.pem")

    assert code == 2
    assert "give both or none" in output


def test_every_model_has_to_be_installed(tmp_path: Path, repository: Path) -> None:
    code, output = up(tmp_path, "--model=toy, huge", f"--model-repository={repository}")

    assert code == 1
    assert output.startswith(f"mattebox: The model huge is not installed in {repository}.")


def test_a_taken_port_is_named_and_nothing_is_left_running(
    tmp_path: Path, repository: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, output = up(
            tmp_path,
            f"--port={port}",
            *("--grpc-port=0", "--metrics-port=0", "--engine=onnxruntime", "--model=toy"),
            f"--model-repository={repository}",
        )

    assert code == 1
    assert output == (
        f"{COMPUTED}mattebox: Port {port} is taken by another program. Stop it (`mattebox doctor`"
        " tells which it is), or choose another port with --port.\n"
    )


def test_a_demanded_engine_that_cannot_run_is_an_error(tmp_path: Path, repository: Path) -> None:
    code, output = up(
        tmp_path,
        *("--engine=triton", "--model=toy", f"--model-repository={repository}"),
        MATTEBOX_TRITON_BACKENDS=str(tmp_path),
    )

    assert code == 1
    assert output.startswith("mattebox: The engine triton cannot run here. ")


def test_a_ready_file_that_cannot_be_written_is_a_plain_sentence(
    tmp_path: Path, repository: Path
) -> None:
    code, output = up(
        tmp_path,
        *("--port=0", "--grpc-port=0", "--metrics-port=0", "--engine=onnxruntime", "--model=toy"),
        *(f"--model-repository={repository}", f"--ready-file={tmp_path}"),
    )

    assert code == 1
    assert output == (
        f"{COMPUTED}mattebox: {tmp_path} cannot be read or written: Is a directory."
        " See whose it is, and what room is left on its disk.\n"
    )


def test_a_wrong_setting_is_told_before_anything_is_started(
    tmp_path: Path, repository: Path
) -> None:
    code, output = up(
        tmp_path,
        *("--port=0", "--grpc-port=0", "--metrics-port=0", "--engine=onnxruntime", "--model=toy"),
        f"--model-repository={repository}",
        MATTEBOX_GATEWAY_KEYS_FILE="keys.json",
    )

    assert code == 1
    assert output.startswith(
        f"{COMPUTED}mattebox: The API keys cannot be used."
        " MATTEBOX_GATEWAY_KEYS_FILE is not a setting."
    )


@pytest.mark.parametrize(
    "option", ["--port=65536", "--metrics-port=65535", "--engine=cuda", "--threads=0"]
)
def test_a_value_that_makes_no_sense_is_refused(tmp_path: Path, option: str) -> None:
    code, output = up(tmp_path, option)

    assert code == 2
    assert option.split("=", maxsplit=1)[0] in output
