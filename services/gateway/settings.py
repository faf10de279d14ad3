"""The gateway's settings, from variables named ``MATTEBOX_GATEWAY_<SECTION>_<FIELD>``."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, PositiveFloat, PositiveInt, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from certificates import TlsFiles
from environment import Section, Settings, lacking
from gateway.origins import ANY_ORIGIN, is_origin
from telemetry.logs import LogFormat, LogLevel

MIB = 2**20
CONTRACT_IMAGE_BYTES = 30 * MIB
CONTRACT_TEXT_BYTES = 45 * MIB
COPIES_HELD = 2
"""Most copies in memory of an upload until it has been sent on.

1.1 as measured, and for a moment 2 where the allocator cannot let a buffer grow in its place.
"""

PASSING_BYTES = 2 * MIB
"""Most memory for an answer on its way through, 1.8 MB as measured: chunks in several buffers."""

COPIES_READ = 3
"""Most copies in memory of a body that is being read, of any kind: its text is cut out."""

Port = Annotated[int, Field(ge=0, le=65535)]
NamedPort = Annotated[int, Field(ge=1, le=65535)]


_PREFIX = "MATTEBOX_GATEWAY_"
_HTTP = f"{_PREFIX}HTTP_"
_SEGMENTER = f"{_PREFIX}SEGMENTER_"


def _items(value: object) -> object:
    """Splits a text by its commas; all else is left as it is."""
    if isinstance(value, str):
        return tuple(item.strip() for item in value.split(",") if item.strip())
    return value


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
        return TlsFiles(f"{_HTTP}TLS", self.tls_cert, self.tls_key)


class CorsSettings(Section):
    """Which pages of other origins browsers let call the public port."""

    origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Origins of pages whose scripts may call, as https://shop.example, by commas; * for all.
    Browsers alone go by it: a caller without a key is served nothing, whatever stands here."""

    @field_validator("origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return _items(value)

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


class MetricsSettings(Section):
    """The port of metrics and probes."""

    host: str = "127.0.0.1"
    """Address to serve metrics and probes on."""

    port: Port = 9090
    """Port to serve metrics and probes on. 0 takes a free one, which the log tells."""


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
        return TlsFiles(f"{_SEGMENTER}TLS", self.tls_cert, self.tls_key, self.tls_ca)


class DatabaseSettings(Section):
    """Where accounts, keys and usage are kept."""

    url: SecretStr = SecretStr("sqlite:///.mattebox/mattebox.db")
    """sqlite:///PATH for one machine, postgresql://USER:PASSWORD@HOST/NAME for several gateways."""

    migrate: bool = True
    """Whether the schema is brought up to date at start; else an old schema is an error."""

    timeout_s: PositiveFloat = 2.0
    """Seconds that a look-up may take before it counts as failed."""


class KeysSettings(Section):
    """The API keys."""

    pepper: SecretStr | None = None
    """Secret of the keys' hashes, 64 hexadecimal digits; comes before the pepper file."""

    pepper_file: Path | None = None
    """File with the pepper. Beside an SQLite database, DATABASE.pepper is used, or made."""

    query: bool = True
    """Whether keys in the query string (?api_key=) are accepted beside those in headers."""

    json_field: bool = True
    """Whether keys in the member api_key of a JSON body are accepted beside those in headers."""

    cache_s: Annotated[float, Field(gt=0, le=4)] = 2.0
    """Seconds for which a key is taken as it was last read; revocations are that late at most."""

    stale_s: Annotated[float, Field(ge=0)] = 300.0
    """Seconds for which keys that were read before are taken while the database is away."""


class UsageSettings(Section):
    """The counting of delivered images."""

    flush_s: Annotated[float, Field(gt=0, le=10)] = 2.0
    """Seconds between writes to the database; a crash loses what was counted since the last."""


class LimiterSettings(Section):
    """The rate limits of keys."""

    url: SecretStr = SecretStr("memory://")
    """memory:// counts in each gateway; redis://HOST:PORT or valkey://HOST:PORT counts in all."""

    timeout_s: PositiveFloat = 0.25
    """Seconds after which a shared counter that does not answer counts as down."""

    retry_s: PositiveFloat = 5.0
    """Seconds for which a shared counter that is down is not asked again."""

    gateways: PositiveInt = 1
    """Gateways among which the limits are divided while the shared counter is down."""


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
        return _items(value)


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

    parts: PositiveInt = 32
    """Most parts of a form."""

    read_timeout_s: PositiveFloat = 10.0
    """Seconds without a byte of the body after which the answer is 408."""

    body_timeout_s: PositiveFloat = 30.0
    """Seconds for the whole body, after which the answer is 408."""

    @property
    def body_bytes(self) -> int:
        """Largest body of any kind in bytes."""
        return max(self.image_bytes, self.text_bytes) + self.slack_bytes


class AdmissionSettings(Section):
    """How much is taken on at once."""

    budget_bytes: PositiveInt = 1024 * MIB
    """Bytes held at once, of uploads with their copies and of what passes of answers, three
    quarters of them of one key at most; uploads beyond it get 503."""

    strangers_bytes: PositiveInt = 256 * MIB
    """Bytes of it for JSON bodies that are read before their caller is known."""


class LogSettings(Section):
    """The log, on standard error."""

    level: LogLevel = "info"
    """Least important events that are written."""

    format: LogFormat = "json"
    """json for machines, console for people."""


class GatewaySettings(Settings):
    """All settings of the gateway."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX)

    http: HttpSettings = HttpSettings()
    """The public port."""

    cors: CorsSettings = CorsSettings()
    """Which pages of other origins browsers let call the public port."""

    metrics: MetricsSettings = MetricsSettings()
    """The port of metrics and probes."""

    segmenter: SegmenterSettings = SegmenterSettings()
    """The way to the segmenters."""

    database: DatabaseSettings = DatabaseSettings()
    """Where accounts, keys and usage are kept."""

    keys: KeysSettings = KeysSettings()
    """The API keys."""

    usage: UsageSettings = UsageSettings()
    """The counting of delivered images."""

    limiter: LimiterSettings = LimiterSettings()
    """The rate limits of keys."""

    fetch: FetchSettings = FetchSettings()
    """The download of images that requests name by URL."""

    upload: UploadSettings = UploadSettings()
    """What a request body may be."""

    admission: AdmissionSettings = AdmissionSettings()
    """How much is taken on at once."""

    log: LogSettings = LogSettings()
    """The log."""

    @model_validator(mode="after")
    def _check_across_sections(self) -> Self:
        problems = []
        # No caller gets more than three quarters of a budget, even alone.
        needed_bytes = math.ceil(COPIES_READ * self.upload.body_bytes * 4 / 3)
        if self.admission.budget_bytes < needed_bytes:
            problems.append(
                "MATTEBOX_GATEWAY_ADMISSION_BUDGET_BYTES is too small for the largest body, "
                f"for which it has to be {needed_bytes} bytes."
            )
        if self.keys.json_field and self.admission.strangers_bytes < needed_bytes:
            problems.append(
                "MATTEBOX_GATEWAY_ADMISSION_STRANGERS_BYTES is too small for the largest body, "
                f"for which it has to be {needed_bytes} bytes."
            )
        http, metrics = self.http, self.metrics
        if http.port != 0 and (http.host, http.port) == (metrics.host, metrics.port):
            problems.append(
                "MATTEBOX_GATEWAY_HTTP_PORT and MATTEBOX_GATEWAY_METRICS_PORT are the same."
            )
        problems += self._tls_problems()
        if problems:
            raise ValueError(" ".join(problems))
        return self

    def _tls_problems(self) -> Iterator[str]:
        pair = {"tls_cert": ["tls_key"], "tls_key": ["tls_cert"]}
        yield from lacking(_HTTP, self.http, pair)
        needs = {
            "tls_cert": ["tls_key", "tls_ca"],
            "tls_key": ["tls_cert", "tls_ca"],
            "tls_name": ["tls_ca"],
        }
        yield from lacking(_SEGMENTER, self.segmenter, needs)
