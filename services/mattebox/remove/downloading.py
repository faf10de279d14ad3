"""Downloads pictures, bounded in size and time, and again where that may help."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count

import httpx

from mattebox.client.retry_after import read_retry_after
from mattebox.remove.errors import PictureError
from mattebox.remove.pace import random_share_s

ATTEMPTS = 3
LONGEST_ASKED_S = 60.0
"""Where a server asks for a longer pause, the picture fails."""

_CONNECT_S = 10.0
_MOST_REDIRECTS = 5
_TOO_MANY = 429
_NEVER_IMPLEMENTED = 501


@dataclass(frozen=True, slots=True)
class _Passing:
    """A failure that may pass."""

    error: PictureError
    asked_s: float = 0.0
    """The pause that the server asks for."""


class Downloader:
    """Downloads over connections that it shares, through the proxies that the environment names."""

    def __init__(
        self,
        *,
        most_bytes: int,
        longest_s: float,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`longest_s` is the most for one attempt."""
        self._most_bytes = most_bytes
        self._longest_s = longest_s
        self._sleep = sleep
        self._http: httpx.AsyncClient | None = None

    async def aclose(self) -> None:
        """Closes the connections."""
        if self._http is not None:
            await self._http.aclose()

    async def download(self, url: str) -> bytes:
        """Returns what is at a URL, but no more than a byte more than the most.

        Raises:
            PictureError: there is nothing, or it does not come in time.
        """
        for attempt in count(1):
            got = await self._try(url)
            if not isinstance(got, _Passing):
                return got
            if attempt >= ATTEMPTS or got.asked_s > LONGEST_ASKED_S:
                raise got.error
            await self._sleep(got.asked_s + random_share_s(attempt))
        raise AssertionError  # there is no end of attempts

    async def _try(self, url: str) -> bytes | _Passing:
        http = self._client()
        try:
            async with asyncio.timeout(self._longest_s), http.stream("GET", url) as response:
                if not response.is_success:
                    return _refused(response)
                return await self._body(response)
        except (httpx.InvalidURL, UnicodeError) as error:
            raise PictureError(
                "download_failed", f"It is no URL: {error}.", "Look for a slip in it."
            ) from error
        except TimeoutError as error:
            raise _failed(f"It took more than {self._longest_s:g} s.") from error
        except (httpx.NetworkError, httpx.RemoteProtocolError, httpx.TimeoutException) as error:
            return _Passing(_failed(f"{str(error) or type(error).__name__}."))
        except httpx.HTTPError as error:
            raise _failed(f"{str(error).rstrip('.') or type(error).__name__}.") from error

    async def _body(self, response: httpx.Response) -> bytes:
        data = bytearray()
        async for piece in response.aiter_bytes():
            data += piece
            if len(data) > self._most_bytes:
                break
        return bytes(data)

    def _client(self) -> httpx.AsyncClient:
        """Made when it is needed: that reads the certificates of all authorities."""
        if self._http is None:
            self._http = httpx.AsyncClient(
                timeout=httpx.Timeout(self._longest_s, connect=_CONNECT_S),
                follow_redirects=True,
                max_redirects=_MOST_REDIRECTS,
            )
        return self._http


def _refused(response: httpx.Response) -> _Passing:
    """The failure of an answer that is none.

    Raises:
        PictureError: it will be no other.
    """
    status = response.status_code
    error = _failed(f"Its server answered {status}.")
    if status != _TOO_MANY and (status < 500 or status == _NEVER_IMPLEMENTED):
        raise error
    return _Passing(error, read_retry_after(response.headers) or 0.0)


def _failed(problem: str) -> PictureError:
    return PictureError(
        "download_failed",
        f"It cannot be downloaded: {problem}",
        "Try the URL in a browser; --resume tries again what has failed.",
    )
