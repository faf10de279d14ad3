"""The settings of the segmenter, read once at start from `MATTEBOX_SEGMENTER_*`.

The name of a variable is the prefix, a section and a field: `MATTEBOX_SEGMENTER_GRPC_PORT`. One
that a user of the whole service would set has a name without the prefix.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from bounds.cores import available_cores
from certificates import TlsFiles
from environment import Section, Settings, lacking
from segmenter.inference.runtimes import CpuRuntime
from segmenter.sight import Quality
from telemetry.logs import LogFormat, LogLevel

Port = Annotated[int, Field(ge=0, le=65_535)]
Positive = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0)]

_PREFIX = "MATTEBOX_SEGMENTER_"
_GRPC = f"{_PREFIX}GRPC_"
_ENGINE = f"{_PREFIX}ENGINE_"


class EngineKind(StrEnum):
    """What runs the networks."""

    TRITON = "triton"
    ONNXRUNTIME = "onnxruntime"


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
        return TlsFiles(f"{_GRPC}TLS", self.tls_cert, self.tls_key, self.tls_client_ca)


class MetricsSettings(Section):
    """Metrics and probes over HTTP."""

    host: str = "127.0.0.1"
    """Address it listens on."""

    port: Port = 9091
    """Port of /metrics, /live and /ready."""


class EngineSettings(Section):
    """What runs the networks."""

    kind: EngineKind = EngineKind.TRITON
    """`triton` for an NVIDIA Triton server, `onnxruntime` for this process; what computes there,
    MATTEBOX_CPU_RUNTIME tells."""

    triton_target: str = "127.0.0.1:8001"
    """gRPC address of Triton; `dns:///name:8001` balances over the name's addresses."""

    triton_tls_ca: Path | None = None
    """File with the authorities, in PEM, one of which must vouch for Triton's certificate; with it
    Triton is spoken to over TLS."""

    triton_tls_cert: Path | None = None
    """File with the certificate that is shown to Triton, in PEM, where it demands one."""

    triton_tls_key: Path | None = None
    """File with the key of that certificate, in PEM and without a password."""

    triton_tls_name: str | None = None
    """Name in Triton's certificate, where it is not that of the target."""

    model_repository: Path = Path("model_repository")
    """Where this process finds the networks, where it runs them itself."""

    models: Annotated[tuple[str, ...], NoDecode, Field(min_length=1)] = ("u2netp",)
    """Names of the networks to serve, by commas; the first is the default."""

    threads: Positive = Field(default_factory=available_cores)
    """Cores on which this process runs networks, where it runs them itself."""

    @property
    def triton_tls(self) -> TlsFiles | None:
        """The files of TLS towards Triton, if it is spoken."""
        if self.triton_tls_ca is None:
            return None
        setting = f"{_ENGINE}TRITON_TLS"
        return TlsFiles(setting, self.triton_tls_cert, self.triton_tls_key, self.triton_tls_ca)

    @field_validator("models", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(name.strip() for name in value.split(",") if name.strip())
        return value


class BatchSettings(Section):
    """How pictures are joined to batches."""

    max_running: Positive = 1
    """Batches that run at a time: 1 for a CPU; 2 keeps a GPU busy while answers travel."""


class AdmissionSettings(Section):
    """How much is worked on at a time, and how much may wait."""

    budget_mp: Positive = Field(default_factory=lambda: 12 * (available_cores() + 1))
    """Megapixels of pictures in work at a time; it bounds memory, at some 10 MB a megapixel."""

    max_waiting: Positive = 256
    """How many pictures may wait to start. More are refused at once: those of the caller that has
    most in the queue."""

    max_waiting_mp: Positive = Field(default_factory=lambda: 480 * (available_cores() + 1))
    """How many megapixels of pictures may wait to start; more are refused at once."""

    max_held_bytes: Positive = 512 * 2**20
    """How many encoded bytes all calls may hold together, of images and of answers in chunks that
    are being read, a single caller up to three quarters of them; more are refused at once. At least
    two of the largest images, since one may bring a background."""

    max_wait_s: Seconds = 15.0
    """A picture that is expected to take longer, its wait included, is refused at once. A caller
    that is refused is granted a quarter of it meanwhile, so that the queue is short again soon
    after a load that was too much."""


class ImageSettings(Section):
    """What pictures are accepted, and how large answers get."""

    max_bytes: Positive = 30 * 2**20
    """Most bytes of an encoded image."""

    max_pixels: Positive = 100_000_000
    """Most pixels of an image; checked before any is decoded."""

    max_output_pixels: Positive = 50_000_000
    """Most pixels of an answer; larger pictures are scaled down."""


class MemorySettings(Section):
    """What is given back to the system after a burst."""

    keep_mb: Positive = 512
    """Above so many megabytes of resident memory, what is free is given back as soon as work
    pauses; below, after ten seconds without any."""


class CpuSettings(Section):
    """The threads that decode, compose and encode."""

    threads: Positive = Field(default_factory=available_cores)
    """How many pixel steps run at a time."""


class GuardSettings(Section):
    """The child processes that decode formats in which decoder faults are likelier."""

    workers: Positive = 1
    """How many such processes decode, beside one that reads headers; they start when needed."""

    timeout_s: Seconds = 10.0
    """A decode that takes longer is stopped with its process."""

    max_tasks: Positive = 200
    """After so many pictures a process is replaced by a fresh one."""


class LogSettings(Section):
    """The log, on standard error."""

    level: LogLevel = "info"
    """Lines below this level are left out."""

    format: LogFormat = "auto"
    """`json` for machines, `console` for people, with colours on a terminal unless NO_COLOR is set;
    `auto` is `console` on a terminal and `json` elsewhere."""


class SegmenterSettings(Settings):
    """All settings of the segmenter. Each component is handed its section only."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, populate_by_name=True)

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
            *lacking(_GRPC, self.grpc, grpc_needs),
            *lacking(_ENGINE, self.engine, engine_needs),
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
