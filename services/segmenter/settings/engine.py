"""What runs the networks, and how pictures are joined for it."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from bounds.cores import available_cores
from certificates import TlsFiles
from environment import Section
from segmenter.settings.fields import ENGINE, Positive


class EngineKind(StrEnum):
    """What runs the networks."""

    TRITON = "triton"
    ONNXRUNTIME = "onnxruntime"


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
        setting = f"{ENGINE}TRITON_TLS"
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
    """Batches that run at a time: 2 keep a GPU busy while answers travel. `mattebox up`, which
    sends pictures one by one, sets one more than it has cores."""

    max_size: Positive = 64
    """Pictures in a batch, and never more than the model's `max_batch_size`. `mattebox up` sets 1,
    since a CPU is done soonest with pictures that come one by one."""
