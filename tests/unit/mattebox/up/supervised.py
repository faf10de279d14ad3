"""Supervises stand-in services, for a test to send signals to: `supervised.py FOLDER SCRIPT…`.

A stand-in is ready once it has made the file NAME.PID, and in trouble once there is NAME.trouble.
The process ids go to standard output, one JSON line for each announcement.
"""

import json
import os
import signal
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from queue import SimpleQueue

from mattebox.up.errors import CannotStartError
from mattebox.up.kept_process import Launch
from mattebox.up.say import say
from mattebox.up.service import ServicePlan
from mattebox.up.supervisor import Events, StopAsked, Supervisor


class MarkerHealth:
    """Reads from files how a stand-in is."""

    def __init__(self, folder: Path, name: str, pid: int) -> None:
        self._ready = folder / f"{name}.{pid}"
        self._trouble = folder / f"{name}.trouble"

    def ready(self) -> bool:
        return self._ready.exists()

    def trouble(self) -> str | None:
        if not self._trouble.exists():
            return None
        self._trouble.unlink()
        return "it was told to be in trouble"


def plan(folder: Path, script: Path) -> ServicePlan:
    env = dict(os.environ) | {"FOLDER": str(folder), "NAME": script.stem}
    return ServicePlan(
        name=script.stem,
        launch=Launch((sys.executable, str(script)), env),
        health=partial(MarkerHealth, folder, script.stem),
        start_deadline_s=float(os.environ.get("START_DEADLINE_S", "30")),
        drain_deadline_s=float(os.environ.get("DRAIN_DEADLINE_S", "30")),
    )


def announce(pids: Mapping[str, int]) -> None:
    print(json.dumps(pids), flush=True)  # noqa: T201 - the test reads it


def main() -> int:
    events: Events = SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: events.put(StopAsked(number)))
    folder, *scripts = map(Path, sys.argv[1:])
    try:
        return Supervisor([plan(folder, script) for script in scripts], events, announce).run()
    except CannotStartError as error:
        say(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())
