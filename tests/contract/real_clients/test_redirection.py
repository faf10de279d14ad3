"""No client reaches anything but the service under test, whatever becomes of its exceptions."""

import pytest

from tests.contract.real_clients.running import ASTRAY, NOT_SET_UP, REDIRECTION, ClientRunner

pytestmark = pytest.mark.e2e

VERSIONS = {
    "removebg": "0.4",
    "remove-bg-api": "0.2.1",
    "removebg-cli": "1.0.0",
    "pyclipdrop": "1.0.1",
}
SWALLOWING = """
import sys, urllib.request, requests
try:
    eval(sys.argv[1])
except BaseException:
    pass
"""


@pytest.mark.parametrize("package", VERSIONS)
def test_the_clients_are_the_published_ones(clients: ClientRunner, package: str) -> None:
    program = "import sys, importlib.metadata as m; print(m.version(sys.argv[1]))"
    assert clients.code(program, package).said.strip() == VERSIONS[package]


@pytest.mark.parametrize(
    "reach",
    [
        "requests.get('https://example.org', proxies={'https': ''})",
        "requests.get('http://example.org')",
        "urllib.request.urlopen('http://example.org/photo.jpg')",
        "urllib.request.urlopen('http://192.0.2.1/photo.jpg')",
    ],
)
def test_who_goes_elsewhere_is_ended_at_once(clients: ClientRunner, reach: str) -> None:
    finished = clients.code(SWALLOWING, reach)
    assert finished.exit_status == ASTRAY
    assert "astray" in finished.errors
    assert finished.exchanges == []


def test_nothing_runs_where_the_redirection_fails(clients: ClientRunner) -> None:
    (clients.folder / "requests.py").write_text("raise RuntimeError('no requests today')")
    path = f"{REDIRECTION}:{clients.folder}"
    finished = clients.code("print('it ran')", PYTHONPATH=path)
    assert finished.exit_status == NOT_SET_UP
    assert "no requests today" in finished.errors
    assert finished.output == ""
