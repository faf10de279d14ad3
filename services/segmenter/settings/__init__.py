"""The settings of the segmenter, read once at start from `MATTEBOX_SEGMENTER_*`.

The name of a variable is the prefix, a section and a field: `MATTEBOX_SEGMENTER_GRPC_PORT`. One
that a user of the whole service would set has a name without the prefix.
"""

from segmenter.settings.engine import BatchSettings, EngineKind, EngineSettings
from segmenter.settings.grpc_port import GrpcSettings
from segmenter.settings.pictures import (
    AdmissionSettings,
    CpuSettings,
    GuardSettings,
    ImageSettings,
)
from segmenter.settings.process import LogSettings, MemorySettings, MetricsSettings
from segmenter.settings.segmenter import SegmenterSettings

__all__ = [
    "AdmissionSettings",
    "BatchSettings",
    "CpuSettings",
    "EngineKind",
    "EngineSettings",
    "GrpcSettings",
    "GuardSettings",
    "ImageSettings",
    "LogSettings",
    "MemorySettings",
    "MetricsSettings",
    "SegmenterSettings",
]
