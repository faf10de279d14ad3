"""docs/operations.md gives commands that exist, a configuration for Triton, and right sums."""

import math
import re
import shlex

import pytest
import typer
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

from environment import variable_names
from gateway.settings import GatewaySettings
from mattebox.cli import app
from segmenter.settings import SegmenterSettings
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
_UTILISATION = 0.6
_CORES_EACH = 4


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table under a heading."""
    section = PAGE.split(f"# {heading}\n")[1].split("\n#")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


COSTS = {name: tuple(map(float, cells)) for name, *cells in rows("What an image costs")}
SIZES = rows("How many for 10, 100 and 1,000 images a second")


@pytest.mark.parametrize("row", SIZES, ids=lambda row: str(row[0]))
def test_the_numbers_of_processes_follow_from_the_costs(row: list[str]) -> None:
    load, *told = row
    images, megapixels = re.findall(r"[\d,.]+", load)
    costs = [core_s[0 if megapixels == "1.5" else 1] for core_s in COSTS.values()]
    cores = [float(images.replace(",", "")) * core_s / _UTILISATION for core_s in costs]

    each = [1, _CORES_EACH, _CORES_EACH, _CORES_EACH]
    expected = [math.ceil(a / b - 1e-9) for a, b in zip(cores, each, strict=True)]
    assert [int(number) for number in told[:4]] == expected


def test_the_block_for_tensorrt_is_one_that_triton_reads() -> None:
    block = re.search(r"```protobuf\n(.*?)```", PAGE, re.DOTALL)
    config = (ROOT / "model_repository" / "u2netp" / "config.pbtxt").read_text()
    assert block

    message = text_format.Parse(config + block[1], model_config_pb2.ModelConfig())

    (accelerator,) = message.optimization.execution_accelerators.gpu_execution_accelerator
    assert accelerator.name == "tensorrt"
    assert accelerator.parameters["precision_mode"] == "FP32"


COMMANDS = re.findall(r"(?:-- |bin/)(mattebox [a-z][^)|&\n]*)", PAGE)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_are_taken_as_they_are_written(command: str) -> None:
    found = typer.main.get_command(app)
    words = shlex.split(command)[1:]
    while commands := getattr(found, "commands", None):
        found = commands[words.pop(0)]
    # Reads the arguments as the command would, and does not run it.
    found.make_context(found.name, words)


def test_settings_that_are_named_exist() -> None:
    named = set(re.findall(r"MATTEBOX_[A-Z0-9_]+[A-Z0-9](?=[^A-Z0-9_…])", PAGE))
    assert named <= {*variable_names(GatewaySettings), *variable_names(SegmenterSettings)}
    for rest in re.findall(r"…_?([A-Z][A-Z0-9_]+[A-Z0-9])(?![A-Z0-9_…])", PAGE):
        known = [*variable_names(GatewaySettings), *variable_names(SegmenterSettings)]
        assert any(name.endswith(f"_{rest}") for name in known), rest
