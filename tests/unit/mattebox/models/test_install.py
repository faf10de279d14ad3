import json
import signal
import subprocess
import sys
from pathlib import Path

import onnx
import pytest
from onnx import helper

from mattebox.models import config, installed
from mattebox.models.errors import ConfigError, FetchError, LicenceError, ProofError, WrapError
from mattebox.models.install import InstallOptions, install
from mattebox.models.installed import State
from tests.unit.mattebox.models import small_network
from tests.unit.mattebox.models.conftest import Place
from tests.unit.mattebox.models.small_network import Network

FILES = ["LICENSE", "NOTICE", "model.onnx", "provenance.json"]

KILLED_INSTALL = """
import os, signal, sys
from pathlib import Path
from mattebox.models import card
from mattebox.models.install import InstallOptions, install

def tell(line):
    if line.startswith("Proving"):
        os.kill(os.getpid(), signal.SIGKILL)

cards, repository, file = map(Path, sys.argv[1:])
install(card.load("tiny", cards), repository, InstallOptions(from_file=file, force=True), tell=tell)
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
    install(place.card, place.repository, InstallOptions(from_file=place.file))

    assert (place.version / "LICENSE").read_text() == (place.cards / "MIT.txt").read_text()
    assert (place.version / "NOTICE").read_text() == "Nobody made this."


def test_a_licence_of_an_earlier_card_does_not_stay(place: Place) -> None:
    install(place.card, place.repository, InstallOptions(from_file=place.file))
    place.rewrite_card('text_file = "MIT.txt"\n', "")

    install(place.card, place.repository, InstallOptions(from_file=place.file, force=True))

    assert not (place.version / "LICENSE").exists()


@pytest.fixture
def for_mnn(place: Place) -> Place:
    """The same place, whose card asks for a form for MNN."""
    pytest.importorskip("_tools", reason="MNN has no build for this platform")
    place.rewrite_card("[licence]", "[serving]\nmnn = true\n\n[licence]")
    return place


def test_a_form_for_mnn_is_made_where_the_card_asks_for_it(for_mnn: Place) -> None:
    proof = install(for_mnn.card, for_mnn.repository)

    assert proof is not None
    assert proof.from_mnn is not None
    assert proof.from_mnn < 1e-5
    assert files_of(for_mnn.version) == sorted([*FILES, "model.mnn"])
    provenance = json.loads((for_mnn.version / "provenance.json").read_text())
    assert provenance["mnn_sha256"] == small_network.sha256_of(for_mnn.version / "model.mnn")
    assert sorted(provenance["tools"]) == ["mattebox", "mnn", "onnx"]
    assert state_of(for_mnn) is State.INSTALLED


@pytest.mark.parametrize("change", ["another", "gone"])
def test_a_damaged_form_for_mnn_is_found_and_built_again(for_mnn: Place, change: str) -> None:
    install(for_mnn.card, for_mnn.repository)
    form = for_mnn.version / "model.mnn"
    form.unlink()
    if change == "another":
        form.write_bytes(b"another")

    assert state_of(for_mnn) is State.DAMAGED
    assert install(for_mnn.card, for_mnn.repository) is not None
    assert state_of(for_mnn) is State.INSTALLED


def test_a_form_for_mnn_goes_with_the_wish_for_it(for_mnn: Place) -> None:
    install(for_mnn.card, for_mnn.repository)
    for_mnn.rewrite_card("mnn = true", "mnn = false")

    assert state_of(for_mnn) is State.DAMAGED
    install(for_mnn.card, for_mnn.repository)

    assert files_of(for_mnn.version) == FILES
    assert state_of(for_mnn) is State.INSTALLED


def test_a_form_of_which_the_provenance_knows_nothing_is_found(for_mnn: Place) -> None:
    """As one that was killed before it took away the form of an earlier card."""
    install(for_mnn.card, for_mnn.repository)
    form = (for_mnn.version / "model.mnn").read_bytes()
    for_mnn.rewrite_card("mnn = true", "mnn = false")
    install(for_mnn.card, for_mnn.repository)
    (for_mnn.version / "model.mnn").write_bytes(form)

    assert state_of(for_mnn) is State.DAMAGED
    install(for_mnn.card, for_mnn.repository)
    assert files_of(for_mnn.version) == FILES
    assert state_of(for_mnn) is State.INSTALLED


def test_a_graph_that_has_no_form_for_mnn_is_written_all_the_same(place: Place) -> None:
    pytest.importorskip("_tools", reason="MNN has no build for this platform")
    place.publish(is_fetched=False)
    model = onnx.load_model_from_string(place.file.read_bytes())
    turn = helper.make_node("Transpose", ["pixels"], ["input.1"], perm=[0, 3, 1, 2])
    model.graph.node.insert(0, turn)
    pixels = [1, small_network.HEIGHT_PX, small_network.WIDTH_PX, 3]
    model.graph.input[0].CopyFrom(small_network.tensor("pixels", pixels))
    place.file.write_bytes(model.SerializeToString())
    place.rewrite_card('input = "input.1"', 'input = "pixels"')
    place.rewrite_card("NCHW", "NHWC")
    place.rewrite_card("[licence]", "[serving]\nmnn = true\n\n[licence]")
    told: list[str] = []

    options = InstallOptions(from_file=place.file)
    proof = install(place.card, place.repository, options, told.append)

    assert proof is not None
    assert proof.from_mnn is None
    assert any("slower. Only networks that read planes" in line for line in told)
    assert files_of(place.version) == FILES
    assert state_of(place) is State.INSTALLED


def test_where_mnn_is_not_installed_that_is_said_and_the_graph_is_written(
    for_mnn: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "_mnncengine", None)
    told: list[str] = []

    proof = install(for_mnn.card, for_mnn.repository, tell=told.append)

    assert proof is not None
    assert proof.from_mnn is None
    assert any("MNN is not installed" in line for line in told)
    assert files_of(for_mnn.version) == FILES
    assert state_of(for_mnn) is State.INSTALLED


def test_a_model_without_a_form_gets_one_where_mnn_has_come(for_mnn: Place) -> None:
    for_mnn.rewrite_card("mnn = true", "mnn = false")
    install(for_mnn.card, for_mnn.repository)
    provenance = for_mnn.version / "provenance.json"
    provenance.write_text(provenance.read_text().replace('"mnn": false', '"mnn": true'))
    for_mnn.rewrite_card("mnn = false", "mnn = true")
    assert state_of(for_mnn) is State.INSTALLED

    assert install(for_mnn.card, for_mnn.repository) is not None

    assert files_of(for_mnn.version) == sorted([*FILES, "model.mnn"])


def test_wheel_and_file_and_download_give_the_same_bytes(place: Place) -> None:
    built = set()
    for source in (None, place.file, place.wheel):
        install(place.card, place.repository, InstallOptions(from_file=source, force=True))
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

    assert install(place.card, place.repository, InstallOptions(force=True)) is not None
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
        install(place.card, place.repository, InstallOptions(from_file=place.file))
    assert nothing_is_left(place)


def test_a_graph_other_than_the_cards_leaves_nothing(place: Place) -> None:
    place.rewrite_card('output = "1959"', 'output = "other"')

    with pytest.raises(WrapError):
        install(place.card, place.repository, InstallOptions(from_file=place.file))
    assert nothing_is_left(place)


def test_a_failed_proof_leaves_nothing(place: Place) -> None:
    place.rewrite_card('activation = "sigmoid"', 'activation = "none"')

    with pytest.raises(ProofError):
        install(place.card, place.repository, InstallOptions(from_file=place.file))
    assert nothing_is_left(place)


def test_a_failed_proof_leaves_the_model_that_is_served(place: Place) -> None:
    install(place.card, place.repository, InstallOptions(from_file=place.file))
    before = (place.version / "model.onnx").read_bytes()
    place.config.write_text(place.config.read_text().split("parameters")[0])

    with pytest.raises(ProofError):
        install(place.card, place.repository, InstallOptions(from_file=place.file, force=True))

    assert files_of(place.version) == FILES
    assert (place.version / "model.onnx").read_bytes() == before
    assert state_of(place) is State.INSTALLED


def test_a_missing_configuration_is_written(place: Place) -> None:
    place.config.unlink()

    proof = install(place.card, place.repository)

    written = config.find("tiny", place.repository)
    assert proof is not None
    assert written is not None
    assert written.source_sha256 == small_network.sha256_of(place.file)
    assert config.demand_known_answer(written, proof.known_answer) < 1e-4


def test_a_configuration_that_fits_stays(place: Place) -> None:
    text = place.config.read_text() + "# one of the operator's\n"
    place.config.write_text(text)

    install(place.card, place.repository)

    assert place.config.read_text() == text


def test_a_configuration_for_another_file_is_written_anew(place: Place) -> None:
    place.publish(Network(ends_in_sigmoid=True), is_fetched=False)
    install(place.card, place.repository, InstallOptions(from_file=place.file))
    other = place.file.with_name("other.onnx")
    other.write_bytes(small_network.graph_of(Network(ends_in_sigmoid=True, opset=13)))

    install(place.card, place.repository, InstallOptions(from_file=other))

    written = config.find("tiny", place.repository)
    assert written is not None
    assert written.source_sha256 == small_network.sha256_of(other)


def test_terms_that_changed_are_recorded_and_what_stays_is_told(place: Place) -> None:
    place.publish(is_fetched=False)
    options = InstallOptions(from_file=place.file)
    install(place.card, place.repository, options)
    place.rewrite_card('commercial_use_note = "Gladly."', 'commercial_use_note = "Hardly."')
    text = place.config.read_text()
    told: list[str] = []

    install(place.card, place.repository, options, told.append)

    provenance = installed.condition(place.card, place.repository).provenance
    assert provenance is not None
    assert provenance.card.licence.commercial_use_note == "Hardly."
    assert place.config.read_text() == text
    assert told[-1].startswith(
        f"Notice: {place.config} stays, and tells callers another commercial_use_note than the card"
    )


def test_a_configuration_that_tells_no_terms_is_no_notice(place: Place) -> None:
    told: list[str] = []

    install(place.card, place.repository, InstallOptions(from_file=place.file), told.append)

    assert not [line for line in told if "stays" in line]


def test_a_file_goes_where_nothing_stood(place: Place, tmp_path: Path) -> None:
    place.publish(is_fetched=False)
    repository = tmp_path / "new" / "repository"

    install(place.card, repository, InstallOptions(from_file=place.file))

    assert installed.condition(place.card, repository).state is State.INSTALLED
    assert files_of(repository / "tiny") == ["1", "config.pbtxt"]


def test_a_failed_install_leaves_no_folder_of_the_model(place: Place, tmp_path: Path) -> None:
    place.publish(is_fetched=False)
    place.file.write_bytes(b"\xffnothing")

    with pytest.raises(WrapError):
        install(place.card, tmp_path / "new", InstallOptions(from_file=place.file))

    assert files_of(tmp_path / "new") == []


def test_without_a_source_the_file_is_asked_for(place: Place) -> None:
    place.publish(is_fetched=False)

    with pytest.raises(
        FetchError, match=r"yours to get, from Nobody.*tiny --from-file PATH', with --card too"
    ):
        install(place.card, place.repository)


def test_the_same_file_is_not_installed_twice(place: Place) -> None:
    place.publish(is_fetched=False)
    options = InstallOptions(from_file=place.file)

    assert install(place.card, place.repository, options) is not None
    assert install(place.card, place.repository, options) is None
    assert install(place.card, place.repository) is None


def test_a_graph_that_keeps_a_batch_of_one_is_given_one_picture_at_a_time(place: Place) -> None:
    place.publish(Network(keeps_batch_of_one=True), is_fetched=False)

    proof = install(place.card, place.repository, InstallOptions(from_file=place.file))

    assert proof is not None
    assert (proof.max_batch_size, proof.from_single) == (1, None)
    assert proof.batch_problem.startswith("The graph cannot be run on a batch of 3")
    assert "\nmax_batch_size: 1\n" in place.config.read_text()


def test_a_configuration_with_more_pictures_than_compute_rightly_is_refused(place: Place) -> None:
    place.publish(Network(keeps_batch_of_one=True))

    with pytest.raises(ConfigError, match="max_batch_size 4, expected 1 to 1, the most that"):
        install(place.card, place.repository, InstallOptions(from_file=place.file))
    assert nothing_is_left(place)


def test_terms_without_commercial_use_have_to_be_accepted(place: Place) -> None:
    place.rewrite_card('commercial_use = "yes"', 'commercial_use = "no"')
    told: list[str] = []

    with pytest.raises(LicenceError, match=r"tiny may not be used .* under MIT .*accept"):
        install(place.card, place.repository, tell=told.append)

    assert nothing_is_left(place)
    assert told == ["Nobody made this.\n\nCommercial use: no. Gladly.\n"]


def test_unclear_terms_are_told_and_install(place: Place) -> None:
    place.rewrite_card('commercial_use = "yes"', 'commercial_use = "unclear"')
    told: list[str] = []

    install(place.card, place.repository, tell=told.append)

    assert told[0].endswith("Commercial use: unclear, the operator decides. Gladly.\n")
    assert state_of(place) is State.INSTALLED


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
        install(place.card, place.repository, InstallOptions(from_file=place.file))
    arguments = [str(path) for path in (place.cards, place.repository, place.file)]

    killed = subprocess.run([sys.executable, "-c", KILLED_INSTALL, *arguments], check=False)

    assert killed.returncode == -signal.SIGKILL
    assert state_of(place) is (State.INSTALLED if installed_before else State.MISSING)
    (place.version / "model.onnx.partial").write_bytes(b"half")
    install(place.card, place.repository, InstallOptions(from_file=place.file))
    assert files_of(place.version) == FILES
    assert state_of(place) is State.INSTALLED
