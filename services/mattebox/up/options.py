"""What the operator asks `mattebox up` for."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Self


class EngineChoice(StrEnum):
    """What runs the network."""

    AUTO = "auto"
    TRITON = "triton"
    ONNXRUNTIME = "onnxruntime"


DEFAULT_STATE_DIR = Path(".mattebox")

_OPTIONAL_PATHS = ("ready_file", "tls_cert", "tls_key")


@dataclass(frozen=True, slots=True)
class UpOptions:
    """The options of the command line; `command.py` says what each is for."""

    host: str
    port: int
    grpc_port: int
    metrics_port: int
    state_dir: Path
    engine: EngineChoice
    models: tuple[str, ...]
    """The default first."""
    model_repository: Path
    ready_file: Path | None
    threads: int | None
    log_level: str | None
    tls_cert: Path | None = None
    tls_key: Path | None = None

    def to_json(self) -> str:
        """Writes the options as one argument of a command."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Reads what `to_json` wrote."""
        values = json.loads(text)
        return cls(
            **values
            | {
                "state_dir": Path(values["state_dir"]),
                "engine": EngineChoice(values["engine"]),
                "models": tuple(values["models"]),
                "model_repository": Path(values["model_repository"]),
                **{name: values[name] and Path(values[name]) for name in _OPTIONAL_PATHS},
            }
        )
