"""Checks an installed model down to its graph. Changes nothing."""

from pathlib import Path

import numpy as np
import onnx
from google.protobuf.message import DecodeError

from mattebox.models import config, installed
from mattebox.models.card import Card
from mattebox.models.config import Built
from mattebox.models.errors import ConfigError, DamagedError, ProofError
from mattebox.models.installed import Provenance, State
from mattebox.models.prove import fingerprint_of
from segmenter.inference import known_answer
from segmenter.inference.runtimes import MNN_FORM, mnn_is_installed


def verify(card: Card, repository: Path, *, run: bool = False) -> None:
    """Checks configuration, bytes, provenance and tensors of a model, and on demand its answer.

    Raises:
        ConfigError: its configuration is missing or not for this network.
        DamagedError: it is missing, or not what was installed.
        ProofError: with `run`, it does not give the configured known answer.
    """
    condition = installed.condition(card, repository)
    provenance = condition.provenance
    if condition.state is not State.INSTALLED or provenance is None:
        raise DamagedError(condition.problem)
    serving = config.find(card.name, repository)
    if serving is None:
        path = repository / card.name / config.FILE_NAME
        raise ConfigError(f"{path} is not there. {installed.remedy(card)}")
    size = (provenance.height_px, provenance.width_px)
    sha256 = provenance.origin.sha256
    config.demand(serving, Built(card.name, *size, provenance.max_batch_size, sha256))
    graph = installed.version_folder(card.name, repository) / installed.GRAPH
    built = graph.read_bytes()
    _demand_contract(built, graph, provenance)
    if run:
        config.demand_known_answer(serving, fingerprint_of(built, *size))
        if provenance.mnn_sha256 and mnn_is_installed():
            config.demand_known_answer(
                serving, _fingerprint_of_form(graph.with_name(MNN_FORM), size)
            )


def _fingerprint_of_form(form: Path, size_px: tuple[int, int]) -> tuple[float, ...]:
    from segmenter.inference.mnn_network import MnnNetwork  # noqa: PLC0415 - may be missing

    try:
        network = MnnNetwork(form, threads=1)
        alpha_f32 = network.run(known_answer.picture(*size_px)[np.newaxis])
    except RuntimeError as error:
        raise ProofError(f"MNN cannot run {form}: {error}") from error
    network.close()
    return known_answer.fingerprint(alpha_f32[0])


def _demand_contract(built: bytes, path: Path, provenance: Provenance) -> None:
    try:
        graph = onnx.load_model_from_string(built).graph
    except DecodeError as error:
        raise DamagedError(
            f"{path} is no ONNX graph: {error}. Install it again with --force."
        ) from error
    height_px, width_px = provenance.height_px, provenance.width_px
    found = [_described(each) for each in [*graph.input, *graph.output]]
    expected = [
        f"image UINT8 ['N', {height_px}, {width_px}, 3]",
        f"alpha FLOAT ['N', {height_px}, {width_px}]",
    ]
    if found != expected:
        raise DamagedError(
            f"{path} has the tensors {found}, expected {expected}. Install it again with --force."
        )


def _described(value: onnx.ValueInfoProto) -> str:
    tensor = value.type.tensor_type
    shape = [each.dim_param or each.dim_value for each in tensor.shape.dim]
    return f"{value.name} {onnx.TensorProto.DataType.Name(tensor.elem_type)} {shape}"
