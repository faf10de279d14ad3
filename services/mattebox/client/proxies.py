"""Says which variable of the environment names a proxy that cannot be used, never how."""

import os
from collections.abc import Callable
from typing import TypeVar
from urllib.request import getproxies

import httpx

Made = TypeVar("Made")

NO_PROXY: dict[str, None] = {
    "all://127.0.0.1": None,
    "all://[::1]": None,
    "all://localhost": None,
}
"""How httpx is told that no proxy of the environment stands before a service on this machine."""

_SCHEMES = ("http", "https", "all")
_SOCKS = ("socks5", "socks5h")


def with_proxies(make: Callable[..., Made]) -> Made:
    """Makes a client of httpx, which heeds the environment's proxies.

    Raises:
        ValueError: one of them cannot be used.
    """
    try:
        return make(mounts=NO_PROXY)
    except (ImportError, ValueError, httpx.InvalidURL):
        problem = _problem()
        if problem is None:
            raise
    # Not from within: the error of httpx repeats the proxy's URL, and that may hold a password.
    raise ValueError(problem)


def _problem() -> str | None:
    proxies = getproxies()
    for scheme in _SCHEMES:
        if (url := proxies.get(scheme)) and (problem := _problem_with(url)):
            name = f"{scheme}_proxy"
            return f"{name if name in os.environ else name.upper()} {problem}"
    return None


def _problem_with(url: str) -> str | None:
    try:
        scheme = httpx.URL(url if "://" in url else f"http://{url}").scheme
    except httpx.InvalidURL:
        return "is no URL of a proxy"
    if scheme in _SOCKS:
        return "names a SOCKS proxy, for which httpx needs more: pip install 'httpx[socks]'"
    if scheme not in {"http", "https"}:
        return "must name an http, https or socks5 proxy"
    return None
