"""Clients whose host is built in: its name leads here, and a certificate vouches for it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.authority import Authority
from tests.contract.client import Client, opened
from tests.contract.other_gateway import other_gateway
from tests.contract.real_clients.running import ClientRunner, Finished

pytestmark = pytest.mark.e2e

CLIPDROP = """
import sys
from pyclipdrop import ClipdropClient
ClipdropClient(sys.argv[1]).remove_background("photo.jpg", output_file="photo-nobg.png")
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def https_gateway(state_dir: Path, facts: dict[str, Any], authority: Authority) -> Iterator[Client]:
    """A gateway that shows a certificate for the names of the services."""
    issued = authority.issue("api.remove.bg", "clipdrop-api.co")
    settings = {"HTTP_TLS_CERT": issued.certificate_file, "HTTP_TLS_KEY": issued.key_file}
    with other_gateway(state_dir, facts["grpc"], facts["api_key"], settings) as gateway:
        yield gateway.client


@pytest.fixture
def named(https_gateway: Client, authority: Authority) -> dict[str, str]:
    """The environment in which names lead to that gateway."""
    return {
        "HTTPS_PROXY": "",
        "REDIRECT_NAMES": "yes",
        "REDIRECT_TO": urlsplit(https_gateway.url).netloc,
        "REMOVE_BG_API_KEY": https_gateway.key,
        "REQUESTS_CA_BUNDLE": str(authority.file),
    }


def urls(finished: Finished) -> list[str]:
    assert finished.exit_status == 0, finished.errors + finished.output
    assert set(finished.statuses) == {200}
    return [exchange.url for exchange in finished.exchanges]


def test_removebg_cli_needs_nothing_else(clients: ClientRunner, named: dict[str, str]) -> None:
    finished = clients.command("removebg", "photo.jpg", **named)
    assert urls(finished) == [
        "https://api.remove.bg/v1.0/removebg",
        "https://api.remove.bg/v1.0/account",
    ]
    assert opened((clients.folder / "photo-nobg.png").read_bytes(), "PNG").size == (300, 200)


def test_pyclipdrop_needs_nothing_else(
    clients: ClientRunner, https_gateway: Client, named: dict[str, str]
) -> None:
    finished = clients.code(CLIPDROP, https_gateway.key, **named)
    assert urls(finished) == ["https://clipdrop-api.co/remove-background/v1"]
    assert opened((clients.folder / "photo-nobg.png").read_bytes(), "PNG").size == (300, 200)


def test_a_client_that_does_not_trust_the_authority_sends_nothing(
    clients: ClientRunner, named: dict[str, str], tmp_path: Path
) -> None:
    strange = Authority(tmp_path)
    finished = clients.command(
        "removebg", "photo.jpg", **named | {"REQUESTS_CA_BUNDLE": str(strange.file)}
    )
    assert finished.exit_status == 1
    assert "CERTIFICATE_VERIFY_FAILED" in finished.output
    assert finished.exchanges == []
