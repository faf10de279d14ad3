"""One client: sends a picture over HTTP and takes the answer, by the blocking standard library.

A thread each, so that no event loop of the client's can hold up what it measures.
"""

import http.client
import select
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from benchmarks.load.outcome import Outcome

_BOUNDARY = "mattebox-benchmark"
_CONTENT_TYPE = f"multipart/form-data; boundary={_BOUNDARY}"
_PIECE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Service:
    """Where pictures are sent, and how."""

    url: str
    """Scheme, host and port."""
    path: str
    file_field: str
    headers: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)

    def body(self, image: bytes) -> bytes:
        """Makes the multipart body of one request."""
        parts = [
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in self.fields.items()
        ]
        parts.append(
            f"--{_BOUNDARY}\r\nContent-Disposition: form-data;"
            f' name="{self.file_field}"; filename="picture"\r\n\r\n'
        )
        return "".join(parts).encode() + image + f"\r\n--{_BOUNDARY}--\r\n".encode()

    def raw_request(self, body: bytes) -> bytes:
        """Makes all bytes of a request, for clients that send it in ways of their own."""
        lines = [
            f"POST {self.path} HTTP/1.1",
            f"Host: {urlsplit(self.url).netloc}",
            *(f"{name}: {value}" for name, value in self.headers.items()),
            f"Content-Type: {_CONTENT_TYPE}",
            f"Content-Length: {len(body)}",
        ]
        return "\r\n".join([*lines, "", ""]).encode() + body


def mattebox_service(url: str, api_key: str) -> Service:
    """Describes a Mattebox."""
    return Service(url, "/v2", "image_file", headers={"x-api-key": api_key})


class Client:
    """A connection that is kept between requests and opened anew where it was closed."""

    def __init__(self, service: Service, timeout_s: float) -> None:
        self._service = service
        url = urlsplit(service.url)
        kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
        if url.scheme not in kinds:
            raise ValueError(f"{service.url} is no address of a service: http://host:port is one")
        self._connection = kinds[url.scheme](url.netloc, timeout=timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection, if there is one; the next request opens another."""
        self._connection.close()

    def drop_if_closed(self) -> None:
        """Closes a kept connection that the service has closed, as clients do before they send."""
        connected = self._connection.sock
        if connected is not None and select.select([connected], [], [], 0)[0]:
            self._connection.close()

    def send(
        self, body: bytes, scheduled_s: float | None = None, *, keep_body: bool = False
    ) -> Outcome:
        """Sends one request; whatever becomes of it is an outcome."""
        sent_s = time.monotonic()
        if scheduled_s is None:
            scheduled_s = sent_s
        try:
            return self._exchange(body, scheduled_s, sent_s, keep_body)
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            return Outcome(type(error).__name__, scheduled_s, sent_s, time.monotonic())

    def _exchange(self, body: bytes, scheduled_s: float, sent_s: float, keep_body: bool) -> Outcome:
        self._connection.request(
            "POST",
            self._service.path,
            body,
            {
                **self._service.headers,
                "Content-Type": _CONTENT_TYPE,
            },
        )
        uploaded_s = time.monotonic()
        response = self._connection.getresponse()
        headed_s = time.monotonic()
        pieces, length = [], 0
        while piece := response.read(_PIECE_BYTES):
            length += len(piece)
            if keep_body:
                pieces.append(piece)
        return Outcome(
            status=str(response.status),
            scheduled_s=scheduled_s,
            sent_s=sent_s,
            uploaded_s=uploaded_s,
            headed_s=headed_s,
            ended_s=time.monotonic(),
            bytes_in=length,
            headers=dict(response.headers.items()),
            body=b"".join(pieces),
        )
