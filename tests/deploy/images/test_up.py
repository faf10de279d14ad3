"""The image of the whole service, from a read-only root with one volume, and Triton's own /tmp."""

import json
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.deploy.images.processes import owned, running
from tests.deploy.images.standing_in import Image, Mount
from tests.ports import free_port

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]


def test_it_serves_with_the_real_triton(up_image: Image, tmp_path: Path) -> None:
    port = free_port("127.0.0.1")
    data = owned(tmp_path / "data", up_image)
    mounts = [Mount(data, "/data", writable=True)]
    tmpfs = {"/tmp": 16 * 2**20}  # noqa: S108 - Triton's Python backend knows no other place
    arguments = [*up_image.cmd, "--port", str(port), "--grpc-port", "0", "--metrics-port", "0"]
    arguments += ["--engine", "triton", "--ready-file", "/data/ready.json"]
    with running(up_image, tmp_path, *arguments, mounts=mounts, tmpfs=tmpfs) as process:
        process.await_ready(f"http://127.0.0.1:{port}/v2/health")
        process.await_file(data / "ready.json")
        facts = json.loads((data / "ready.json").read_text())
        assert facts["engine"] == "triton"
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/v2",
            (ROOT / "tests/data/coffee.jpg").read_bytes(),
            {"x-api-key": facts["api_key"], "Content-Type": "image/jpeg"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert answer.headers["Content-Type"] == "image/png"
        assert process.stop() == 0
    assert {path.name for path in data.iterdir()} == {"mattebox"}
