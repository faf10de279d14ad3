"""Reads a model's ``config.pbtxt`` as far as an installation must agree with it."""

from dataclasses import dataclass
from pathlib import Path

from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

from mattebox.models import installed
from mattebox.models.errors import ConfigError, ProofError
from segmenter.inference import known_answer
from segmenter.inference.model_config import KNOWN_ANSWER_PARAMETER, SOURCE_SHA256_PARAMETER

FILE_NAME = installed.CONFIG


@dataclass(frozen=True, slots=True)
class Built:
    """What was built, as far as a configuration speaks of it."""

    name: str
    height_px: int
    width_px: int
    max_batch_size: int
    """The most that the graph was proved to compute rightly."""
    source_sha256: str


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration that stands in a repository."""

    path: Path
    message: model_config_pb2.ModelConfig
    known_answer: tuple[float, ...] | None

    @property
    def source_sha256(self) -> str:
        """The published file it was written for; empty where it does not say."""
        return self.parameter(SOURCE_SHA256_PARAMETER)

    def parameter(self, name: str) -> str:
        """A parameter's text; empty where there is none."""
        return _parameter(self.message, name)


def find(name: str, repository: Path) -> Config | None:
    """Reads the configuration of a model; None where there is none.

    Raises:
        ConfigError: it cannot be read, or is no model configuration.
    """
    path = repository / name / FILE_NAME
    try:
        text = path.read_text("utf-8")
        message = text_format.Parse(text, model_config_pb2.ModelConfig())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (text_format.ParseError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path} is no model configuration: {error}. Correct it, or delete it and install "
            "the model again, which writes it anew."
        ) from error
    return Config(path, message, _known_answer(message, path))


def demand(config: Config, built: Built) -> None:
    """Holds a configuration against what was built.

    Raises:
        ConfigError: it is for another network or file, or breaks the one tensor contract.
    """
    message = config.message
    size = f"{built.height_px}, {built.width_px}"
    _demand("name", message.name, built.name, config.path)
    _demand("input", _tensors(message.input), [f"image TYPE_UINT8 [{size}, 3]"], config.path)
    _demand("output", _tensors(message.output), [f"alpha TYPE_FP32 [{size}]"], config.path)
    if config.source_sha256:
        sha256 = built.source_sha256
        _demand(SOURCE_SHA256_PARAMETER, config.source_sha256, sha256, config.path)
    if not 1 <= message.max_batch_size <= built.max_batch_size:
        raise ConfigError(
            f"{config.path} has the max_batch_size {message.max_batch_size}, expected 1 to "
            f"{built.max_batch_size}, the most that this graph computes rightly. Correct it."
        )


def demand_known_answer(config: Config, found: tuple[float, ...]) -> float:
    """Compares the fingerprint of a matte with the configured one; gives the difference, in 0..1.

    Raises:
        ProofError: they lie further apart than `known_answer.TOLERANCE`, or none is configured.
    """
    actual = known_answer.to_text(found)
    if config.known_answer is None:
        raise ProofError(
            f"{config.path} has no parameter known_answer. For this graph it is: {actual}"
        )
    difference = known_answer.difference(found, config.known_answer)
    if not difference <= known_answer.TOLERANCE:
        raise ProofError(
            f"The matte of the known picture differs by {difference:.2g} from the one in "
            f"{config.path}, at most {known_answer.TOLERANCE} is right. If the card was meant to "
            "change the matte, delete that file and install again, which writes it anew. "
            f"For this graph it is: {actual}"
        )
    return difference


def _tensors(tensors: model_config_pb2.ModelConfig) -> list[str]:
    type_name = model_config_pb2.DataType.Name
    return [f"{each.name} {type_name(each.data_type)} {list(each.dims)}" for each in tensors]


def _demand(what: str, found: object, expected: object, path: Path) -> None:
    if found != expected:
        raise ConfigError(
            f"{path} has the {what} {found}, expected {expected}. Correct it, or delete it and "
            "install the model again, which writes it anew."
        )


def _parameter(config: model_config_pb2.ModelConfig, name: str) -> str:
    # Looking up a key of a protobuf map would add it.
    return str(config.parameters[name].string_value) if name in config.parameters else ""


def _known_answer(config: model_config_pb2.ModelConfig, path: Path) -> tuple[float, ...] | None:
    text = _parameter(config, KNOWN_ANSWER_PARAMETER)
    if not text:
        return None
    try:
        return known_answer.from_text(text)
    except ValueError as error:
        raise ConfigError(f"{path} has a parameter known_answer of no use: {error}.") from error
