"""A `mattebox up` in the hands of tests: started, reached by its facts, and stopped in order."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class RunningService:
    """Where a running service is, and what it has said."""

    process: "subprocess.Popen[bytes]"
    ready_file: Path
    state_dir: Path
    log: Path

    @property
    def facts(self) -> dict[str, Any]:
        """The ready file, as it is now."""
        facts: dict[str, Any] = json.loads(self.ready_file.read_text())
        return facts


@contextmanager
def running_service(
    folder: Path,
    model_repository: Path,
    engine: str,
    environment: Mapping[str, str] | None = None,
    models: Sequence[str] = ("u2netp",),
) -> Iterator[RunningService]:
    """Runs until the context ends; stops as Ctrl-C would stop it, and must exit 0."""
    ready_file, state_dir, log = folder / "ready.json", folder / "state", folder / "log"
    command = [str(Path(sys.executable).with_name("mattebox")), "up", "--engine", engine]
    command += ["--port", "0", "--grpc-port", "0", "--metrics-port", "0"]
    command += ["--state-dir", str(state_dir), "--ready-file", str(ready_file)]
    command += ["--model-repository", str(model_repository), "--model", ",".join(models)]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=stream,
        )
    assert process.stdout is not None
    try:
        # The facts come in a line of their own once everything answers; none if it fails.
        assert process.stdout.readline(), log.read_text()
        yield RunningService(process, ready_file, state_dir, log)
        process.terminate()
        assert process.wait(60) == 0, log.read_text()
    finally:
        process.kill()
        process.communicate()
