"""`mattebox up` among other users and on open wires: who may read its files, TLS on each hop."""

import io
import json
import resource
import ssl
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests import toy_network
from tests.authority import Authority
from tests.running_service import RunningService, running_service
from tests.umasks import umask

pytestmark = pytest.mark.e2e

PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Secret:
    """A service whose gateway speaks HTTPS, and to the segmenter TLS with certificates."""

    running: RunningService
    authority: Authority

    def ask(self, path: str, **headers: str) -> HTTPResponse:
        """Sends a GET or, with a picture for a body, a POST."""
        picture = io.BytesIO()
        pixels = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(picture, "PNG")
        body = picture.getvalue() if headers else None
        url = f"{self.running.facts['http']}{path}"
        request = urllib.request.Request(url, body, headers)
        context = ssl.create_default_context(cadata=self.authority.certificate.decode())
        answer: HTTPResponse = urllib.request.urlopen(request, timeout=PATIENCE_S, context=context)
        return answer


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secret]:
    folder, tls = tmp_path_factory.mktemp("up"), tmp_path_factory.mktemp("tls")
    toy_network.install(folder / "models", "toy")
    authority = Authority(tls)
    http, segmenter, gateway = (authority.issue("127.0.0.1") for _ in range(3))
    environment = {
        "MATTEBOX_GATEWAY_HTTP_TLS_CERT": str(http.certificate_file),
        "MATTEBOX_GATEWAY_HTTP_TLS_KEY": str(http.key_file),
        "MATTEBOX_SEGMENTER_GRPC_TLS_CERT": str(segmenter.certificate_file),
        "MATTEBOX_SEGMENTER_GRPC_TLS_KEY": str(segmenter.key_file),
        "MATTEBOX_SEGMENTER_GRPC_TLS_CLIENT_CA": str(authority.file),
        "MATTEBOX_GATEWAY_SEGMENTER_TLS_CA": str(authority.file),
        "MATTEBOX_GATEWAY_SEGMENTER_TLS_CERT": str(gateway.certificate_file),
        "MATTEBOX_GATEWAY_SEGMENTER_TLS_KEY": str(gateway.key_file),
    }
    up = running_service(folder, folder / "models", "auto", environment, models=["toy"])
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    try:
        with umask(0o000), up as running:
            yield Secret(running, authority)
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


def test_it_serves_over_tls_on_every_hop(secret: Secret) -> None:
    assert secret.running.facts["http"].startswith("https://127.0.0.1:")
    key = secret.running.facts["api_key"]
    with secret.ask("/v2", **{"x-api-key": key, "Content-Type": "image/png"}) as answer:
        assert answer.status == 200
        assert answer.read().startswith(b"\x89PNG")
    with secret.ask("/v2/health") as answer:
        assert json.load(answer) == {"status": "ok"}


def test_no_other_user_may_read_what_it_has_written(secret: Secret) -> None:
    running = secret.running
    state = list(running.state_dir.rglob("*"))
    folders = [
        path for path in (running.state_dir, *state) if path.is_dir() and not path.is_symlink()
    ]
    # What Triton is started on is everybody's, and in a folder that is not.
    own = [path for path in state if "triton" not in path.parts and path.is_file()]
    files = [running.ready_file, *own]

    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    names = {path.name for path in files}
    assert {"mattebox.db", "mattebox.db.pepper", "mattebox.db-wal", "ready.json"} <= names


def test_no_process_leaves_its_memory_behind_when_it_crashes(secret: Secret) -> None:
    pids = secret.running.facts["pids"].values()

    assert len(pids) >= 2
    for pid in (secret.running.process.pid, *pids):
        assert resource.prlimit(pid, resource.RLIMIT_CORE)[0] == 0


def test_no_key_is_in_a_command_line_or_an_environment(secret: Secret) -> None:
    """Other users can read the first of them."""
    key = secret.running.facts["api_key"].encode()
    pepper = (secret.running.state_dir / "mattebox.db.pepper").read_bytes()
    pids = (secret.running.process.pid, *secret.running.facts["pids"].values())

    for pid in pids:
        told = b"".join(Path(f"/proc/{pid}/{name}").read_bytes() for name in ("cmdline", "environ"))
        assert told
        assert key not in told
        assert pepper not in told
