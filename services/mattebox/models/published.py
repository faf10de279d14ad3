"""Looks into a published graph: which tensors it has, of which type and size. Runs nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

import onnx
from google.protobuf.message import DecodeError

from mattebox.models import graph_edit
from mattebox.models.card import Card
from mattebox.models.errors import WrapError

LARGEST_SIDE_PX = 4096
SMALLEST_SIDE_PX = 16

_OLDEST_OPSET = 8
"""The first in which all that the wrapping adds means what it means today."""
_FLOATS = (onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16)


@dataclass(frozen=True, slots=True)
class Published:
    """What of a published graph is used."""

    input: str
    input_type: int
    """FLOAT or FLOAT16 of `onnx.TensorProto`."""
    output: str
    output_type: int
    height_px: int
    width_px: int

    @property
    def is_half(self) -> bool:
        """Whether one of its ends has half precision."""
        return onnx.TensorProto.FLOAT16 in (self.input_type, self.output_type)


def parsed(data: bytes) -> onnx.ModelProto:
    """Reads a published file.

    Raises:
        WrapError: it is no ONNX graph, or not a whole one.
    """
    try:
        model = onnx.load_model_from_string(data)
    except DecodeError as error:
        raise WrapError(
            f"The published file is no ONNX graph: {error}. Networks in other formats have to be "
            "exported to ONNX first."
        ) from error
    if graph_edit.keeps_weights_elsewhere(model.graph):
        raise WrapError(
            "The published graph keeps its weights in other files beside it. Put all into one, in "
            "Python: onnx.save(onnx.load('model.onnx'), 'whole.onnx')."
        )
    return model


def inspect(model: onnx.ModelProto, card: Card) -> Published:
    """Finds in a graph what its card leaves open, and checks what the card says.

    Raises:
        WrapError: the graph is not what the card says, or no network from one picture to one map.
    """
    _demand_opset(model)
    stored = {each.name for each in model.graph.initializer}
    taken = _input([each for each in model.graph.input if each.name not in stored], card)
    given = _output(model.graph.output, card)
    height_px, width_px = _size(taken, card)
    return Published(
        input=taken.name,
        input_type=_float_type(taken, "reads"),
        output=given.name,
        output_type=_float_type(given, "gives"),
        height_px=height_px,
        width_px=width_px,
    )


def _demand_opset(model: onnx.ModelProto) -> None:
    opsets = {each.domain or "ai.onnx": each.version for each in model.opset_import}
    found = opsets.get("ai.onnx", 0)
    if found < _OLDEST_OPSET:
        raise WrapError(
            f"The published graph has the opset {found}, at least {_OLDEST_OPSET} is needed. "
            "Export it again, or convert it with onnx.version_converter."
        )


def _input(inputs: Sequence[onnx.ValueInfoProto], card: Card) -> onnx.ValueInfoProto:
    names = [each.name for each in inputs]
    wanted = card.graph.input
    if len(names) != 1 or wanted not in (None, names[0]):
        expected = "one only" if wanted is None else f"only '{wanted}'"
        raise WrapError(
            f"The published graph has the inputs {names}, expected {expected}. "
            f"{_blame(card)}, or this is another network; networks that want more than a picture "
            "cannot be installed."
        )
    return inputs[0]


def _output(outputs: Sequence[onnx.ValueInfoProto], card: Card) -> onnx.ValueInfoProto:
    found = {each.name: each for each in outputs}
    wanted = card.graph.output or next(iter(found), "")
    if wanted not in found:
        raise WrapError(
            f"The published graph has the outputs {list(found)}, expected "
            f"'{wanted}' among them. {_blame(card)}."
        )
    return found[wanted]


def _size(taken: onnx.ValueInfoProto, card: Card) -> tuple[int, int]:
    shape = [each.dim_value for each in taken.type.tensor_type.shape.dim]
    axes = "NCHW" if len(shape) != 4 else card.graph.layout
    sizes = dict(zip(axes, shape, strict=False))
    if len(shape) != 4 or sizes["C"] not in (0, 3):
        raise WrapError(
            f"The published graph reads the shape {shape} (0 where free), expected four axes with "
            f"3 channels in the order {card.graph.layout}. {_blame(card)}: its layout, or it is a "
            "network of another kind."
        )
    if sizes["N"] > 1:
        raise WrapError(
            f"The published graph always reads {sizes['N']} pictures at once. Export it again for "
            "one picture, or with a free batch dimension."
        )
    return (
        _side(sizes["H"], card.graph.height_px, "height_px", card),
        _side(sizes["W"], card.graph.width_px, "width_px", card),
    )


def _side(in_file_px: int, in_card_px: int | None, key: str, card: Card) -> int:
    side_px = in_file_px or in_card_px
    if side_px is None:
        raise WrapError(
            f"The published graph leaves its size free, and the card of {card.name} names none. "
            f"Add {key} to its [graph]."
        )
    if not SMALLEST_SIDE_PX <= side_px <= LARGEST_SIDE_PX:
        raise WrapError(
            f"The published graph reads pictures with a side of {side_px} pixels, which is not in "
            f"{SMALLEST_SIDE_PX} to {LARGEST_SIDE_PX}. This network cannot be installed."
        )
    return side_px


def _float_type(value: onnx.ValueInfoProto, verb: str) -> int:
    element = int(value.type.tensor_type.elem_type)
    if element not in _FLOATS:
        raise WrapError(
            f"The published graph {verb} {onnx.TensorProto.DataType.Name(element)}, expected FLOAT "
            "or FLOAT16. Export it with floats at both ends."
        )
    return element


def _blame(card: Card) -> str:
    return f"The card of {card.name} is wrong"
