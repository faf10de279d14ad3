"""One question to one host: the one place from which a caller can make the gateway connect."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import (
    ClientConnectorDNSError,
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientSSLError,
    ClientTimeout,
    DummyCookieJar,
    hdrs,
)
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from gateway.errors import FetchFailedError, InvalidImageUrlError
from gateway.fetch.connector import GuardedConnector, Network
from gateway.fetch.outcomes import Outcome, fetch_failed
from gateway.fetch.url import resolve_redirect
from gateway.settings import FetchSettings

_REDIRECTS = frozenset(
    {
        HTTPStatus.MOVED_PERMANENTLY,
        HTTPStatus.FOUND,
        HTTPStatus.SEE_OTHER,
        HTTPStatus.TEMPORARY_REDIRECT,
        HTTPStatus.PERMANENT_REDIRECT,
    }
)
_HEADERS = {hdrs.USER_AGENT: "mattebox", hdrs.ACCEPT_ENCODING: "identity"}

ReadBody = Callable[[ClientResponse], Awaitable[bytes]]


class Exchange:
    """Asks hosts on ``network``, each on a connection of its own, and follows no redirect."""

    def __init__(self, network: Network, settings: FetchSettings) -> None:
        self._network = network
        self._ports = settings.ports
        self._timeout = ClientTimeout(
            total=None,
            connect=settings.connect_timeout_s,
            sock_connect=settings.connect_timeout_s,
            sock_read=settings.read_timeout_s,
        )

    async def ask(self, url: URL, read: ReadBody) -> bytes | URL:
        """Returns the image that ``read`` makes of the body, or where it is said to be instead.

        Raises:
            FetchFailedError: neither is told, for whatever reason.
            ApiError: that of ``read``.
        """
        connector = GuardedConnector(url.raw_host or "", self._network)
        try:
            async with (
                self._session(connector) as session,
                session.get(url, allow_redirects=False) as response,
            ):
                location = response.headers.get(hdrs.LOCATION)
                if location is not None and response.status in _REDIRECTS:
                    return self._redirect(url, location)
                _check_status(response, connector)
                return await read(response)
        except (ClientError, HttpProcessingError, OSError, ValueError) as error:
            # No cause is kept: its text holds the URL or the address.
            raise fetch_failed(_outcome_of(error, connector)) from None

    def _session(self, connector: GuardedConnector) -> ClientSession:
        # Proxies out of the environment would resolve the names themselves.
        return ClientSession(
            connector=connector,
            cookie_jar=DummyCookieJar(),
            headers=_HEADERS,
            timeout=self._timeout,
            auto_decompress=False,
            trust_env=False,
        )

    def _redirect(self, base: URL, location: str) -> URL:
        try:
            url = resolve_redirect(base, location, self._ports)
        except InvalidImageUrlError:
            raise fetch_failed(Outcome.REDIRECT_REFUSED) from None
        if (base.scheme, url.scheme) == ("https", "http"):
            raise fetch_failed(Outcome.REDIRECT_REFUSED)
        return url


def _check_status(response: ClientResponse, connector: GuardedConnector) -> None:
    if response.status == HTTPStatus.OK:
        return
    error = FetchFailedError()
    if connector.public:
        # Of other hosts, callers learn nothing.
        error = FetchFailedError.with_status(response.status)
    error.detail = Outcome.STATUS.value
    raise error


def _outcome_of(error: Exception, connector: GuardedConnector) -> Outcome:
    if connector.refused:
        return Outcome.ADDRESS_REFUSED
    match error:
        case TimeoutError():
            return Outcome.TIMEOUT
        case ClientConnectorDNSError():
            return Outcome.UNRESOLVED
        case ClientSSLError():
            return Outcome.TLS_FAILED
        case ClientConnectorError():
            return Outcome.UNREACHABLE
        case _:
            return Outcome.BROKEN_ANSWER
