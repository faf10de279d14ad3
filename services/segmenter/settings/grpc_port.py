"""Where calls come in."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from certificates import TlsFiles
from environment import Section
from segmenter.settings.fields import GRPC, Port, Positive, Seconds


class GrpcSettings(Section):
    """The gRPC server."""

    host: str = "127.0.0.1"
    """Address it listens on. Calls are trusted: keep it on a private network."""

    port: Port = 50051
    """Port it listens on; 0 takes any free one."""

    max_message_bytes: Positive = 256 * 2**20
    """Largest message in either direction; the largest legal answer fits the default."""

    reflection: bool = True
    """Whether clients may ask which services and messages there are."""

    max_connection_age_s: Seconds = 120.0
    """After this long a connection is asked to be made anew, so that new replicas get traffic."""

    default_deadline_s: Seconds = 30.0
    """Deadline of calls that bring none, and of each item of a stream."""

    max_unanswered_items: Positive = 8
    """How many items of one stream are worked on before no further one is read."""

    drain_delay_s: Annotated[float, Field(ge=0)] = 0.0
    """On SIGTERM, how long calls are still taken after health says "not serving"."""

    drain_grace_s: Seconds = 30.0
    """On SIGTERM, how long calls in flight may take to finish."""

    tls_cert: Path | None = None
    """File with the certificate it shows, in PEM, followed by those that vouch for it; with it
    nothing but TLS is answered. A replaced file is taken up by itself."""

    tls_key: Path | None = None
    """File with the key of that certificate, in PEM and without a password."""

    tls_client_ca: Path | None = None
    """File with the authorities, in PEM, one of which must vouch for a certificate that each
    caller shows. Without it, callers need none."""

    @property
    def tls(self) -> TlsFiles | None:
        """The files of TLS, if it is spoken."""
        if self.tls_cert is None:
            return None
        return TlsFiles(f"{GRPC}TLS", self.tls_cert, self.tls_key, self.tls_client_ca)
