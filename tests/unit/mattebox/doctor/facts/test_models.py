import shutil
import sys
from pathlib import Path

import pytest

import mattebox.models
from mattebox.doctor.facts import models
from mattebox.doctor.facts.models import Standing
from tests import toy_network


@pytest.fixture
def repository(model_repository: Path, tmp_path: Path) -> Path:
    """A copy of the installed u2netp, to be damaged."""
    shutil.copytree(model_repository / "u2netp", tmp_path / "models" / "u2netp")
    return tmp_path / "models"


def test_an_installed_model_is_sound_and_computes_its_known_answer(repository: Path) -> None:
    looked_at = models.gather("u2netp", repository, run=False)
    run = models.gather("u2netp", repository, run=True)

    assert (looked_at.standing, looked_at.run_problem) == (Standing.SOUND, None)
    assert (run.standing, run.run_problem) == (Standing.SOUND, "")


def test_one_byte_of_another_value_is_noticed(repository: Path) -> None:
    graph = repository / "u2netp" / "1" / "model.onnx"
    content = bytearray(graph.read_bytes())
    content[len(content) // 2] ^= 1
    graph.write_bytes(content)

    facts = models.gather("u2netp", repository, run=True)

    assert facts.standing is Standing.DAMAGED
    assert facts.problem.startswith(f"{graph} is not the file that was installed: expected")
    assert "Run '" not in facts.problem
    assert facts.remedy == "Run 'mattebox models install u2netp'."
    assert facts.run_problem is None


def test_a_lost_provenance_is_noticed(repository: Path) -> None:
    (repository / "u2netp" / "1" / "provenance.json").write_text("{")

    facts = models.gather("u2netp", repository, run=False)

    assert facts.standing is Standing.DAMAGED
    assert "is no provenance" in facts.problem


def test_another_known_answer_is_found_by_running_it(repository: Path) -> None:
    config = repository / "u2netp" / "config.pbtxt"
    config.write_text(config.read_text().replace("0.9671", "0.1671"))

    facts = models.gather("u2netp", repository, run=True)

    assert facts.standing is Standing.SOUND
    assert facts.run_problem
    assert "known picture" in facts.run_problem


@pytest.mark.parametrize(("byte", "standing"), [(0, Standing.SOUND), (1, Standing.DAMAGED)])
def test_without_the_extra_bytes_are_compared_and_tensors_are_not(
    repository: Path, monkeypatch: pytest.MonkeyPatch, byte: int, standing: Standing
) -> None:
    graph = repository / "u2netp" / "1" / "model.onnx"
    content = graph.read_bytes()
    graph.write_bytes(content[:-1] + bytes([content[-1] ^ byte]))
    monkeypatch.delitem(sys.modules, "mattebox.models.verify", raising=False)
    monkeypatch.delattr(mattebox.models, "verify", raising=False)
    monkeypatch.setitem(sys.modules, "onnx", None)

    facts = models.gather("u2netp", repository, run=True)

    assert facts.standing is standing
    assert facts.not_looked_at == ("onnx" if standing is Standing.SOUND else "")
    assert facts.run_problem is None


@pytest.mark.parametrize("name", ["u2net", "../models/u2netp", ""])
def test_what_is_not_there_is_missing(repository: Path, name: str) -> None:
    assert models.gather(name, repository, run=True).standing is Standing.MISSING


def test_a_model_without_a_configuration_is_missing(repository: Path) -> None:
    (repository / "u2netp" / "config.pbtxt").unlink()

    assert models.gather("u2netp", repository, run=False).standing is Standing.MISSING


def test_a_model_that_was_put_there_by_hand_is_the_operators_own(tmp_path: Path) -> None:
    toy_network.install(tmp_path, "toy")

    facts = models.gather("toy", tmp_path, run=True)

    assert (facts.standing, facts.run_problem) == (Standing.OWN, None)
