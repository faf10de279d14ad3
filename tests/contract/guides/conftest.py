"""What the guides' programs meet beside the service."""

import socket
from collections.abc import Iterator

import pytest


@pytest.fixture
def closed_url() -> Iterator[str]:
    """Where nobody answers."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{closed.getsockname()[1]}"
