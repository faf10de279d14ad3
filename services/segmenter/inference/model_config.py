"""Reads a network's configuration, Triton's `ModelConfig`, which both engines share."""

from pathlib import Path

from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

from segmenter.errors import EngineFailedError, EngineUnavailableError
from segmenter.inference import known_answer
from segmenter.inference.engine import CommercialUse, ModelSpec, ModelTerms

INPUT_NAME = "image"
OUTPUT_NAME = "alpha"
ALONE_PARAMETER = "alone"
"""Of a request, true or false; see `Engine.infer`. Engines that do not know it take no offence."""
KNOWN_ANSWER_PARAMETER = "known_answer"
TITLE_PARAMETER = "title"
LICENCE_PARAMETER = "licence"
LICENCE_SOURCE_PARAMETER = "licence_source"
COMMERCIAL_USE_PARAMETER = "commercial_use"
COMMERCIAL_USE_NOTE_PARAMETER = "commercial_use_note"
SOURCE_PARAMETER = "source"
SOURCE_SHA256_PARAMETER = "source_sha256"

_USES = frozenset(CommercialUse)


def read_config(repository: Path, model: str) -> model_config_pb2.ModelConfig:
    """Reads `config.pbtxt` of a network in a model repository.

    As for Triton, its name is that of the folder, whether it says so or not.

    Raises:
        EngineUnavailableError: there is none.
        EngineFailedError: it is damaged, or for another network.
    """
    path = repository / model / "config.pbtxt"
    try:
        config = text_format.Parse(path.read_text("utf-8"), model_config_pb2.ModelConfig())
    except OSError as error:
        raise EngineUnavailableError(f"The model {model} is not in the repository.") from error
    except (text_format.ParseError, UnicodeDecodeError) as error:
        raise EngineFailedError(f"The configuration of the model {model} is damaged.") from error
    if config.name not in ("", model):
        raise EngineFailedError(
            f"The configuration of the model {model} is for another one, {config.name}."
        )
    config.name = model
    return config


def spec_from_config(config: model_config_pb2.ModelConfig) -> ModelSpec:
    """Takes from a configuration what the segmenter needs to know.

    Raises:
        EngineFailedError: the network does not keep to the one tensor contract.
    """
    inputs = {tensor.name: tensor for tensor in config.input}
    outputs = {tensor.name: tensor for tensor in config.output}
    image, alpha = inputs.get(INPUT_NAME), outputs.get(OUTPUT_NAME)
    if (
        image is None
        or alpha is None
        or image.data_type != model_config_pb2.TYPE_UINT8
        or alpha.data_type != model_config_pb2.TYPE_FP32
        or len(image.dims) != 3
        or min(image.dims) < 1
        or list(alpha.dims) != list(image.dims[:2])
        or image.dims[2] != 3
        or config.max_batch_size < 1
    ):
        raise EngineFailedError(
            f"The model {config.name} does not take `image` UINT8 [N, H, W, 3]"
            " and give `alpha` FP32 [N, H, W]."
        )
    return ModelSpec(
        name=config.name,
        input_height_px=image.dims[0],
        input_width_px=image.dims[1],
        max_batch_size=config.max_batch_size,
        known_answer=_known_answer(config),
        terms=_terms(config),
    )


def _known_answer(config: model_config_pb2.ModelConfig) -> tuple[float, ...] | None:
    if KNOWN_ANSWER_PARAMETER not in config.parameters:
        return None
    text = config.parameters[KNOWN_ANSWER_PARAMETER].string_value
    try:
        return known_answer.from_text(text)
    except ValueError as error:
        raise EngineFailedError(
            f"The known answer of the model {config.name} is damaged."
        ) from error


def _terms(config: model_config_pb2.ModelConfig) -> ModelTerms:
    """Reads what callers are told; an operator's own configuration may say anything or nothing."""
    texts = {name: value.string_value for name, value in config.parameters.items()}
    commercial_use = texts.get(COMMERCIAL_USE_PARAMETER)
    return ModelTerms(
        title=texts.get(TITLE_PARAMETER, ""),
        licence=texts.get(LICENCE_PARAMETER, ""),
        licence_source=texts.get(LICENCE_SOURCE_PARAMETER, ""),
        commercial_use=CommercialUse(commercial_use) if commercial_use in _USES else None,
        commercial_use_note=texts.get(COMMERCIAL_USE_NOTE_PARAMETER, ""),
        source=texts.get(SOURCE_PARAMETER, ""),
        source_sha256=texts.get(SOURCE_SHA256_PARAMETER, ""),
    )
