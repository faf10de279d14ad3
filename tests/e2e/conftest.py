"""The whole of Mattebox as a user starts it: `mattebox up`, with the real Triton."""

import io
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mattebox.up import triton_wheel
from tests.conftest import ROOT
from tests.running_service import RunningService, running_service

_PATIENCE_S = 90.0
_BOUNDARY = "mattebox-e2e"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP."""

    status: int
    headers: "Message[str, str]"
    body: bytes

    @property
    def rgba_u8(self) -> NDArray[np.uint8]:
        """The picture, uint8 [H, W, 4]."""
        with Image.open(io.BytesIO(self.body), formats=["PNG"]) as image:
            assert image.mode == "RGBA"
            return np.array(image)

    @property
    def error(self) -> dict[str, Any]:
        """The error of the envelope."""
        envelope: dict[str, Any] = json.loads(self.body)
        (error,) = envelope.values()
        return dict(error)


class Mattebox:
    """A running `mattebox up`."""

    def __init__(self, running: RunningService) -> None:
        self.process = running.process
        self.log = running.log
        self.ready_file = running.ready_file
        self.state_dir = running.state_dir
        self._running = running

    @property
    def facts(self) -> dict[str, Any]:
        """The ready file, as it is now."""
        return self._running.facts

    def get(self, path: str, **headers: str) -> Answer:
        """Sends a GET request."""
        return _sent(urllib.request.Request(self.facts["http"] + path, headers=headers))

    def cut_out(self, image: bytes, key: str | None = None, **fields: str) -> Answer:
        """Sends an image as `image_file`, with further form fields."""
        parts = [_part(name, value.encode()) for name, value in fields.items()]
        parts.append(_part('image_file"; filename="photo.jpg', image))
        return _sent(
            urllib.request.Request(
                self.facts["http"] + "/v2",
                b"".join(parts) + f"--{_BOUNDARY}--\r\n".encode(),
                {
                    "x-api-key": key or self.facts["api_key"],
                    "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}",
                },
            )
        )

    @property
    def triton_metrics_url(self) -> str:
        """Where Triton tells its metrics."""
        return _triton_metrics_url(self.facts["pids"]["triton"])

    def triton_metrics(self) -> dict[str, float]:
        """Reads what Triton counts of the default model, summed by name."""
        page = _sent(urllib.request.Request(self.triton_metrics_url))
        counts: dict[str, float] = {}
        for line in page.body.decode().splitlines():
            if line.startswith("nv_") and 'model="u2netp"' in line:
                name = line.partition("{")[0]
                counts[name] = counts.get(name, 0.0) + float(line.rpartition(" ")[2])
        return counts

    def await_status(self, status: int) -> None:
        """Waits until health answers with a status."""
        self._await(lambda: self.get("/v2/health").status == status)

    def await_replaced(self, service: str, pid: int) -> None:
        """Waits until the ready file names another process of a service."""
        self._await(lambda: self.facts["pids"][service] != pid)

    def _await(self, holds: Callable[[], bool]) -> None:
        give_up_s = time.monotonic() + _PATIENCE_S
        while not holds():
            assert time.monotonic() < give_up_s, self.log.read_text()
            time.sleep(0.05)


@pytest.fixture(scope="module")
def served_models(model_repository: Path) -> Path:
    """The repository that is served from. Modules to whom mattes are all one have another."""
    return model_repository


@pytest.fixture(scope="module")
def set_by_operator() -> Mapping[str, str]:
    """The settings of the service. Modules that need some have others."""
    return {}


@pytest.fixture(scope="module")
def mattebox(
    tmp_path_factory: pytest.TempPathFactory,
    served_models: Path,
    set_by_operator: Mapping[str, str],
) -> Iterator[Mattebox]:
    """Runs for the tests of one module; stops as Ctrl-C would stop it, and must exit 0."""
    if (reason := triton_wheel.why_not(triton_wheel.locate())) is not None:
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("up")
    with running_service(folder, served_models, "triton", set_by_operator) as running:
        yield Mattebox(running)


@pytest.fixture(scope="session")
def coffee() -> bytes:
    return (ROOT / "tests" / "data" / "coffee.jpg").read_bytes()


def _part(name: str, value: bytes) -> bytes:
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
    return head.encode() + value + b"\r\n"


def _sent(request: urllib.request.Request) -> Answer:
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return Answer(response.status, response.headers, response.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.headers, error.read())


def _triton_metrics_url(pid: int) -> str:
    """Finds the port that `mattebox up` chose, in the server's own command line."""
    arguments = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    flags = dict(argument.split("=", 1) for argument in arguments if "=" in argument)
    return f"http://127.0.0.1:{flags['--metrics-port']}/metrics"
