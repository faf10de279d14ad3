"""The client for programs with an event loop of asyncio."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self, TypeVar, Unpack

import httpx

from mattebox.client import exchange
from mattebox.client.account import Account
from mattebox.client.cut_out import CutOut
from mattebox.client.endpoint import DEFAULT_URL
from mattebox.client.errors import ConnectionFailedError, MatteboxError, TimedOutError
from mattebox.client.exchange import Answer, Question
from mattebox.client.http_client import HttpClient
from mattebox.client.options import Options, OptionValues, chosen
from mattebox.client.proxies import with_proxies
from mattebox.client.reception import Reception
from mattebox.client.retries import DEFAULT_RETRIES, NO_RETRIES, Attempts, Retries
from mattebox.client.sources import ImageSource, read_image_on_a_thread

Read = TypeVar("Read")


class AsyncClient(HttpClient):
    """A client of a running service. Tasks may share one; close it, or use it with ``async with``.

    Args:
        url: where the service is, below which ``/v2`` stands.
        key: the API key. It goes to ``url`` and nowhere else, and is never shown.
        timeout_s: seconds that one attempt may last, from connecting to the last byte.
        retries: when a failed attempt is made again, and after how long.
        http: a client of httpx with other TLS, proxies or limits; it stays open. Without one, there
            is one that heeds the environment's proxies and certificates.
        sleep: what pauses between attempts.

    Raises:
        ValueError: ``url`` or ``key`` can be none, or a proxy of the environment cannot be used.
    """

    def __init__(  # noqa: PLR0913  the first two are enough
        self,
        url: str = DEFAULT_URL,
        key: str | None = None,
        *,
        timeout_s: float = 60.0,
        retries: Retries = DEFAULT_RETRIES,
        http: httpx.AsyncClient | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__(url, key, timeout_s=timeout_s, retries=retries)
        self._sleep = sleep
        self._is_ours = http is None
        self._http = http or with_proxies(httpx.AsyncClient)

    async def remove(
        self, image: ImageSource, options: Options | None = None, **values: Unpack[OptionValues]
    ) -> CutOut:
        """Cuts the subject out of ``image``: ``remove(Path("cup.jpg"), format="webp")``.

        ``values`` are options by name; they win over those in ``options``.

        Raises:
            ApiError: the service refused it, or failed; there is a subclass for each code.
            ConnectionFailedError: the service cannot be reached.
            TimedOutError: it did not answer in time.
            OSError: the image cannot be read.
        """
        question = exchange.removal(await read_image_on_a_thread(image), chosen(options, values))
        return await self._asked(question, exchange.cut_out_from_answer)

    async def remove_url(
        self, image_url: str, options: Options | None = None, **values: Unpack[OptionValues]
    ) -> CutOut:
        """Cuts the subject out of an image that the service fetches; else as `remove`."""
        question = exchange.removal_by_url(image_url, chosen(options, values))
        return await self._asked(question, exchange.cut_out_from_answer)

    async def account(self) -> Account:
        """Asks what the key is and what its account has used. Counts as a request.

        Raises:
            ApiError: the key is not good, or the service failed.
            ConnectionFailedError: the service cannot be reached.
            TimedOutError: it did not answer in time.
        """
        return await self._asked(exchange.ACCOUNT, exchange.account_from_answer)

    async def healthy(self) -> bool:
        """Whether there is a service and it can serve images now. Asks once, without the key.

        Not so where nobody answers in time, nor where a proxy says so with 502, 503 or 504.

        Raises:
            ApiError: something answered that is no Mattebox.
        """
        try:
            return await self._asked(exchange.HEALTH, exchange.health_from_answer, NO_RETRIES)
        except (ConnectionFailedError, TimedOutError):
            return False

    async def aclose(self) -> None:
        """Closes its connections."""
        if self._is_ours:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def _asked(
        self,
        question: Question,
        read: Callable[[Answer], Read],
        retries: Retries | None = None,
    ) -> Read:
        attempts = Attempts(retries or self._retries)
        while True:
            try:
                return read(await self._answer(question))
            except MatteboxError as error:
                pause_s = attempts.pause_s(error)
            await self._sleep(pause_s)

    async def _answer(self, question: Question) -> Answer:
        reception = Reception(self._endpoint, self._timeout_s)
        arguments = self._endpoint.request(question, self._timeout_s)
        with self._endpoint.failures():
            async with (
                asyncio.timeout(self._timeout_s),
                self._http.stream(**arguments) as response,
            ):
                async for piece in response.aiter_bytes():
                    reception.add(piece)
                return reception.finish(response.status_code, response.headers)
