"""Reads a model's ``config.pbtxt`` as far as an installation must agree with it."""

from dataclasses import dataclass
from pathlib import Path

from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

from mattebox.models.card import Card
from mattebox.models.errors import ConfigError
from segmenter.inference import known_answer

FILE_NAME = "config.pbtxt"


@dataclass(frozen=True, slots=True)
class Config:
    """What of a configuration the installed graph is held against."""

    path: Path
    known_answer: tuple[float, ...] | None


def read(card: Card, repository: Path) -> Config:
    """Reads the configuration of a card's model.

    Raises:
        ConfigError: it is missing or no model configuration, or not for the card's network under
            the one tensor contract.
    """
    path = repository / card.name / FILE_NAME
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror or error}. "
            "Name the folder in which the models' configurations lie with --repository."
        ) from error
    try:
        config = text_format.Parse(text, model_config_pb2.ModelConfig())
    except text_format.ParseError as error:
        raise ConfigError(f"{path} is no model configuration: {error}.") from error
    if config.max_batch_size < 1:
        raise ConfigError(f"{path} switches batches off. Set its max_batch_size to 1 or more.")
    _demand("name", config.name, card.name, path)
    _demand("input", _tensors(config.input), [_expected_input(card)], path)
    _demand("output", _tensors(config.output), [_expected_output(card)], path)
    return Config(path, _known_answer(config, path))


def _expected_input(card: Card) -> str:
    return f"image TYPE_UINT8 [{card.graph.height_px}, {card.graph.width_px}, 3]"


def _expected_output(card: Card) -> str:
    return f"alpha TYPE_FP32 [{card.graph.height_px}, {card.graph.width_px}]"


def _tensors(tensors: model_config_pb2.ModelConfig) -> list[str]:
    type_name = model_config_pb2.DataType.Name
    return [f"{each.name} {type_name(each.data_type)} {list(each.dims)}" for each in tensors]


def _demand(what: str, found: object, expected: object, path: Path) -> None:
    if found != expected:
        raise ConfigError(f"{path} has the {what} {found}, expected {expected}. Correct it.")


def _known_answer(config: model_config_pb2.ModelConfig, path: Path) -> tuple[float, ...] | None:
    if "known_answer" not in config.parameters:
        return None
    try:
        return known_answer.from_text(config.parameters["known_answer"].string_value)
    except ValueError as error:
        raise ConfigError(f"{path} has a parameter known_answer of no use: {error}.") from error
