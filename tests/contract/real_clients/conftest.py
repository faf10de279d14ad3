"""The clients' environment, and what they are given."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.contract.client import Client
from tests.contract.commands import Commands
from tests.contract.picture_host import PictureHost
from tests.contract.pictures import Pixels, encoded, photo
from tests.contract.real_clients.running import BIN, ClientRunner, Finished

MINUTE_S = 60
LARGE = (900, 600)
"""More pixels than remove.bg's small results have."""


@pytest.fixture(scope="package")
def jpeg() -> bytes:
    """The small photo."""
    return encoded(photo(), "JPEG", quality=95)


@pytest.fixture(scope="package")
def jpeg_rgba_u8(service: Client, jpeg: bytes) -> Pixels:
    """What `/v2` makes of the small photo, with which answers to clients are compared."""
    return service.post_file(jpeg).rgba_u8


@pytest.fixture
def clients(service: Client, jpeg: bytes, tmp_path: Path) -> ClientRunner:
    """Runs clients in a folder with a small and a large photo: `photo.jpg` and `large.jpg`."""
    if not (BIN.parent / ".ready").exists():
        pytest.skip("the clients are not set up: make .venv-clients/.ready")
    (tmp_path / "photo.jpg").write_bytes(jpeg)
    (tmp_path / "large.jpg").write_bytes(encoded(photo("coffee", *LARGE), "JPEG", quality=95))
    return ClientRunner(service.url, tmp_path)


@pytest.fixture
def large_url(host: PictureHost, clients: ClientRunner) -> str:
    """Where the large photo is on the web."""
    host.pages["/large.jpg"] = (clients.folder / "large.jpg").read_bytes()
    return f"{host.url}/large.jpg"


@pytest.fixture
def half_seen() -> Image.Image:
    """A photo whose left half has no alpha but colours all the same, RGBA."""
    rgba_u8 = np.array(photo().convert("RGBA"))
    rgba_u8[:, : rgba_u8.shape[1] // 2, 3] = 0
    return Image.fromarray(rgba_u8)


@pytest.fixture
def with_spent_key(
    service: Client, commands: Commands, email: str
) -> Callable[[Callable[[str], Finished]], Finished]:
    """Runs something with a key whose only request of the minute has been taken."""

    def run(client: Callable[[str], Finished]) -> Finished:
        while True:
            minute = time.time() // MINUTE_S
            key = commands.create_key(email, "--rate", "1/minute").key
            assert service.account(key=key).status == 200
            finished = client(key)
            if time.time() // MINUTE_S == minute:
                return finished

    return run
