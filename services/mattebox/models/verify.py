"""Checks an installed model down to its graph. Changes nothing."""

from pathlib import Path

import onnx
from google.protobuf.message import DecodeError

from mattebox.models import config, installed
from mattebox.models.card import Card
from mattebox.models.errors import DamagedError
from mattebox.models.installed import State
from mattebox.models.prove import prove_known_answer


def verify(card: Card, repository: Path, *, run: bool = False) -> None:
    """Checks configuration, bytes, provenance and tensors of a model, and on demand its answer.

    Raises:
        ConfigError: its configuration is missing or not for this network.
        DamagedError: it is missing, or not what was installed.
        ProofError: with `run`, it does not give the configured known answer.
    """
    serving = config.read(card, repository)
    condition = installed.condition(card, repository)
    if condition.state is not State.INSTALLED:
        raise DamagedError(condition.problem)
    graph = installed.version_folder(card, repository) / installed.GRAPH
    built = graph.read_bytes()
    _demand_contract(built, graph, card)
    if run:
        prove_known_answer(built, card, serving)


def _demand_contract(built: bytes, path: Path, card: Card) -> None:
    try:
        graph = onnx.load_model_from_string(built).graph
    except DecodeError as error:
        raise DamagedError(f"{path} is no ONNX graph: {error}.") from error
    height_px, width_px = card.graph.height_px, card.graph.width_px
    found = [_described(each) for each in [*graph.input, *graph.output]]
    expected = [
        f"image UINT8 ['N', {height_px}, {width_px}, 3]",
        f"alpha FLOAT ['N', {height_px}, {width_px}]",
    ]
    if found != expected:
        raise DamagedError(
            f"{path} has the tensors {found}, expected {expected}. "
            f"Run 'mattebox models install {card.name} --force'."
        )


def _described(value: onnx.ValueInfoProto) -> str:
    tensor = value.type.tensor_type
    shape = [each.dim_param or each.dim_value for each in tensor.shape.dim]
    return f"{value.name} {onnx.TensorProto.DataType.Name(tensor.elem_type)} {shape}"
