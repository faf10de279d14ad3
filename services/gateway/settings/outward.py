"""What the gateway calls: segmenters, and the hosts of images that requests name."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, PositiveFloat, PositiveInt, field_validator
from pydantic_settings import NoDecode

from certificates import TlsFiles
from environment import Section
from gateway.settings.fields import SEGMENTER, NamedPort, items


class SegmenterSettings(Section):
    """The way to the segmenters."""

    target: str = "127.0.0.1:50051"
    """gRPC target. dns:///name:port spreads the calls over all addresses of the name."""

    timeout_s: PositiveFloat = 30.0
    """Seconds from the end of an upload to its cut-out, after which the answer is 504. An answer
    of which nothing more comes for as long is broken off."""

    accept_timeout_s: PositiveFloat = 3.0
    """Seconds a segmenter may take to ask for an image it was told of, before one is told again,
    which may be another."""

    tls_ca: Path | None = None
    """File with the authorities, in PEM, one of which must vouch for the segmenters' certificates;
    with it they are spoken to over TLS. A replaced file is taken up by itself."""

    tls_cert: Path | None = None
    """File with the certificate that is shown to segmenters, in PEM, where they demand one."""

    tls_key: Path | None = None
    """File with the key of that certificate, in PEM and without a password."""

    tls_name: str | None = None
    """Name in the segmenters' certificates, where it is not that of the target."""

    @property
    def tls(self) -> TlsFiles | None:
        """The files of TLS, if it is spoken."""
        if self.tls_ca is None:
            return None
        return TlsFiles(f"{SEGMENTER}TLS", self.tls_cert, self.tls_key, self.tls_ca)


class FetchSettings(Section):
    """The download of images that requests name by URL."""

    enabled: bool = True
    """Whether image_url is accepted at all."""

    ports: Annotated[tuple[NamedPort, ...], NoDecode, Field(min_length=1)] = (80, 443)
    """Ports that a URL may name, by commas."""

    allow: Annotated[tuple[str, ...], NoDecode] = ()
    """CIDRs and host names, by commas, that may be reached though not public. Opens no port."""

    connect_timeout_s: PositiveFloat = 3.0
    """Seconds to resolve a name and connect."""

    read_timeout_s: PositiveFloat = 5.0
    """Seconds without a byte after which a download has failed."""

    total_timeout_s: PositiveFloat = 10.0
    """Seconds for a whole download, redirects included."""

    per_key: PositiveInt = 8
    """Downloads at a time for one key, name look-ups that still run included; more get 429."""

    per_host: PositiveInt = 16
    """Downloads at a time from one host; more wait their turn within their time."""

    @field_validator("ports", "allow", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return items(value)
