"""All settings together, and what must hold between them."""

from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import SettingsConfigDict

from environment import Settings, lacking
from segmenter.inference.runtimes import CpuRuntime
from segmenter.settings.engine import BatchSettings, EngineSettings
from segmenter.settings.fields import ENGINE, GRPC, PREFIX
from segmenter.settings.grpc_port import GrpcSettings
from segmenter.settings.pictures import (
    AdmissionSettings,
    CpuSettings,
    GuardSettings,
    ImageSettings,
)
from segmenter.settings.process import LogSettings, MemorySettings, MetricsSettings
from segmenter.sight import Quality


class SegmenterSettings(Settings):
    """All settings of the segmenter. Each component is handed its section only."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, populate_by_name=True)

    quality: Quality = Field(default=Quality.FAST, validation_alias="MATTEBOX_QUALITY")
    """How good mattes get, by runs of the network a picture: 1, 2 (the mirrored picture too) or
    up to 4 (both once more of the subject alone)."""

    cpu_runtime: CpuRuntime = Field(
        default=CpuRuntime.AUTO, validation_alias="MATTEBOX_CPU_RUNTIME"
    )
    """What computes networks on a CPU: `auto` takes `mnn` for networks that were installed for it,
    and `onnxruntime` for the others and on more than 12 cores. The Triton of `mattebox up` goes by
    it, too; NVIDIA's own does not."""

    grpc: GrpcSettings = GrpcSettings()
    metrics: MetricsSettings = MetricsSettings()
    engine: EngineSettings = EngineSettings()
    batch: BatchSettings = BatchSettings()
    admission: AdmissionSettings = AdmissionSettings()
    image: ImageSettings = ImageSettings()
    memory: MemorySettings = MemorySettings()
    cpu: CpuSettings = CpuSettings()
    guard: GuardSettings = GuardSettings()
    log: LogSettings = LogSettings()

    @model_validator(mode="after")
    def _check_across_fields(self) -> Self:
        grpc_needs = {
            "tls_cert": ["tls_key"],
            "tls_key": ["tls_cert"],
            "tls_client_ca": ["tls_cert"],
        }
        engine_needs = {
            "triton_tls_cert": ["triton_tls_key", "triton_tls_ca"],
            "triton_tls_key": ["triton_tls_cert", "triton_tls_ca"],
            "triton_tls_name": ["triton_tls_ca"],
        }
        problems = [
            *lacking(GRPC, self.grpc, grpc_needs),
            *lacking(ENGINE, self.engine, engine_needs),
        ]
        if 2 * self.image.max_bytes > self.admission.max_held_bytes:
            problems.append(
                "MATTEBOX_SEGMENTER_ADMISSION_MAX_HELD_BYTES is less than the largest image and a "
                f"background as large have ({self.image.max_bytes} bytes each), so that they could "
                "never be admitted."
            )
        if problems:
            raise ValueError(" ".join(problems))
        return self
