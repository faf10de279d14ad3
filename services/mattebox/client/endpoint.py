"""Where the service is and the key to it: makes requests of httpx, and reads its failures."""

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

import httpx

from mattebox.client.errors import (
    ConnectionFailedError,
    MatteboxError,
    TimedOutError,
    UntrustedError,
)
from mattebox.client.exchange import Question

DEFAULT_URL = "http://127.0.0.1:8080"
URL_VARIABLE = "MATTEBOX_URL"
KEY_VARIABLE = "MATTEBOX_KEY"

MAX_ANSWER_BYTES = 256 * 2**20
"""The contract's largest answer."""

_LONGEST_CONNECT_S = 10.0


class Endpoint:
    """A service, by its URL, and the key that goes nowhere else and is never shown.

    Raises:
        ValueError: the URL is none of HTTP, or brings a password, or no key looks like ``key``.
    """

    def __init__(self, url: str, key: str | None) -> None:
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise ValueError(f"url is no URL: {error}") from error
        if parsed.scheme not in {"http", "https"} or not parsed.host:
            raise ValueError("url must be an http or https URL, such as " + DEFAULT_URL)
        if parsed.userinfo:
            raise ValueError("url must not hold a name or a password; the key has its own place")
        if key is not None and not (key.isascii() and key.isprintable() and key.strip() == key):
            # The key is not repeated: messages of exceptions get about.
            raise ValueError("key has characters that no key has, such as white space at its end")
        self.url = str(parsed.copy_with(query=None, fragment=None)).rstrip("/")
        self._headers = {"User-Agent": f"mattebox/{version('mattebox')}"}
        # Headers of httpx do not show one of this name, unlike x-api-key.
        self._key = httpx.Headers({} if not key else {"Authorization": f"Bearer {key}"})

    def request(self, question: Question, timeout_s: float) -> dict[str, Any]:
        """The arguments for ``stream`` of httpx's clients."""
        files = None
        if question.image is not None:
            files = {"image_file": ("image", question.image, "application/octet-stream")}
        key = self._key if question.needs_key else httpx.Headers()
        return {
            "method": question.method,
            "url": self.url + question.path,
            "headers": httpx.Headers([*self._headers.items(), *key.items()]),
            "data": question.fields,
            "files": files,
            "timeout": httpx.Timeout(timeout_s, connect=min(timeout_s, _LONGEST_CONNECT_S)),
            # A key does not go where an answer points.
            "follow_redirects": False,
        }

    @contextmanager
    def failures(self) -> Iterator[None]:
        """Raises what httpx fails with in this block as an error of Mattebox.

        Raises:
            ConnectionFailedError: there is no connection, or it broke.
            UntrustedError: what is there shows a certificate that is not trusted.
            TimedOutError: it took too long.
        """
        try:
            yield
        except MatteboxError:
            raise
        except httpx.ConnectTimeout as error:
            raise ConnectionFailedError(f"{self.url} cannot be reached in time") from error
        except (httpx.TimeoutException, TimeoutError) as error:
            raise self.timed_out() from error
        except httpx.ConnectError as error:
            if _is_untrusted(error):
                message = f"{self.url} shows a certificate that is not trusted: {error}"
                raise UntrustedError(message) from error
            raise ConnectionFailedError(f"{self.url} cannot be reached: {error}") from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            message = f"the connection to {self.url} broke: {error}"
            raise ConnectionFailedError(message) from error

    def timed_out(self) -> TimedOutError:
        """The error of an attempt that has lasted too long."""
        return TimedOutError(f"{self.url} did not answer in time")


def from_environment() -> tuple[str, str | None]:
    """Reads the URL and the key, if there is one."""
    return os.environ.get(URL_VARIABLE) or DEFAULT_URL, os.environ.get(KEY_VARIABLE) or None


def _is_untrusted(error: BaseException | None) -> bool:
    """Whether a certificate is behind ``error``, which httpx has wrapped in its own."""
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error is not None
