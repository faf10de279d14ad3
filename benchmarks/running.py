"""A Mattebox of the benchmark's own, as `mattebox up` starts it."""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parents[1]
_START_S = 120.0


@dataclass(frozen=True, slots=True)
class Running:
    """Where it answers, by what key, and what runs its network."""

    http: str
    grpc: str
    api_key: str
    engine: str
    supervisor: int
    """Process id of `mattebox up`, from which all others descend."""
    pids: Mapping[str, int]
    """Process ids of gateway, segmenter and, where it runs, Triton."""
    metrics: Mapping[str, str]
    """Where gateway and segmenter tell their metrics."""
    state_dir: Path
    """What `mattebox keys` and the like are told."""
    log: Path
    """Lines of JSON of all services, and what else they write."""

    def new_key(self, rate: str = "1000000/minute") -> str:
        """Makes an account with a key of its own."""
        name = f"benchmark-{time.monotonic_ns()}@example.com"
        command = [str(Path(sys.executable).with_name("mattebox"))]
        where = ["--state-dir", str(self.state_dir)]
        subprocess.run(
            [*command, "accounts", "create", name, *where], check=True, stdout=subprocess.DEVNULL
        )
        made = subprocess.run(
            [*command, "keys", "create", "--account", name, "--rate", rate, "--quiet", *where],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return made.stdout.strip()


@contextmanager
def mattebox(
    engine: str = "auto",
    model: str = "u2netp",
    log_level: str = "error",
    environment: Mapping[str, str] | None = None,
    repository: Path = ROOT / "model_repository",
) -> Iterator[Running]:
    """Starts Mattebox with a model on free ports and stops it at the end.

    `environment` is added to that of the benchmark; `repository` has the model.
    """
    with TemporaryDirectory(prefix="mattebox-bench-") as folder:
        ready_file = Path(folder) / "ready.json"
        command = [str(Path(sys.executable).with_name("mattebox")), "up", "--engine", engine]
        command += ["--model", model]
        command += ["--port", "0", "--grpc-port", "0", "--metrics-port", "0"]
        command += ["--state-dir", f"{folder}/state", "--ready-file", str(ready_file)]
        command += ["--model-repository", str(repository), "--log-level", log_level]
        log = Path(folder) / "log"
        with log.open("wb") as stream:
            process = subprocess.Popen(
                command,
                env={**os.environ, **(environment or {})},
                stdout=subprocess.DEVNULL,
                # No pipe: nobody would read it, and a full one holds up whoever writes to it.
                stderr=stream,
            )
        try:
            facts = _await_ready(process, ready_file, log)
            yield Running(
                facts["http"],
                facts["grpc"],
                facts["api_key"],
                facts["engine"],
                process.pid,
                facts["pids"],
                {"gateway": facts["metrics"], "segmenter": facts["segmenter_metrics"]},
                Path(folder) / "state",
                log,
            )
        finally:
            process.terminate()
            process.wait(timeout=60)


def rounds_and_engine(module_doc: str | None) -> argparse.Namespace:
    """Reads the command line of a benchmark that takes rounds on a Mattebox of its own."""
    parser = argparse.ArgumentParser(description=(module_doc or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--engine", default="auto", choices=["auto", "triton", "onnxruntime"])
    return parser.parse_args()


def ready_facts(ready_file: Path) -> dict[str, Any]:
    """Reads what `mattebox up` tells of itself."""
    facts: dict[str, Any] = json.loads(ready_file.read_text(encoding="utf-8"))
    return facts


def _await_ready(process: "subprocess.Popen[bytes]", ready_file: Path, log: Path) -> dict[str, Any]:
    give_up_s = time.monotonic() + _START_S
    while not ready_file.exists():
        if process.poll() is not None or time.monotonic() > give_up_s:
            process.terminate()
            process.wait(timeout=60)
            sys.exit(f"mattebox up did not start:\n{log.read_text(errors='replace')}")
        time.sleep(0.1)
    return ready_facts(ready_file)
