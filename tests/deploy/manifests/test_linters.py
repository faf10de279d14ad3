"""What checkov and yamllint say of the files of a deployment."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.manifests.rendering import KUSTOMIZE, OVERLAYS, ROOT, rendered_text, tool

_CONFIG = Path(__file__).parent / "checkov.yaml"
_TIMEOUT_S = 110
_RULES = """
extends: default
rules:
  document-start: disable
  # Not of Prometheus' expressions.
  line-length: {max: 120, ignore: ['monitoring/']}
  comments: {min-spaces-from-content: 1}
  octal-values: disable
  truthy: {check-keys: false}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkov")
    for name in OVERLAYS:
        (folder / f"{name}.yaml").write_text(rendered_text(KUSTOMIZE / "overlays" / name))
    return folder


def test_checkov_finds_nothing_but_what_is_explained(folder: Path) -> None:
    report = _checked(folder)

    found = {(c["check_id"], c["resource"]) for c in report["results"]["failed_checks"]}
    assert found == set()
    assert report["summary"]["passed"] > 500
    assert report["summary"]["parsing_errors"] == 0


def test_checkov_finds_a_pod_that_may_do_anything(folder: Path, tmp_path: Path) -> None:
    text = (folder / "cpu-small.yaml").read_text()
    loose = text.replace("allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true", 1)
    (tmp_path / "loose.yaml").write_text(loose)

    assert {c["check_id"] for c in _checked(tmp_path)["results"]["failed_checks"]} == {"CKV_K8S_20"}


def test_every_check_that_is_left_out_has_its_reason() -> None:
    text = _CONFIG.read_text()
    skipped = yaml.safe_load(text)["skip-check"]

    assert re.findall(r"  # .*\n  - (\w+)", text) == skipped


def test_yaml_is_written_evenly() -> None:
    files = [*(ROOT / "deploy").rglob("*.yaml"), *Path(__file__).parent.glob("*.yaml")]

    done = subprocess.run(
        [tool("yamllint"), "--strict", "--format", "parsable", "-d", _RULES, *files],
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )

    assert done.stdout == ""
    assert done.returncode == 0


def _checked(folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [tool("checkov"), "--config-file", _CONFIG, "-d", folder, "--output", "json"],
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    report: dict[str, Any] = json.loads(done.stdout)
    return report
