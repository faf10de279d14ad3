"""The gateway's settings, from variables named ``MATTEBOX_GATEWAY_<SECTION>_<FIELD>``."""

from gateway.settings.accounts import DatabaseSettings, KeysSettings, LimiterSettings, UsageSettings
from gateway.settings.dialects import DialectName, DialectsSettings
from gateway.settings.gateway import GatewaySettings
from gateway.settings.outward import FetchSettings, SegmenterSettings
from gateway.settings.process import LogSettings, MetricsSettings
from gateway.settings.public_port import (
    AdmissionSettings,
    CorsSettings,
    HttpSettings,
    PlaygroundSettings,
    UploadSettings,
)
from gateway.settings.sizes import (
    CONTRACT_IMAGE_BYTES,
    CONTRACT_TEXT_BYTES,
    COPIES_HELD,
    COPIES_READ,
    MEGAPIXEL,
    MIB,
    PASSING_BYTES,
    PICTURES,
)

__all__ = [
    "CONTRACT_IMAGE_BYTES",
    "CONTRACT_TEXT_BYTES",
    "COPIES_HELD",
    "COPIES_READ",
    "MEGAPIXEL",
    "MIB",
    "PASSING_BYTES",
    "PICTURES",
    "AdmissionSettings",
    "CorsSettings",
    "DatabaseSettings",
    "DialectName",
    "DialectsSettings",
    "FetchSettings",
    "GatewaySettings",
    "HttpSettings",
    "KeysSettings",
    "LimiterSettings",
    "LogSettings",
    "MetricsSettings",
    "PlaygroundSettings",
    "SegmenterSettings",
    "UploadSettings",
    "UsageSettings",
]
