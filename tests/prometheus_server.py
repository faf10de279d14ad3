"""A real Prometheus in the hands of tests: it scrapes and evaluates each second."""

import json
import re
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ports import free_port

_PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Target:
    """What is scraped, with the labels that a PodMonitor gives."""

    url: str
    job: str
    labels: Mapping[str, str]


class PrometheusServer:
    """A running Prometheus, asked over its HTTP API."""

    def __init__(self, url: str) -> None:
        self._url = url

    def ask(self, expression: str) -> list[dict[str, Any]]:
        """Evaluates an expression now; gives the series of its result.

        Raises:
            urllib.error.HTTPError: it cannot be evaluated.
        """
        query = urllib.parse.urlencode({"query": expression})
        with urllib.request.urlopen(f"{self._url}/api/v1/query?{query}", timeout=30) as response:
            answer = json.load(response)
        assert answer["status"] == "success", answer
        assert not answer.get("warnings"), answer
        series: list[dict[str, Any]] = answer["data"]["result"]
        return series

    def unhealthy_rules(self) -> list[str]:
        """Tells which rules failed when they were evaluated last, or never were."""
        with urllib.request.urlopen(f"{self._url}/api/v1/rules", timeout=30) as response:
            groups = json.load(response)["data"]["groups"]
        return [
            f"{rule['name']}: {rule['health']} {rule.get('lastError', '')}"
            for group in groups
            for rule in group["rules"]
            if rule["health"] != "ok"
        ]

    def await_series(self, expression: str) -> None:
        """Waits until an expression has a result."""
        give_up_s = time.monotonic() + _PATIENCE_S
        while not self.ask(expression):
            assert time.monotonic() < give_up_s, f"no series: {expression}"
            time.sleep(0.2)


@contextmanager
def prometheus_server(
    folder: Path, targets: Sequence[Target], rule_files: Sequence[Path]
) -> Iterator[PrometheusServer]:
    """Runs until the context ends; skips where Prometheus is not installed.

    Rules are evaluated each second, whatever interval their group has.
    """
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("prometheus is not installed (Debian's package has that name)")
    for path in rule_files:
        (folder / path.name).write_text(re.sub(r"(?m)^    interval: .*\n", "", path.read_text()))
    config = folder / "prometheus.yaml"
    config.write_text(
        yaml.safe_dump(
            {
                "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
                "rule_files": [str(folder / path.name) for path in rule_files],
                "scrape_configs": [_scraping(target) for target in targets],
            }
        )
    )
    address = f"127.0.0.1:{free_port('127.0.0.1')}"
    command = [program, f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}"]
    command += [f"--web.listen-address={address}", "--log.level=warn"]
    log = folder / "prometheus.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream)
    try:
        _await_ready(f"http://{address}", process, log)
        yield PrometheusServer(f"http://{address}")
    finally:
        process.terminate()
        process.wait(30)


def _scraping(target: Target) -> dict[str, Any]:
    host = urllib.parse.urlsplit(target.url).netloc
    static = {"targets": [host], "labels": dict(target.labels)}
    return {"job_name": target.job, "static_configs": [static]}


def _await_ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    give_up_s = time.monotonic() + _PATIENCE_S
    while True:
        try:
            with urllib.request.urlopen(f"{url}/-/ready", timeout=5):
                return
        except OSError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < give_up_s, log.read_text()
            time.sleep(0.1)
