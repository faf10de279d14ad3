import resource
import subprocess
import sys

PRINTING = """
import resource, subprocess, sys
from telemetry.core_dumps import leave_no_core
leave_no_core()
print(resource.getrlimit(resource.RLIMIT_CORE)[0], flush=True)
asks = "import resource; print(resource.getrlimit(resource.RLIMIT_CORE)[0])"
subprocess.run([sys.executable, "-c", asks], check=True)
"""


def test_neither_this_process_nor_its_children_leave_their_memory_behind() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)

    def allow() -> None:
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))

    told = subprocess.run(
        [sys.executable, "-c", PRINTING],
        preexec_fn=allow,
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.split() == ["0", "0"]
