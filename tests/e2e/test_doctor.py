"""The doctor at a whole service that runs: everything is well, and it sees what runs."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.e2e.conftest import Mattebox

pytestmark = pytest.mark.e2e


def examined(mattebox: Mattebox, model_repository: Path, *more: str) -> dict[str, Any]:
    """Runs the doctor with the options of a running service; returns its findings by name."""
    facts = mattebox.facts
    done = subprocess.run(
        [
            *(Path(sys.executable).with_name("mattebox"), "doctor", "--json"),
            *("--port", str(urlsplit(facts["http"]).port)),
            *("--grpc-port", facts["grpc"].rpartition(":")[2]),
            *("--metrics-port", str(urlsplit(facts["metrics"]).port)),
            *("--engine", "triton", "--model-repository", model_repository),
            *("--state-dir", mattebox.state_dir, "--ready-file", mattebox.ready_file),
            *more,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    report = json.loads(done.stdout)
    assert done.returncode == (0 if report["ok"] else 1)
    return {finding["name"]: finding for finding in report["findings"]}


def test_a_service_that_runs_is_well_in_every_respect(
    mattebox: Mattebox, model_repository: Path
) -> None:
    findings = examined(mattebox, model_repository, "--deep")

    ill = {name: each for name, each in findings.items() if each["status"] != "ok"}
    assert ill == {}
    pid = mattebox.process.pid
    for name in ("HTTP port", "gRPC port", "metrics port"):
        assert f"runs here (process {pid})" in findings[name]["what"]
    assert f"(process {pid})" in findings["state directory"]["what"]
    assert findings["API key"]["what"] == "It is a key of local@mattebox.internal."
    assert findings["cut-out"]["what"] == "A small picture came back cut out."


def test_another_state_directory_makes_it_another_mattebox(
    mattebox: Mattebox, model_repository: Path, tmp_path: Path
) -> None:
    findings = examined(mattebox, model_repository, "--state-dir", str(tmp_path))

    assert findings["HTTP port"]["status"] == "problem"
    assert "another Mattebox" in findings["HTTP port"]["what"]


def test_a_wrong_key_is_told(mattebox: Mattebox, model_repository: Path) -> None:
    findings = examined(mattebox, model_repository, "--key", "mb_live_wrong")

    assert findings["API key"]["status"] == "problem"
    assert findings["cut-out"]["status"] == "not checked"
