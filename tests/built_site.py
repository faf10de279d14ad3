"""The site of docs/, built as `make docs` builds it."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

MKDOCS = ROOT / ".venv-docs" / "bin" / "mkdocs"


def built_site(folder: Path, **environment: str) -> Path:
    """Builds the site into ``folder``, without a warning; skips where MkDocs is not set up."""
    if not MKDOCS.exists():
        pytest.skip("what makes the site is not set up: make .venv-docs/.ready")
    done = subprocess.run(
        [str(MKDOCS), "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return folder
