"""Running networks in turns, each in a process of its own.

It is done in a child: the standard library leaves a process behind that tracks such processes.
"""

import json
import subprocess
import sys
from pathlib import Path

from tests import toy_network
from tests.conftest import ROOT

MEASURE = """
import json, sys
from dataclasses import asdict
from benchmarks.inference import Variant, measure
from segmenter.inference.runtimes import CpuRuntime
repository, model, *threads = sys.argv[1:]
runtime = CpuRuntime.ONNXRUNTIME
rows = measure([Variant(repository, model, runtime, int(each)) for each in threads], rounds=2)
print(json.dumps([asdict(row) for row in rows]))
"""


def measured(repository: Path, model: str, *threads: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", MEASURE, str(repository), model, *threads]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_every_variant_runs_every_round_in_a_process_of_its_own(tmp_path: Path) -> None:
    toy_network.install(tmp_path, "toy")

    rows = json.loads(measured(tmp_path, "toy", "1", "2").stdout)

    assert [row["name"] for row in rows] == [
        "toy, onnxruntime, 1 thread",
        "toy, onnxruntime, 2 threads",
    ]
    for row in rows:
        assert len(row["rounds"]) == 2
        assert all(each["lone_ms"] > 0 and each["batch_ms"] > 0 for each in row["rounds"])
        assert row["memory_mib"] >= 0


def test_a_network_that_is_not_there_ends_it(tmp_path: Path) -> None:
    ended = measured(tmp_path, "absent", "1")

    assert ended.returncode == 1
    assert "The model absent is not in the repository." in ended.stderr
