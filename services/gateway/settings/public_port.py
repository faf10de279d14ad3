"""What the public port takes, from whom, and how much of it at once."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, PositiveFloat, PositiveInt, field_validator
from pydantic_settings import NoDecode

from certificates import TlsFiles
from environment import Section
from gateway.origins import ANY_ORIGIN, is_origin
from gateway.settings.fields import HTTP, Port, items
from gateway.settings.sizes import CONTRACT_IMAGE_BYTES, CONTRACT_TEXT_BYTES, MIB


class HttpSettings(Section):
    """The public port."""

    host: str = "127.0.0.1"
    """Address to listen on. 0.0.0.0 opens the gateway to the network."""

    port: Port = 8080
    """Port to listen on. 0 takes a free one, which the log tells."""

    max_connections: PositiveInt = 4096
    """Most connections at a time. One more closes the one that has waited longest for a request;
    where none waits, it gets 503."""

    max_connections_per_address: PositiveInt | None = None
    """Most connections at a time from one address, or network of 64 bits of IPv6; more get 503.
    For gateways that clients reach directly: behind a proxy all addresses are the proxy's."""

    head_timeout_s: PositiveFloat = 10.0
    """Seconds from the connection, or from the first byte after an answer, to a whole head; as many
    it may take for the handshake of TLS before."""

    keepalive_timeout_s: PositiveFloat = 15.0
    """Seconds from an answer to the first byte of the next request."""

    stall_timeout_s: PositiveFloat = 30.0
    """Seconds a client may take to read 256 KiB of its answer before it is disconnected."""

    drain_delay_s: Annotated[float, Field(ge=0)] = 0.0
    """Seconds between the stop signal, which makes readiness fail, and the closed port. Answers
    meanwhile close their connections; one that idles for longer may miss its next request."""

    shutdown_timeout_s: PositiveFloat = 35.0
    """Seconds that running requests get to finish once the port is closed."""

    tls_cert: Path | None = None
    """File with the certificate it shows, in PEM, followed by those that vouch for it; with it
    nothing but HTTPS is answered. A replaced file is taken up by itself."""

    tls_key: Path | None = None
    """File with the key of that certificate, in PEM and without a password."""

    @property
    def tls(self) -> TlsFiles | None:
        """The files of TLS, if it is spoken."""
        if self.tls_cert is None:
            return None
        return TlsFiles(f"{HTTP}TLS", self.tls_cert, self.tls_key)


class CorsSettings(Section):
    """Which pages of other origins browsers let call the public port."""

    origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Origins of pages whose scripts may call, as https://shop.example, by commas; * for all.
    Browsers alone go by it: a caller without a key is served nothing, whatever stands here."""

    @field_validator("origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return items(value)

    @field_validator("origins")
    @classmethod
    def _check(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        if len(origins) > 1 and ANY_ORIGIN in origins:
            raise ValueError("* stands alone, since it means all origins.")
        for number, origin in enumerate(origins, start=1):
            if origin != ANY_ORIGIN and not is_origin(origin):
                raise ValueError(
                    f"item {number} is no origin as browsers send it: http or https, "
                    "://, a host in lower case, and a port unless it is the scheme's own."
                )
        return origins


class PlaygroundSettings(Section):
    """The page on which people try the service."""

    enabled: bool = True
    """Whether browsers get the playground at / and /playground; without it they get the health as
    JSON, and 404. It holds nothing secret: whoever uses it needs a key."""


class UploadSettings(Section):
    """What a request body may be."""

    image_bytes: Annotated[int, Field(gt=0, le=CONTRACT_IMAGE_BYTES)] = CONTRACT_IMAGE_BYTES
    """Largest encoded image in bytes; larger ones get 413."""

    slack_bytes: PositiveInt = 256 * 1024
    """Bytes a body may have beyond its image, for other fields and the form's own lines."""

    text_bytes: Annotated[int, Field(gt=0, le=CONTRACT_TEXT_BYTES)] = CONTRACT_TEXT_BYTES
    """Largest body in bytes that holds its image as base64 text."""

    field_bytes: PositiveInt = 64 * 1024
    """Largest value of any other form field in bytes."""

    parts: PositiveInt = 64
    """Most parts of a form."""

    read_timeout_s: PositiveFloat = 10.0
    """Seconds without a byte of the body after which the answer is 408."""

    body_timeout_s: PositiveFloat = 30.0
    """Seconds for the whole body, after which the answer is 408."""

    @property
    def body_bytes(self) -> int:
        """Largest body of any kind in bytes that holds one picture."""
        return self.largest_body_bytes(pictures=1)

    def largest_body_bytes(self, pictures: int) -> int:
        """Largest body of any kind in bytes that holds so many pictures."""
        return pictures * max(self.image_bytes, self.text_bytes) + self.slack_bytes


class AdmissionSettings(Section):
    """How much is taken on at once."""

    budget_bytes: PositiveInt = 1024 * MIB
    """Bytes held at once, of uploads with their copies and of what passes of answers, three
    quarters of them of one key at most; uploads beyond it get 503."""

    strangers_bytes: PositiveInt = 256 * MIB
    """Bytes of it for JSON bodies that are read before their caller is known."""
