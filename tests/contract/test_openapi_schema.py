"""The running service keeps to its OpenAPI document, as schemathesis finds by trying all of it."""

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.reference.document import Document, read_packaged
from tests.conftest import ROOT
from tests.contract.client import Client
from tests.contract.conftest import StartedService

pytestmark = pytest.mark.e2e

PHASES = {"examples", "coverage", "fuzzing"}
DOCUMENT_FILE = ROOT / "services" / "gateway" / "reference" / "openapi.json"
# Nothing answers there: such a URL is refused like every other that cannot be fetched.
UNREACHABLE = "http://127.0.0.1/photo.jpg"


@pytest.fixture
def urls(started: StartedService | None) -> list[str]:
    """What is sent as `image_url`: one that works where these tests have a web server."""
    return [UNREACHABLE] if started is None else [f"{started.host.url}/photo.jpg", UNREACHABLE]


def scenarios(events: Path) -> Iterator[dict[str, Any]]:
    """What schemathesis did, operation by operation and phase by phase."""
    for line in events.read_text().splitlines():
        event = json.loads(line)
        if "ScenarioFinished" in event:
            yield event["ScenarioFinished"]


def test_the_document_that_is_served_is_the_one_in_the_package(service: Client) -> None:
    reply = service.get("/openapi.json", key=None)
    assert reply.body == read_packaged()


@pytest.mark.timeout(600)
def test_everything_that_is_tried_is_answered_as_the_document_says(
    service: Client, urls: list[str], tmp_path: Path
) -> None:
    events = tmp_path / "events.ndjson"
    options = ["--config-file", str(Path(__file__).with_name("schemathesis.toml"))]
    command = [str(Path(sys.executable).with_name("schemathesis")), *options, "run"]
    command += [str(DOCUMENT_FILE), "--url", service.url, "--phases", ",".join(sorted(PHASES))]
    command += ["--report", "ndjson", "--report-ndjson-path", str(events), "--no-color"]
    environment = {
        **os.environ,
        "NO_PROXY": "127.0.0.1",
        "SCHEMATHESIS_HOOKS": "tests.contract.generated_data",
        "MATTEBOX_CONTRACT_KEY": service.key,
        "MATTEBOX_CONTRACT_URLS": " ".join(urls),
    }

    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    phases, statuses = defaultdict(set), defaultdict(set)
    for scenario in scenarios(events):
        label = scenario["recorder"]["label"]
        phases[label].add(scenario["phase"])
        for interaction in scenario["recorder"]["interactions"].values():
            statuses[label].add(interaction["response"]["status_code"])
    operations = list(Document.from_json(read_packaged()).operations())
    assert phases == {f"{each.method} {each.path}": PHASES for each in operations}
    for each in operations:
        # Anything less would mean that little was tried.
        wanted = {200, 405, 401} if each.content["security"] else {200, 405}
        assert wanted <= statuses[f"{each.method} {each.path}"], each
    assert {200, 400, 401, 405, 415} <= statuses["POST /v2"]
