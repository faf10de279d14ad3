"""Where an own engine finds its models; tests/integration/remove runs it."""

import sys
from pathlib import Path

import pytest

from mattebox.remove.engine import find_repository

VARIABLE = "MATTEBOX_SEGMENTER_ENGINE_MODEL_REPOSITORY"


@pytest.fixture(autouse=True)
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Mattebox that is installed elsewhere, with models beside it."""
    monkeypatch.delenv(VARIABLE, raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "installed" / ".venv"))
    models = tmp_path / "installed" / "model_repository"
    models.mkdir(parents=True)
    return models


def test_models_are_those_of_the_installation(installed: Path) -> None:
    assert find_repository() == installed


def test_models_here_come_first() -> None:
    Path("model_repository").mkdir()

    assert find_repository() == Path("model_repository")


def test_models_that_are_nowhere_are_missed_here(installed: Path) -> None:
    installed.rmdir()

    assert find_repository() == Path("model_repository")


def test_a_setting_names_them(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("model_repository").mkdir()
    monkeypatch.setenv(VARIABLE, "/srv/models")

    assert find_repository() == Path("/srv/models")
