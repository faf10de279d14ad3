"""Supervises a Triton with one model, for a test to kill: `supervised_triton.py MODEL STATE`.

Standard output gets a JSON line for each announcement.
"""

import json
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from queue import SimpleQueue

from mattebox.up import ports, state_dir, triton_files, triton_server, triton_wheel
from mattebox.up.supervisor import Events, StopAsked, Supervisor
from mattebox.up.triton_server import TritonPorts, TritonSettings


def announce(pids: Mapping[str, int]) -> None:
    print(json.dumps(pids), flush=True)  # noqa: T201 - the test reads it


def main(model: Path, state: Path) -> int:
    events: Events = SimpleQueue()
    signal.signal(signal.SIGTERM, lambda number, _frame: events.put(StopAsked(number)))
    wheel = triton_wheel.locate()
    assert wheel is not None
    with state_dir.hold(state) as held:
        files = triton_files.put_together(held.triton, wheel, [model])
        settings = TritonSettings([model.name], threads=2, shm_prefix=held.shm_prefix)
        triton_ports = TritonPorts(*ports.free_ports(3))
        plan = triton_server.plan(wheel, files, triton_ports, settings)
        return Supervisor([plan], events, announce).run()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
