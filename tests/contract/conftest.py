"""The service under test: one `mattebox up` for all tests, or one that runs already.

The former has a network that takes next to no time; the latter holds with whatever it serves.

MATTEBOX_CONTRACT_READY_FILE names the ready file of a running service, and
MATTEBOX_CONTRACT_STATE_DIR its state directory, without which no further keys can be made.
"""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import middle_network
from tests.contract.client import Client, Reply
from tests.contract.commands import Commands, IssuedKey
from tests.contract.other_gateway import other_gateway
from tests.contract.picture_host import PictureHost, picture_host
from tests.contract.pictures import Pixels, encoded, padded_jpeg, photo, plain
from tests.running_service import RunningService, running_service

READY_FILE = "MATTEBOX_CONTRACT_READY_FILE"
STATE_DIR = "MATTEBOX_CONTRACT_STATE_DIR"
LARGEST_UPLOAD_BYTES = 30 * 2**20
NETWORK = "u2netp"
"""Named as the default one is, whose name is all that is told of it."""


@dataclass(frozen=True, slots=True)
class StartedService:
    """A service that these tests started, with what stands around it."""

    running: RunningService
    host: PictureHost
    closed_port: int
    temporary: Path

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where it may write: its working and state directories, and the temporary one."""
        return self.running.log.parent, self.temporary


@pytest.fixture(scope="package")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartedService | None]:
    """Starts the service with what the tests of `image_url` need; None where one runs already."""
    if READY_FILE in os.environ:
        yield None
        return
    folder, temporary = tmp_path_factory.mktemp("up"), tmp_path_factory.mktemp("temporary")
    model_repository = tmp_path_factory.mktemp("models")
    middle_network.install(model_repository, NETWORK)
    with ExitStack() as stack:
        pages = {
            "/photo.jpg": encoded(photo(), "PNG"),
            "/no-picture.html": b"<!doctype html><title>No picture</title>",
            "/too-large.jpg": padded_jpeg(LARGEST_UPLOAD_BYTES + 1),
            "/largest.jpg": padded_jpeg(LARGEST_UPLOAD_BYTES),
        }
        host = stack.enter_context(picture_host(pages))
        closed = stack.enter_context(socket.socket())
        # Bound and never listening, so that nobody else takes the port and nobody answers there.
        closed.bind(("127.0.0.1", 0))
        closed_port = closed.getsockname()[1]
        environment = {
            # The same picture has the same bytes each time, whatever comes with it.
            "MATTEBOX_CPU_RUNTIME": "onnxruntime",
            "TMPDIR": str(temporary),
            "MATTEBOX_GATEWAY_FETCH_ALLOW": "127.0.0.1/32",
            "MATTEBOX_GATEWAY_FETCH_PORTS": f"80,443,{host.port},{closed_port}",
        }
        running = stack.enter_context(
            running_service(folder, model_repository, "auto", environment)
        )
        yield StartedService(running, host, closed_port, temporary)


@pytest.fixture(scope="package")
def own_service(started: StartedService | None) -> StartedService:
    """The service with what stands around it; skips where these tests did not start it."""
    if started is None:
        pytest.skip(f"needs a service of special settings, and {READY_FILE} names another one")
    return started


@pytest.fixture(scope="package")
def facts(started: StartedService | None) -> dict[str, Any]:
    """The ready file."""
    if started is not None:
        return started.running.facts
    facts: dict[str, Any] = json.loads(Path(os.environ[READY_FILE]).read_text())
    return facts


@pytest.fixture(scope="package")
def service(facts: dict[str, Any]) -> Client:
    """A client of the service, with its first key."""
    return Client(facts["http"], facts["api_key"])


@pytest.fixture(scope="package")
def host(own_service: StartedService) -> PictureHost:
    """The web server from which the service may fetch."""
    return own_service.host


@pytest.fixture(scope="package")
def state_dir(started: StartedService | None) -> Path:
    if started is not None:
        return started.running.state_dir
    if STATE_DIR not in os.environ:
        pytest.skip(f"{STATE_DIR} does not say where the running service has its keys")
    return Path(os.environ[STATE_DIR])


@pytest.fixture(scope="package")
def commands(state_dir: Path) -> Commands:
    return Commands(state_dir)


@pytest.fixture(scope="package")
def email(commands: Commands) -> str:
    """An account for keys of which nothing is counted."""
    return commands.create_account()


@pytest.fixture(scope="package")
def other_key(commands: Commands, email: str) -> IssuedKey:
    """A key beside the first one, which no test may spoil."""
    return commands.create_key(email)


@pytest.fixture(scope="package")
def mode_keys(commands: Commands) -> dict[str, IssuedKey]:
    """A key of each mode, all of one account; a limit is asked for where it must not hold."""
    email = commands.create_account()
    limits = {"live": (), "admin": ("--rate", "1/minute"), "synthetic": ("--rate", "1/minute")}
    return {
        mode: commands.create_key(email, "--mode", mode, *options)
        for mode, options in limits.items()
    }


@pytest.fixture(scope="package")
def closed_gateway(state_dir: Path, facts: dict[str, Any]) -> Iterator[Client]:
    """A gateway with everything switched off that can be, and room for four large uploads."""
    settings = {
        "KEYS_QUERY": False,
        "KEYS_JSON_FIELD": False,
        "FETCH_ENABLED": False,
        "ADMISSION_BUDGET_BYTES": 400_000_000,
    }
    with other_gateway(state_dir, facts["grpc"], facts["api_key"], settings) as gateway:
        yield gateway.client


@pytest.fixture(scope="package")
def hasty_gateway(state_dir: Path, facts: dict[str, Any]) -> Iterator[Client]:
    """A gateway that waits for nothing."""
    settings = {"UPLOAD_READ_TIMEOUT_S": 0.2, "SEGMENTER_TIMEOUT_S": 0.001}
    with other_gateway(state_dir, facts["grpc"], facts["api_key"], settings) as gateway:
        yield gateway.client


@pytest.fixture(scope="package")
def lonely_gateway(state_dir: Path, facts: dict[str, Any]) -> Iterator[Client]:
    """A gateway whose segmenter is not there."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        target = f"127.0.0.1:{closed.getsockname()[1]}"
        with other_gateway(state_dir, target, facts["api_key"], {}) as gateway:
            yield gateway.client


@pytest.fixture(scope="package")
def cup() -> bytes:
    """A PNG of a cup, 300 x 200, all of whose pixels are opaque."""
    return encoded(photo())


@pytest.fixture(scope="package")
def grey() -> bytes:
    """A PNG of as many pixels in which there is nothing."""
    return encoded(plain())


@pytest.fixture(scope="package")
def cup_reply(service: Client, cup: bytes) -> Reply:
    """The answer to the cup without any option."""
    return service.post_file(cup)


@pytest.fixture(scope="package")
def cup_rgba_u8(cup_reply: Reply) -> Pixels:
    """The cup's cut-out, with which others are compared, uint8 [200, 300, 4]."""
    return cup_reply.rgba_u8
