"""What a linter says of the shell scripts of the repository."""

import subprocess
from pathlib import Path

from tests.conftest import ROOT
from tests.deploy.images.test_dockerfiles import tool

SHEBANGS = ("#!/bin/sh", "#!/bin/bash", "#!/usr/bin/env bash", "#!/usr/bin/env sh")


def scripts() -> list[Path]:
    places = [ROOT / name for name in (".ci", "deploy", "docs", "tests", "benchmarks")]
    files = [path for place in places for path in place.rglob("*") if path.is_file()]
    return [path for path in files if _first_line(path).startswith(SHEBANGS)]


def _first_line(path: Path) -> str:
    with path.open("rb") as stream:
        return stream.readline(80).decode(errors="replace")


def test_the_linter_has_nothing_to_say() -> None:
    found = scripts()
    assert ROOT / ".ci" / "run" in found

    command = [tool("shellcheck"), *map(str, found)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")
