"""Downloads images by URL, within what a key, a host and a download may take."""

import asyncio
import ssl
from collections.abc import Callable
from functools import partial

from aiohttp.abc import AbstractResolver
from yarl import URL

from gateway.errors import URL_CHARACTERS, ApiError, InvalidImageUrlError
from gateway.fetch.allow_list import AllowList
from gateway.fetch.body import BodyLimits, read_body
from gateway.fetch.connector import Network
from gateway.fetch.exchange import Exchange, ReadBody
from gateway.fetch.outcomes import Outcome, fetch_failed
from gateway.fetch.resolver import SystemResolver
from gateway.fetch.slots import HostSlots, KeySlots
from gateway.fetch.url import parse_image_url
from gateway.settings import FetchSettings
from telemetry.tracing import Name, step

MAX_REDIRECTS = 3

_OUTCOMES = {outcome.value: outcome for outcome in Outcome}

OnSize = Callable[[int], None]
OnOutcome = Callable[[str], None]


class ImageFetcher:
    """Downloads images from public hosts, and from those that the operator names.

    Belongs to one event loop.
    """

    def __init__(
        self,
        settings: FetchSettings,
        image_bytes: int,
        on_outcome: OnOutcome,
        *,
        resolver: AbstractResolver | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        """Takes images of at most ``image_bytes``; ``on_outcome`` hears an ``Outcome`` of each.

        Names are looked up with ``resolver``, else with that of the system; certificates are
        checked with ``ssl_context``, else against the authorities of the system.

        Raises:
            AllowListError: if the settings allow something that is neither a CIDR nor a host.
        """
        self._settings = settings
        self._on_outcome = on_outcome
        self._limits = BodyLimits(image_bytes, settings.read_timeout_s)
        allow_list = AllowList.parse(settings.allow)
        self._network = Network(resolver or SystemResolver(), allow_list, ssl_context)
        self._exchange = Exchange(self._network, settings)
        self._keys = KeySlots(settings.per_key)
        self._hosts = HostSlots(settings.per_host)

    async def close(self) -> None:
        """Closes the resolver, the handed in one too."""
        await self._network.resolver.close()

    async def fetch(
        self,
        url: str,
        key_id: str,
        on_size: OnSize,
        image_bytes: int | None = None,
        max_characters: int = URL_CHARACTERS,
    ) -> bytes:
        """Downloads an image for a key, of at most ``image_bytes`` if that is less than otherwise.

        The URL has at most ``max_characters``.

        Before its body is read, ``on_size`` is told the most bytes it can have; what it raises
        ends the download.

        Raises:
            InvalidImageUrlError: if images are not fetched from such URLs, or from none.
            FetchFailedError: if there is no image to be had, for whatever reason.
            ImageTooLargeError: if it has too many bytes.
            RateLimitedError: if the key has too many downloads under way.
        """
        limits = self._limits.within(image_bytes)
        outcome = Outcome.FAILED
        with step("fetch") as span:
            try:
                where = self._parse(url, max_characters)
                image = await self._fetch(where, key_id, partial(read_body, limits, on_size))
                outcome = Outcome.OK
            except ApiError as error:
                # All errors of this package name their outcome; any other is that of `on_size`.
                outcome = _OUTCOMES.get(error.detail or "", Outcome.NOT_ADMITTED)
                raise
            except asyncio.CancelledError:
                outcome = Outcome.CANCELLED
                raise
            else:
                return image
            finally:
                span.tell({Name.OUTCOME: outcome.value})
                self._on_outcome(outcome.value)

    async def _fetch(self, url: URL, key_id: str, read: ReadBody) -> bytes:
        with self._keys.take(key_id):
            try:
                async with asyncio.timeout(self._settings.total_timeout_s):
                    return await self._follow(url, read)
            except TimeoutError:
                raise fetch_failed(Outcome.TIMEOUT) from None

    def _parse(self, text: str, max_characters: int) -> URL:
        if not self._settings.enabled:
            off = InvalidImageUrlError(
                "image_url is switched off on this server. Send the image itself."
            )
            off.detail = Outcome.SWITCHED_OFF.value
            raise off
        try:
            return parse_image_url(text, self._settings.ports, max_characters)
        except InvalidImageUrlError as error:
            error.detail = Outcome.URL_REFUSED.value
            raise

    async def _follow(self, url: URL, read: ReadBody) -> bytes:
        for _ in range(MAX_REDIRECTS + 1):
            async with self._hosts.take(url.raw_host or ""):
                answer = await self._exchange.ask(url, read)
            if isinstance(answer, bytes):
                return answer
            url = answer
        raise fetch_failed(Outcome.TOO_MANY_REDIRECTS)
