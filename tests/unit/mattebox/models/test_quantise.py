from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper

from mattebox.models import card, quantise
from mattebox.models.card_parts import Quantisation
from mattebox.models.errors import WrapError
from tests.unit.mattebox.models import layered_network
from tests.unit.mattebox.models.layered_network import PICTURES, mattes

IN_FLOAT = layered_network.wrapped()
NAMES = quantise.measured(IN_FLOAT, ())
CARD = Quantisation(layered_network.ranges(NAMES))


def optimised(graph: bytes, path: Path) -> list[str]:
    """The operators that ONNX Runtime makes of a graph."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.optimized_model_filepath = str(path)
    onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    return [node.op_type for node in onnx.load(path).graph.node]


@pytest.mark.parametrize("opset", [11, 13])
@pytest.mark.parametrize("float_nodes", [(), ("first",), ("middle", "last")], ids=str)
def test_mattes_stay_close(opset: int, float_nodes: tuple[str, ...]) -> None:
    in_float = layered_network.wrapped(opset)

    built = quantise.quantise(in_float, Quantisation(CARD.ranges, float_nodes))

    difference = np.abs(mattes(built) - mattes(in_float))
    assert 0 < difference.mean() < 0.01


def test_a_batch_is_answered_as_its_pictures_are() -> None:
    built = quantise.quantise(IN_FLOAT, CARD)

    one_by_one = np.concatenate([mattes(built, picture[np.newaxis]) for picture in PICTURES])
    np.testing.assert_array_equal(mattes(built), one_by_one)


@pytest.mark.parametrize("float_nodes", [(), ("first",), ("middle", "last")], ids=str)
def test_what_is_to_be_rounded_runs_in_integers_and_nothing_else(
    float_nodes: tuple[str, ...], tmp_path: Path
) -> None:
    built = quantise.quantise(IN_FLOAT, Quantisation(CARD.ranges, float_nodes))

    found = optimised(built, tmp_path / "optimised.onnx")

    assert found.count("QLinearConv") == 3 - len(float_nodes)
    assert found.count("Conv") == len(float_nodes)


def test_weights_are_rounded_with_a_scale_for_each_channel() -> None:
    built = onnx.load_model_from_string(quantise.quantise(IN_FLOAT, CARD)).graph
    before = onnx.load_model_from_string(IN_FLOAT).graph

    stored = {each.name: numpy_helper.to_array(each) for each in built.initializer}
    floats = {each.name: numpy_helper.to_array(each) for each in before.initializer}
    for layer in ("first", "middle", "last"):
        integers = stored[f"int8/{layer}/weights/integers"]
        steps = stored[f"int8/{layer}/weights/step"].reshape(-1, 1, 1, 1)
        assert integers.dtype == np.int8
        np.testing.assert_array_equal(np.abs(integers).max(axis=(1, 2, 3)), 127)
        weights = floats[f"{layer} weights"]
        assert (np.abs(integers * steps - weights) <= steps * 0.501).all()
        assert f"{layer} weights" not in stored


def test_0_is_an_integer_of_every_scale() -> None:
    scales = {
        each.name: numpy_helper.to_array(each)
        for each in onnx.load_model_from_string(quantise.quantise(IN_FLOAT, CARD)).graph.initializer
    }

    smallest, largest = CARD.ranges["last"]
    assert smallest < 0 < largest
    step, zero = scales["int8/last/step"], scales["int8/last/zero"]
    assert zero == round(-smallest / float(step))
    assert step == pytest.approx((largest - smallest) / 255)
    # Nothing is negative behind a Relu.
    assert scales["int8/first, positive/zero"] == 0


@pytest.mark.parametrize("ends", [(2.0, 3.0), (-3.0, -2.0), (0.0, 0.0)], ids=str)
def test_a_range_without_0_is_widened_to_it(ends: tuple[float, float]) -> None:
    built = quantise.quantise(IN_FLOAT, Quantisation({**CARD.ranges, "last": ends}))

    assert np.isfinite(mattes(built)).all()
    scales = {
        each.name: numpy_helper.to_array(each)
        for each in onnx.load_model_from_string(built).graph.initializer
    }
    assert scales["int8/last/zero"] == (255 if ends[0] < 0 else 0)


def test_a_channel_of_zeros_stays_one() -> None:
    model = onnx.load_model_from_string(IN_FLOAT)
    for each in model.graph.initializer:
        if each.name == "middle weights":
            values = numpy_helper.to_array(each).copy()
            values[3] = 0
            each.CopyFrom(numpy_helper.from_array(values, each.name))
    in_float = model.SerializeToString()

    difference = np.abs(mattes(quantise.quantise(in_float, CARD)) - mattes(in_float))

    assert difference.mean() < 0.01


def test_the_same_card_gives_the_same_bytes() -> None:
    assert quantise.quantise(IN_FLOAT, CARD) == quantise.quantise(IN_FLOAT, CARD)


def test_a_range_that_is_missing_is_named() -> None:
    ranges = {name: ends for name, ends in CARD.ranges.items() if name != "planes"}

    with pytest.raises(WrapError, match="lack planes"):
        quantise.quantise(IN_FLOAT, Quantisation(ranges))


def test_the_shipped_card_rounds_the_served_u2netp(model_repository: Path) -> None:
    chosen = card.load("u2netp-int8").quantisation
    assert chosen
    in_float = (model_repository / "u2netp" / "1" / "model.onnx").read_bytes()

    assert set(quantise.measured(in_float, chosen.float_nodes)) == set(chosen.ranges)
    weights = [len(graph) for graph in (quantise.quantise(in_float, chosen), in_float)]
    assert weights[0] < weights[1] / 2
