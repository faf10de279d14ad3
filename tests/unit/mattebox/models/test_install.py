import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mattebox.models import installed
from mattebox.models.errors import ConfigError, FetchError, ProofError, WrapError
from mattebox.models.install import install
from mattebox.models.installed import State
from tests.unit.mattebox.models import small_network
from tests.unit.mattebox.models.conftest import Place
from tests.unit.mattebox.models.small_network import Network

FILES = ["LICENSE", "NOTICE", "model.onnx", "provenance.json"]

KILLED_INSTALL = """
import os, signal, sys
from pathlib import Path
from mattebox.models import card
from mattebox.models.install import install

def tell(line):
    if line.startswith("Proving"):
        os.kill(os.getpid(), signal.SIGKILL)

cards, repository, file = map(Path, sys.argv[1:])
install(card.load("tiny", cards), repository, from_file=file, force=True, tell=tell)
"""


def files_of(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def nothing_is_left(place: Place) -> bool:
    return files_of(place.version.parent) == ["config.pbtxt"] and files_of(place.temporary) == []


def state_of(place: Place) -> State:
    return installed.condition(place.card, place.repository).state


def test_a_model_is_downloaded_wrapped_proved_and_written(place: Place) -> None:
    proof = install(place.card, place.repository)

    assert proof is not None
    assert proof.from_published < 1e-6
    assert files_of(place.version) == FILES
    assert files_of(place.temporary) == []
    assert state_of(place) is State.INSTALLED


def test_licence_and_notice_stand_beside_the_weights(place: Place) -> None:
    install(place.card, place.repository, from_file=place.file)

    assert (place.version / "LICENSE").read_text() == (place.cards / "MIT.txt").read_text()
    assert (place.version / "NOTICE").read_text() == "Nobody made this."


def test_the_provenance_tells_of_source_and_build(place: Place) -> None:
    install(place.card, place.repository, from_file=place.file)

    graph = place.version / "model.onnx"
    provenance = json.loads((place.version / "provenance.json").read_text())
    assert provenance["card"] == "tiny"
    assert provenance["source_sha256"] == small_network.sha256_of(place.file)
    assert provenance["sha256"] == small_network.sha256_of(graph)
    assert provenance["size_bytes"] == graph.stat().st_size
    assert sorted(provenance["tools"]) == ["mattebox", "onnx"]


def test_wheel_and_file_and_download_give_the_same_bytes(place: Place) -> None:
    built = set()
    for source in (None, place.file, place.wheel):
        install(place.card, place.repository, from_file=source, force=True)
        built.add((place.version / "model.onnx").read_bytes())

    assert len(built) == 1


def test_a_second_install_fetches_nothing(place: Place) -> None:
    install(place.card, place.repository)
    place.wheel.unlink()

    told: list[str] = []
    assert install(place.card, place.repository, tell=told.append) is None
    assert told == []


def test_force_builds_again(place: Place) -> None:
    install(place.card, place.repository)
    before = (place.version / "model.onnx").stat().st_ino

    assert install(place.card, place.repository, force=True) is not None
    assert (place.version / "model.onnx").stat().st_ino != before


def test_a_damaged_build_is_built_again(place: Place) -> None:
    install(place.card, place.repository)
    (place.version / "model.onnx").write_bytes(b"damaged")

    assert install(place.card, place.repository) is not None
    assert state_of(place) is State.INSTALLED


def test_a_tampered_download_leaves_nothing(place: Place) -> None:
    small_network.write_wheel(place.wheel, b"tampered")

    with pytest.raises(FetchError, match="expected sha256"):
        install(place.card, place.repository)
    assert nothing_is_left(place)


def test_a_tampered_file_leaves_nothing(place: Place) -> None:
    place.file.write_bytes(b"tampered")

    with pytest.raises(FetchError, match="found sha256"):
        install(place.card, place.repository, from_file=place.file)
    assert nothing_is_left(place)


def test_a_graph_other_than_the_cards_leaves_nothing(place: Place) -> None:
    place.rewrite_card('output = "1959"', 'output = "other"')

    with pytest.raises(WrapError):
        install(place.card, place.repository, from_file=place.file)
    assert nothing_is_left(place)


def test_a_failed_proof_leaves_nothing(place: Place) -> None:
    place.publish(Network(keeps_batch_of_one=True))

    with pytest.raises(ProofError):
        install(place.card, place.repository, from_file=place.file)
    assert nothing_is_left(place)


def test_a_failed_proof_leaves_the_model_that_is_served(place: Place) -> None:
    install(place.card, place.repository, from_file=place.file)
    before = (place.version / "model.onnx").read_bytes()
    place.config.write_text(place.config.read_text().split("parameters")[0])

    with pytest.raises(ProofError):
        install(place.card, place.repository, from_file=place.file, force=True)

    assert files_of(place.version) == FILES
    assert (place.version / "model.onnx").read_bytes() == before
    assert state_of(place) is State.INSTALLED


def test_a_missing_configuration_is_told_before_anything_is_fetched(place: Place) -> None:
    place.config.unlink()

    told: list[str] = []
    with pytest.raises(ConfigError):
        install(place.card, place.repository, tell=told.append)
    assert told == []


@pytest.mark.parametrize("step", ["Fetching", "Wrapping", "Proving"])
def test_an_interrupted_install_leaves_nothing(place: Place, step: str) -> None:
    def interrupt(line: str) -> None:
        if line.startswith(step):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        install(place.card, place.repository, tell=interrupt)
    assert nothing_is_left(place)


@pytest.mark.parametrize("installed_before", [True, False])
def test_what_a_killed_install_left_is_removed_by_the_next(
    place: Place, installed_before: bool
) -> None:
    if installed_before:
        install(place.card, place.repository, from_file=place.file)
    arguments = [str(path) for path in (place.cards, place.repository, place.file)]

    killed = subprocess.run([sys.executable, "-c", KILLED_INSTALL, *arguments], check=False)

    assert killed.returncode == -signal.SIGKILL
    assert state_of(place) is (State.INSTALLED if installed_before else State.MISSING)
    (place.version / "model.onnx.partial").write_bytes(b"half")
    install(place.card, place.repository, from_file=place.file)
    assert files_of(place.version) == FILES
    assert state_of(place) is State.INSTALLED
