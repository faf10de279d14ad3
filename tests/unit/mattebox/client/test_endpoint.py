import subprocess
import sys

import pytest

from mattebox.client import AsyncClient, Client
from mattebox.client.endpoint import Endpoint
from mattebox.client.exchange import ACCOUNT, HEALTH


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "example.org:8080",
        "ftp://example.org",
        "http://",
        "http://host:port",
        "file:///v2",
    ],
)
def test_a_url_that_is_none_says_what_one_is(url: str) -> None:
    with pytest.raises(ValueError, match=r"url (must be an http or https URL|is no URL)"):
        Endpoint(url, None)


def test_a_password_in_the_url_is_refused_and_not_repeated() -> None:
    with pytest.raises(ValueError, match="name or a password") as raised:
        Endpoint("https://cup:secret@example.org", None)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("key", ["secret\n", " secret", "sec\0ret", "sécret", "secret\r\nX-A: b"])
def test_a_key_that_is_none_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(ValueError, match="characters that no key has") as raised:
        Endpoint("https://example.org", key)
    assert "cret" not in str(raised.value)


def test_a_query_is_no_part_of_where_the_service_is() -> None:
    assert Endpoint("https://example.org/cut/?api_key=1#top", None).url == "https://example.org/cut"


def test_what_is_shown_of_a_client_is_where_it_leads() -> None:
    with Client("https://example.org/", "secret") as client:
        assert repr(client) == "Client('https://example.org')"
    assert repr(AsyncClient("https://example.org/", "secret")) == (
        "AsyncClient('https://example.org')"
    )


def test_the_key_goes_with_what_needs_it() -> None:
    endpoint = Endpoint("https://example.org", "secret")

    assert endpoint.request(ACCOUNT, 1)["headers"]["Authorization"] == "Bearer secret"
    assert "Authorization" not in endpoint.request(HEALTH, 1)["headers"]


def test_nothing_that_is_made_of_a_key_shows_it() -> None:
    endpoint = Endpoint("https://example.org", "secret")
    client = Client("https://example.org", "secret")

    # What reports errors may show all variables, down to some depth.
    shown = [endpoint, vars(endpoint), endpoint.request(ACCOUNT, 1), client, vars(client)]
    assert "secret" not in repr(shown)
    assert "[secure]" in repr(shown)


def test_a_connection_has_no_longer_than_all_of_it() -> None:
    endpoint = Endpoint("https://example.org", None)

    for timeout_s, connect_s in ((60.0, 10.0), (3.0, 3.0)):
        timeout = endpoint.request(ACCOUNT, timeout_s)["timeout"]
        assert (timeout.connect, timeout.read, timeout.write) == (connect_s, timeout_s, timeout_s)


@pytest.mark.parametrize("client", [Client, AsyncClient])
def test_the_environment_may_name_service_and_key(
    client: type[Client] | type[AsyncClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATTEBOX_URL", "https://example.org")
    monkeypatch.setenv("MATTEBOX_KEY", "bad key\n")
    assert "127.0.0.1" in repr(client())
    with pytest.raises(ValueError, match="characters that no key has"):
        client.from_environment()

    monkeypatch.setenv("MATTEBOX_KEY", "secret")
    assert "'https://example.org'" in repr(client.from_environment())
    monkeypatch.setenv("MATTEBOX_URL", "")
    assert "'http://127.0.0.1:8080'" in repr(client.from_environment())


def test_clients_over_http_load_little() -> None:
    heavy = {"grpc", "google.protobuf", "PIL", "numpy", "aiohttp", "pydantic"}
    program = f"import mattebox.client, sys; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
