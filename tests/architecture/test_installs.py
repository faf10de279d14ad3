"""Each service runs with what its own lock file installs, and nothing else."""

import re
import subprocess
import sys
from importlib.metadata import packages_distributions

import pytest

from tests.conftest import ROOT

PROGRAM = """
import importlib, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

ABSENT = set(sys.argv[2].split(","))
sys.meta_path.insert(0, Absent())
importlib.import_module(sys.argv[1])
"""


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def absent_with(lock: str) -> set[str]:
    """Names the modules that are installed here and would not be there."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    locked = {normal(name) for name in re.findall(r"^([A-Za-z0-9_.-]+)==", text, re.MULTILINE)}
    return {
        module
        for module, distributions in packages_distributions().items()
        if not locked & {normal(name) for name in distributions}
        and not {"mattebox", "setuptools", "pip"} & {normal(name) for name in distributions}
    }


@pytest.mark.parametrize(
    ("module", "lock", "one_of_them"),
    [
        ("segmenter.main", "segmenter", "onnxruntime"),
        ("gateway.main", "gateway", "numpy"),
        ("mattebox.cli", "gateway", "onnx"),
    ],
)
def test_a_lock_file_is_enough(module: str, lock: str, one_of_them: str) -> None:
    absent = absent_with(lock)
    assert one_of_them in absent
    command = [sys.executable, "-c", PROGRAM, module, ",".join(sorted(absent))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_clients_say_what_they_lack() -> None:
    absent = absent_with("tool")
    assert "httpx" in absent
    command = [sys.executable, "-c", PROGRAM, "mattebox.client", ",".join(sorted(absent))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "mattebox.client needs httpx: pip install '.[client]' in a checkout" in done.stderr
