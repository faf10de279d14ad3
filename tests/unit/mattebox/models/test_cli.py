import json
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from mattebox.models import card
from mattebox.models.cli import models_app
from tests.unit.mattebox.models import small_network
from tests.unit.mattebox.models.conftest import Place
from tests.unit.mattebox.models.small_network import Network

PROGRAM = "from mattebox.models.cli import models_app; models_app()"


def places(place: Place) -> list[str]:
    return ["--repository", str(place.repository), "--cards", str(place.cards)]


def call(place: Place, *arguments: str) -> Result:
    return CliRunner().invoke(models_app, [*arguments, *places(place)])


def start(place: Place, program: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", program, *arguments, *places(place)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_install_tells_its_steps_and_the_differences(place: Place) -> None:
    result = call(place, "install", "tiny")

    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[:4] == [
        "Fetching tiny_net-1.0-py3-none-any.whl",
        "This is the file that the card names.",
        "Wrapping the graph",
        "Proving that it computes what the published one does",
    ]
    assert f"Installed tiny in {place.repository}. Largest differences: " in result.stdout
    assert result.stderr == ""


def test_install_takes_a_file(place: Place) -> None:
    result = call(place, "install", "tiny", "--from-file", str(place.file))

    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(f"Fetching {place.file}\n")


def test_install_of_what_is_there_says_so(place: Place) -> None:
    call(place, "install", "tiny")

    result = call(place, "install", "tiny")

    assert result.exit_code == 0
    assert result.stdout == f"tiny is already installed in {place.repository}.\n"


def test_install_forced_builds_again(place: Place) -> None:
    call(place, "install", "tiny")

    assert "Installed tiny" in call(place, "install", "tiny", "--force").stdout


def test_an_error_is_one_line_on_stderr(place: Place) -> None:
    place.file.write_bytes(b"tampered")

    result = call(place, "install", "tiny", "--from-file", str(place.file))

    assert result.exit_code == 1
    assert result.stderr.startswith(f"mattebox: {place.file} is not the file")
    assert result.stderr.count("\n") == 1


def test_an_unknown_model_is_an_error(place: Place) -> None:
    result = call(place, "install", "huge")

    assert result.exit_code == 1
    assert result.stderr == (
        "mattebox: There is no card for a model 'huge'. The known models are: tiny. "
        "For a network of your own write a card and name it with --card.\n"
    )


def test_a_repository_that_cannot_be_written_to_is_an_error(place: Place) -> None:
    place.version.write_text("a file where the folder should be")

    result = call(place, "install", "tiny")

    assert result.exit_code == 1
    assert result.stderr.endswith(
        "cannot be read or written: Not a directory. See whose it is, and what room is left on its"
        " disk.\n"
    )


def test_list_shows_state_size_and_terms(place: Place) -> None:
    before = call(place, "list")
    call(place, "install", "tiny")
    after = call(place, "list")

    assert before.stdout.startswith("tiny: Tiny, 16 x 24, missing\n")
    assert after.stdout == (
        "tiny: Tiny, 16 x 24, installed\n"
        "    Licence: MIT, Nobody, https://example.com\n"
        "    Commercial use: yes. Gladly.\n"
        "    File: tiny_net-1.0-py3-none-any.whl: net/tiny.onnx\n"
    )


def test_list_as_json_is_complete(place: Place) -> None:
    call(place, "install", "tiny")
    (place.version / "provenance.json").unlink()

    (model,) = json.loads(call(place, "list", "--json").stdout)

    assert model.pop("problem").endswith("Run 'mattebox models install tiny'.")
    assert model == {
        "name": "tiny",
        "title": "Tiny",
        "state": "damaged",
        "height_px": 16,
        "width_px": 24,
        "size": "16 x 24",
        "licence": "MIT",
        "licence_source": "https://example.com/LICENSE",
        "holder": "Nobody, https://example.com",
        "commercial_use": "yes",
        "commercial_use_text": "yes. Gladly.",
        "notice": "Nobody made this.",
        "file": "fetched from the Python package index, tiny_net-1.0-py3-none-any.whl",
        "source_sha256": small_network.sha256_of(place.file),
    }


def test_the_shipped_cards_are_listed_without_asking(place: Place) -> None:
    result = CliRunner().invoke(models_app, ["list", "--repository", str(place.repository)])

    assert [line.split(":")[0] for line in result.stdout.splitlines()[::4]] == card.names()


@pytest.mark.parametrize("arguments", [["tiny"], ["tiny", "--run"], [], ["--run"]])
def test_verify_of_a_sound_model(place: Place, arguments: list[str]) -> None:
    call(place, "install", "tiny")

    result = call(place, "verify", *arguments)

    assert result.exit_code == 0, result.output
    assert result.stdout == "tiny is as it was installed.\n"


@pytest.mark.parametrize("arguments", [["tiny"], []])
def test_verify_of_a_missing_model(place: Place, arguments: list[str]) -> None:
    result = call(place, "verify", *arguments)

    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.endswith("is not there. Run 'mattebox models install tiny'.\n")


def own_card(place: Place, name: str = "mine") -> Path:
    """A card of the operator's for the file that is published, beside its licence's text."""
    place.publish(is_fetched=False)
    folder = place.root / "mine"
    folder.mkdir()
    shutil.copy(place.cards / "MIT.txt", folder)
    text = (place.cards / "tiny.toml").read_text()
    path = folder / "card.toml"
    path.write_text(text.replace('name = "tiny"', f'name = "{name}"'))
    return path


def test_a_card_of_ones_own_is_installed_listed_and_verified(place: Place) -> None:
    arguments = ["--card", str(own_card(place)), "--from-file", str(place.file)]

    result = call(place, "install", "mine", *arguments)

    assert result.exit_code == 0, result.output
    assert call(place, "verify", "mine", "--run").stdout == "mine is as it was installed.\n"
    assert "mine: Tiny, 16 x 24, installed\n" in call(place, "list").stdout
    assert (place.repository / "mine" / "1" / "LICENSE").is_file()


def test_a_card_of_ones_own_for_another_name_is_refused(place: Place) -> None:
    arguments = ["--card", str(own_card(place)), "--from-file", str(place.file)]

    result = call(place, "install", "yours", *arguments)

    assert result.exit_code == 1
    assert "is for the model 'mine', not for 'yours'" in result.stderr


def test_a_card_of_ones_own_cannot_take_a_known_name(place: Place) -> None:
    arguments = ["--card", str(own_card(place, "tiny")), "--from-file", str(place.file)]

    result = call(place, "install", "tiny", *arguments)

    assert result.exit_code == 1
    assert "There is a card for a model 'tiny' already" in result.stderr


def test_terms_without_commercial_use_exit_with_a_code_of_their_own(place: Place) -> None:
    place.rewrite_card('commercial_use = "yes"', 'commercial_use = "no"')

    refused = call(place, "install", "tiny")
    accepted = call(place, "install", "tiny", "--accept-licence")

    assert refused.exit_code == 3
    assert refused.stdout == "Nobody made this.\n\nCommercial use: no. Gladly.\n\n"
    assert "say so with --accept-licence" in refused.stderr
    assert accepted.exit_code == 0, accepted.output


def test_a_model_given_one_picture_at_a_time_is_told_of(place: Place) -> None:
    place.publish(Network(keeps_batch_of_one=True), is_fetched=False)

    result = call(place, "install", "tiny", "--from-file", str(place.file))

    assert result.exit_code == 0, result.output
    assert "It will be given one picture at a time, since it computes no more" in result.stdout
    assert "in a batch" not in result.stdout.splitlines()[-2]


def test_a_file_to_bring_is_listed_so(place: Place) -> None:
    place.publish(is_fetched=False)

    listed = call(place, "list").stdout

    assert listed.endswith("    File: yours to bring, with --from-file\n")


def test_a_size_that_the_file_tells_is_listed_once_it_is_there(place: Place) -> None:
    place.publish(is_fetched=False)
    place.rewrite_card("height_px = 16\nwidth_px = 24\n", "")

    before = call(place, "list").stdout
    call(place, "install", "tiny", "--from-file", str(place.file))
    after = call(place, "list").stdout

    assert before.startswith("tiny: Tiny, any x any, missing\n")
    assert after.startswith("tiny: Tiny, 16 x 24, installed\n")
    assert after.endswith("    File: tiny.onnx\n")


@pytest.mark.parametrize("arguments", [["mine"], []])
def test_verify_tells_a_model_whose_card_is_lost(place: Place, arguments: list[str]) -> None:
    call(place, "install", "mine", "--card", str(own_card(place)), "--from-file", str(place.file))
    call(place, "install", "tiny", "--from-file", str(place.file))
    provenance = place.repository / "mine" / "1" / "provenance.json"
    provenance.write_text("{")

    result = call(place, "verify", *arguments)

    assert result.exit_code == 1
    assert result.stdout == ("" if arguments else "tiny is as it was installed.\n")
    assert result.stderr == (
        f"mattebox: {provenance} is no provenance of mine. Install it again, with --card and "
        "--from-file.\n"
    )


def test_verify_of_an_empty_folder_is_an_error(place: Place) -> None:
    result = CliRunner().invoke(models_app, ["verify", "--repository", str(place.root)])

    assert result.exit_code == 1
    assert "holds no known model" in result.stderr


@pytest.mark.parametrize("package", ["onnx", "onnxruntime"])
def test_a_missing_extra_is_named(place: Place, package: str) -> None:
    without = f"import sys; sys.modules['{package}'] = None; {PROGRAM}"

    process = start(place, without, "install", "tiny")
    _, errors = process.communicate()

    assert process.returncode == 1
    assert errors == (
        f"mattebox: The package '{package}' is not installed. "
        "Install what this command needs with: pip install 'mattebox[models]'\n"
    )


def test_the_list_needs_no_extra(place: Place) -> None:
    missing = "for name in ('onnx', 'onnxruntime', 'numpy', 'tritonclient'):"
    without = f"import sys\n{missing} sys.modules[name] = None\n{PROGRAM}"

    process = start(place, without, "list")
    output, errors = process.communicate()

    assert (process.returncode, errors) == (0, "")
    assert output.startswith("tiny: ")


def test_installs_at_the_same_time_do_the_work_once(place: Place) -> None:
    processes = [start(place, PROGRAM, "install", "tiny") for _ in range(3)]
    answers = sorted(process.communicate()[0].splitlines()[-1] for process in processes)

    assert [process.returncode for process in processes] == [0, 0, 0]
    assert answers[0].startswith("Installed tiny")
    assert answers[1:] == [f"tiny is already installed in {place.repository}."] * 2
    assert call(place, "verify", "tiny").exit_code == 0


def test_a_terminated_download_leaves_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent_index:
        monkeypatch.delenv("PIP_NO_INDEX")
        monkeypatch.delenv("PIP_FIND_LINKS")
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{silent_index.getsockname()[1]}/")
        process = start(place, PROGRAM, "install", "tiny")
        asked, _ = silent_index.accept()
        with asked:
            process.send_signal(signal.SIGTERM)
            process.communicate()
            while asked.recv(4096):  # ends when pip is gone, too
                pass

    assert process.returncode == 128 + signal.SIGTERM
    assert [path.name for path in place.version.parent.iterdir()] == ["config.pbtxt"]
    assert list(place.temporary.iterdir()) == []
