"""What is wrong with a proxy of the environment is said with the name of its variable."""

import traceback

import pytest

from mattebox.client import AsyncClient, Client

NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize("client", [Client, AsyncClient])
@pytest.mark.parametrize("name", ["ALL_PROXY", "https_proxy", "HTTP_PROXY"])
@pytest.mark.parametrize(
    ("proxy", "said"),
    [
        ("socks5://cup:secret@127.0.0.1:1080", "names a SOCKS proxy, for which httpx needs more"),
        ("socks5h://cup:secret@127.0.0.1:1080", "names a SOCKS proxy, for which httpx needs more"),
        ("quic://cup:secret@127.0.0.1:1080", "must name an http, https or socks5 proxy"),
        ("socks4://cup:secret@127.0.0.1:1080", "must name an http, https or socks5 proxy"),
        ("http://cup:secret@127.0.0.1:port", "is no URL of a proxy"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_told_by_its_variable(
    client: type[Client] | type[AsyncClient],
    name: str,
    proxy: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(name, proxy)

    with pytest.raises(ValueError, match=f"^{name} {said}") as raised:
        client()
    error = raised.value
    assert error.__cause__ is None
    assert error.__context__ is None
    assert "secret" not in "".join(traceback.format_exception(error))


@pytest.mark.parametrize("proxy", ["127.0.0.1:3128", "https://cup:secret@proxy.example"])
@pytest.mark.parametrize("client", [Client, AsyncClient])
def test_other_proxies_are_used(
    client: type[Client] | type[AsyncClient], proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)

    assert "127.0.0.1:8080" in repr(client())


@pytest.mark.parametrize("client", [Client, AsyncClient])
def test_a_proxy_that_is_passed_by_is_not_looked_at(
    client: type[Client] | type[AsyncClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "quic://127.0.0.1:1080")
    monkeypatch.setenv("NO_PROXY", "*")

    assert "127.0.0.1:8080" in repr(client())
