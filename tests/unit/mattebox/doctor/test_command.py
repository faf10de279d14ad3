"""The whole command, against set-ups that are whole and broken for real."""

import json
import os
import socket
import stat
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from mattebox.cli import app
from mattebox.doctor.finding import Status, Topic
from mattebox.up import state_dir
from tests.conftest import ROOT
from tests.ports import free_port


class Setup:
    """A set-up of `mattebox up`, to be broken and examined."""

    def __init__(self, folder: Path, repository: Path) -> None:
        self.state = folder / "state"
        self.options = {
            "--port": str(free_port("127.0.0.1")),
            "--grpc-port": "0",
            "--metrics-port": "0",
            "--state-dir": str(self.state),
            "--model-repository": str(repository),
            "--engine": "onnxruntime",
        }

    def call(self, *more: str, **environment: str) -> Result:
        words = [word for option in self.options.items() for word in option]
        return CliRunner(env=environment).invoke(app, ["doctor", *words, *more])

    def findings(self, *more: str, **environment: str) -> dict[str, Any]:
        """By name, with the exit code that goes with them."""
        result = self.call("--json", *more, **environment)
        report = json.loads(result.stdout)
        assert result.exit_code == (0 if report["ok"] else 1)
        assert report["ok"] is (report["counts"]["problem"] == 0)
        return {finding["name"]: finding for finding in report["findings"]}

    def problems(self, *more: str, **environment: str) -> set[str]:
        found = self.findings(*more, **environment)
        return {name for name, finding in found.items() if finding["status"] == "problem"}


@pytest.fixture
def setup(tmp_path: Path, model_repository: Path) -> Setup:
    return Setup(tmp_path, model_repository)


def test_a_good_set_up_has_no_problem_and_is_left_as_it_was(setup: Setup, tmp_path: Path) -> None:
    result = setup.call()

    assert result.exit_code == 0, result.output
    assert ", 0 problems," in result.stdout
    assert "\x1b" not in result.stdout  # no terminal, no colours
    assert list(tmp_path.iterdir()) == []


def test_a_taken_port_is_a_problem_that_names_its_holder(setup: Setup) -> None:
    with socket.create_server(("127.0.0.1", int(setup.options["--port"]))):
        finding = setup.findings()["HTTP port"]
        shown = setup.call()

    assert finding["status"] == "problem"
    assert f"(process {os.getpid()})" in finding["what"]
    assert "--port" in finding["mend"]
    assert finding["docs"] == "docs/troubleshooting.md#ports"
    assert shown.exit_code == 1
    assert "1 problem," in shown.stdout


def test_a_model_that_is_not_installed_is_a_problem(setup: Setup) -> None:
    assert setup.problems("--model", "u2netp,modnet") == {"model modnet"}


def test_a_state_directory_that_is_a_file_is_a_problem(setup: Setup) -> None:
    setup.state.touch()

    # An SQLite database cannot be in it either.
    assert "state directory" in setup.problems()


def test_a_state_directory_that_is_open_to_all_is_a_warning(setup: Setup) -> None:
    setup.state.mkdir()
    setup.state.chmod(0o777)

    finding = setup.findings()["state directory"]

    assert finding["status"] == "warning"
    assert finding["mend"] == f"`chmod go-w {setup.state}`."
    assert stat.S_IMODE(setup.state.stat().st_mode) == 0o777


def test_a_state_directory_that_is_held_is_told_to_be(setup: Setup) -> None:
    with state_dir.hold(setup.state):
        finding = setup.findings()["state directory"]

    assert (finding["status"], f"process {os.getpid()}" in finding["what"]) == ("ok", True)


def test_a_misspelt_setting_is_a_problem(setup: Setup) -> None:
    problems = setup.problems(MATTEBOX_GATEWAY_HTTP_PROT="1")

    assert problems == {"settings"}


def test_a_database_that_is_down_is_a_problem(setup: Setup) -> None:
    url = f"postgresql://mattebox@127.0.0.1:{free_port('127.0.0.1')}/mattebox"

    problems = setup.problems(
        MATTEBOX_GATEWAY_DATABASE_URL=url, MATTEBOX_GATEWAY_KEYS_PEPPER="ab" * 32
    )

    assert problems == {"database"}


def test_a_lost_pepper_is_a_problem(setup: Setup) -> None:
    made = CliRunner().invoke(
        app, ["accounts", "create", "ann@example.com", "--state-dir", str(setup.state)]
    )
    assert made.exit_code == 0, made.output
    (setup.state / "mattebox.db.pepper").unlink()

    assert setup.problems() == {"pepper"}


def test_url_and_key_come_from_the_environment(setup: Setup) -> None:
    url = f"http://127.0.0.1:{free_port('127.0.0.1')}"

    found = setup.findings(MATTEBOX_URL=url, MATTEBOX_KEY="mb_live_x")

    assert found["health"]["status"] == "problem"
    assert url in found["health"]["what"]
    assert found["API key"]["what"] == "The service does not answer."


def test_a_file_that_is_no_ready_file_is_a_wrong_argument(setup: Setup, tmp_path: Path) -> None:
    result = setup.call("--ready-file", str(tmp_path / "gone.json"), COLUMNS="300")

    assert result.exit_code == 2
    assert "is no ready file" in result.output


def test_each_topic_and_each_status_has_its_place_on_the_page() -> None:
    page = (ROOT / "docs" / "troubleshooting.md").read_text()
    headings = [line[3:] for line in page.splitlines() if line.startswith("## ")]
    anchors = {heading.lower().replace(" ", "-") for heading in headings}

    assert anchors >= {topic.value for topic in Topic}
    for status in Status:
        assert f"`{status}`" in page
