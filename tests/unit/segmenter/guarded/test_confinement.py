import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

PREAMBLE = """
import json, mmap, os, resource, socket, sys
from segmenter.guarded.confinement import Confinement
from segmenter.guarded.memory import SharedMemory
from segmenter.guarded.wire import Budget
"""


def run_alone(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a script in a process of its own, for it to confine."""
    command = [sys.executable, "-c", PREAMBLE + script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def said(script: str, *arguments: str) -> Any:
    result = run_alone(script, *arguments)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_no_file_can_be_written(tmp_path: Path) -> None:
    script = """
Confinement()
try:
    with open(sys.argv[1], "wb") as file:
        file.write(b"pixels")
    print('"written"')
except OSError as error:
    print(json.dumps(error.strerror))
"""

    assert said(script, str(tmp_path / "file")) == "File too large"


def test_shared_memory_can_be_written() -> None:
    script = """
memory = SharedMemory(1 << 20)
Confinement()
mmap.mmap(memory.fd, memory.size_bytes)[:] = b"x" * memory.size_bytes
print(json.dumps(memory.mapped()[-1]))
"""

    assert said(script) == ord("x")


def test_descriptors_are_few() -> None:
    script = """
Confinement()
held = []
try:
    while True:
        held.append(os.dup(0))
except OSError:
    print(len(held))
"""

    assert 8 <= said(script) < 32


def test_no_core_is_dumped_and_others_go_first() -> None:
    script = """
before = os.nice(0)
Confinement()
print(json.dumps([resource.getrlimit(resource.RLIMIT_CORE), os.nice(0) > before]))
"""

    assert said(script) == [[0, 0], True]


def test_memory_runs_out_past_the_budget_of_the_task() -> None:
    script = """
confinement = Confinement()
outcomes = []
for budget_mib, wanted_mib in ((64, 32), (64, 96), (128, 96)):
    confinement.admit(Budget(10, budget_mib << 20))
    try:
        outcomes.append(len(bytearray(wanted_mib << 20)) >> 20)
    except MemoryError:
        outcomes.append("out of memory")
print(json.dumps(outcomes))
"""

    assert said(script) == [32, "out of memory", 96]


def test_processor_time_past_the_budget_ends_the_process() -> None:
    script = """
confinement = Confinement()
confinement.admit(Budget(0.5, 1 << 30))
while True:
    pass
"""

    assert run_alone(script).returncode == -signal.SIGXCPU


def test_processor_time_is_counted_for_each_task_anew() -> None:
    script = """
import time
confinement = Confinement()
for task in range(3):
    confinement.admit(Budget(1.0, 1 << 30))
    end = time.process_time() + 0.7
    while time.process_time() < end:
        pass
print("true")
"""

    assert said(script) is True
