"""What both clients over HTTP are, whatever they wait with."""

from typing import Self

from mattebox.client.endpoint import DEFAULT_URL, Endpoint, from_environment
from mattebox.client.retries import DEFAULT_RETRIES, Retries


class HttpClient:
    """Where the service is, and how patiently it is asked."""

    def __init__(
        self,
        url: str = DEFAULT_URL,
        key: str | None = None,
        *,
        timeout_s: float = 60.0,
        retries: Retries = DEFAULT_RETRIES,
    ) -> None:
        self._endpoint = Endpoint(url, key)
        self._timeout_s = timeout_s
        self._retries = retries

    @classmethod
    def from_environment(
        cls, *, timeout_s: float = 60.0, retries: Retries = DEFAULT_RETRIES
    ) -> Self:
        """Makes the client that ``MATTEBOX_URL`` and ``MATTEBOX_KEY`` name.

        Without them it is that of a ``mattebox up`` on this machine, and has no key.
        """
        url, key = from_environment()
        return cls(url, key, timeout_s=timeout_s, retries=retries)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._endpoint.url!r})"
