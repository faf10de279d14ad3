"""All settings together, and what must hold between them."""

from collections.abc import Iterator
from typing import Self

from pydantic import model_validator
from pydantic_settings import SettingsConfigDict

from bounds import limit_for
from environment import Settings, lacking
from gateway.settings.accounts import DatabaseSettings, KeysSettings, LimiterSettings, UsageSettings
from gateway.settings.dialects import DialectsSettings
from gateway.settings.fields import HTTP, PREFIX, SEGMENTER
from gateway.settings.outward import FetchSettings, SegmenterSettings
from gateway.settings.process import LogSettings, MetricsSettings
from gateway.settings.public_port import (
    AdmissionSettings,
    CorsSettings,
    HttpSettings,
    PlaygroundSettings,
    UploadSettings,
)
from gateway.settings.sizes import COPIES_READ, PICTURES


class GatewaySettings(Settings):
    """All settings of the gateway."""

    model_config = SettingsConfigDict(env_prefix=PREFIX)

    http: HttpSettings = HttpSettings()
    """The public port."""

    cors: CorsSettings = CorsSettings()
    """Which pages of other origins browsers let call the public port."""

    playground: PlaygroundSettings = PlaygroundSettings()
    """The page on which people try the service."""

    metrics: MetricsSettings = MetricsSettings()
    """The port of metrics and probes."""

    dialects: DialectsSettings = DialectsSettings()
    """The APIs of other services that are spoken beside /v2."""

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
        needed_bytes = self._budget_for_body(PICTURES)
        if self.admission.budget_bytes < needed_bytes:
            problems.append(
                "MATTEBOX_GATEWAY_ADMISSION_BUDGET_BYTES is too small for the largest body, "
                f"for which it has to be {needed_bytes} bytes."
            )
        needed_bytes = self._budget_for_body(pictures=1)
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

    def _budget_for_body(self, pictures: int) -> int:
        # No caller gets all of a budget, even alone.
        return limit_for(COPIES_READ * self.upload.largest_body_bytes(pictures))

    def _tls_problems(self) -> Iterator[str]:
        pair = {"tls_cert": ["tls_key"], "tls_key": ["tls_cert"]}
        yield from lacking(HTTP, self.http, pair)
        needs = {
            "tls_cert": ["tls_key", "tls_ca"],
            "tls_key": ["tls_cert", "tls_ca"],
            "tls_name": ["tls_ca"],
        }
        yield from lacking(SEGMENTER, self.segmenter, needs)
