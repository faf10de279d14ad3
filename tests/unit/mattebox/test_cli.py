from importlib import metadata

import pytest
from typer.testing import CliRunner

from mattebox.cli import app


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--help"], ["up", "remove", "models", "accounts", "keys", "plans"]),
        (["up", "--help"], ["--port", "--engine", "--ready-file"]),
        (["remove", "--help"], ["--out", "--jobs", "--resume", "--url", "--grpc", "--model"]),
        (["models", "--help"], ["install", "list", "verify"]),
        (["accounts", "--help"], ["create", "list", "suspend", "activate", "delete"]),
        (["keys", "--help"], ["create", "list", "rotate", "revoke", "usage"]),
        (["plans", "--help"], ["list", "set"]),
    ],
)
def test_help_names_what_there_is(arguments: list[str], told: list[str]) -> None:
    result = CliRunner().invoke(app, arguments)

    assert result.exit_code == 0
    assert all(name in result.output for name in told)


def test_an_unknown_command_is_refused() -> None:
    result = CliRunner().invoke(app, ["down"])

    assert result.exit_code == 2
    assert "down" in result.output


def test_the_version_is_that_of_the_package() -> None:
    result = CliRunner().invoke(app, ["--version"])

    assert result.exit_code == 0
    assert result.output.strip() == metadata.version("mattebox")
