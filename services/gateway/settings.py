"""The gateway's settings, from variables named ``MATTEBOX_GATEWAY_<SECTION>_<FIELD>``."""

from typing import Annotated, Self

from pydantic import Field, FilePath, PositiveFloat, PositiveInt, model_validator
from pydantic_settings import SettingsConfigDict

from environment import Section, Settings
from telemetry.logs import LogFormat, LogLevel

MIB = 2**20
CONTRACT_IMAGE_BYTES = 30 * MIB
COPIES_HELD = 2
"""Copies in memory of each upload and each answer, as measured: the gateway's and gRPC's.

gRPC's copy of an upload stays until the answer; that of an answer is freed when it has come, but
the allocator keeps the memory.
"""

Port = Annotated[int, Field(ge=0, le=65535)]


class HttpSettings(Section):
    """The public port."""

    host: str = "127.0.0.1"
    """Address to listen on. 0.0.0.0 opens the gateway to the network."""

    port: Port = 8080
    """Port to listen on. 0 takes a free one, which the log tells."""

    keepalive_timeout_s: PositiveFloat = 15.0
    """Seconds a connection may take to send the whole head of its next request, idling included."""

    stall_timeout_s: PositiveFloat = 30.0
    """Seconds a client may take to read 256 KiB of its answer before it is disconnected."""

    drain_delay_s: Annotated[float, Field(ge=0)] = 0.0
    """Seconds between the stop signal, which makes readiness fail, and the closed port."""

    shutdown_timeout_s: PositiveFloat = 35.0
    """Seconds that running requests get to finish once the port is closed."""


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
    """Seconds from the end of an upload to its cut-out, after which the answer is 504."""


class KeysSettings(Section):
    """The API keys."""

    file: FilePath
    """JSON file with the hashes of the keys; the pepper lies beside it with the ending .pepper."""

    query: bool = True
    """Whether keys in the query string (?api_key=) are accepted beside those in headers."""


class UploadSettings(Section):
    """What a request body may be."""

    image_bytes: Annotated[int, Field(gt=0, le=CONTRACT_IMAGE_BYTES)] = CONTRACT_IMAGE_BYTES
    """Largest encoded image in bytes; larger ones get 413."""

    slack_bytes: PositiveInt = 256 * 1024
    """Bytes a body may have beyond its image, for other fields and the form's own lines."""

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
        """Largest body in bytes."""
        return self.image_bytes + self.slack_bytes


class AdmissionSettings(Section):
    """How much is taken on at once."""

    budget_bytes: PositiveInt = 1024 * MIB
    """Bytes held at once, two copies for each upload or answer; uploads beyond it get 503."""


class LogSettings(Section):
    """The log, on standard error."""

    level: LogLevel = "info"
    """Least important events that are written."""

    format: LogFormat = "json"
    """json for machines, console for people."""


class GatewaySettings(Settings):
    """All settings of the gateway."""

    model_config = SettingsConfigDict(env_prefix="MATTEBOX_GATEWAY_")

    http: HttpSettings = HttpSettings()
    """The public port."""

    metrics: MetricsSettings = MetricsSettings()
    """The port of metrics and probes."""

    segmenter: SegmenterSettings = SegmenterSettings()
    """The way to the segmenters."""

    keys: KeysSettings
    """The API keys."""

    upload: UploadSettings = UploadSettings()
    """What a request body may be."""

    admission: AdmissionSettings = AdmissionSettings()
    """How much is taken on at once."""

    log: LogSettings = LogSettings()
    """The log."""

    @model_validator(mode="after")
    def _check_across_sections(self) -> Self:
        problems = []
        needed_bytes = COPIES_HELD * self.upload.body_bytes
        if self.admission.budget_bytes < needed_bytes:
            problems.append(
                "MATTEBOX_GATEWAY_ADMISSION_BUDGET_BYTES is less than the largest body takes "
                f"({needed_bytes} bytes), so that it could never be admitted."
            )
        http, metrics = self.http, self.metrics
        if http.port != 0 and (http.host, http.port) == (metrics.host, metrics.port):
            problems.append(
                "MATTEBOX_GATEWAY_HTTP_PORT and MATTEBOX_GATEWAY_METRICS_PORT are the same."
            )
        if problems:
            raise ValueError(" ".join(problems))
        return self
