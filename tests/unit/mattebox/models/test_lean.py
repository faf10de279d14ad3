from typing import Any

import numpy as np
import onnx
import pytest

from mattebox.models import graph_edit, tensor_shapes
from mattebox.models.errors import ProofError
from mattebox.models.lean import lean
from mattebox.models.narrow_convolutions import BLOCK_PX
from mattebox.models.wrap import wrap
from tests.unit.mattebox.models.conftest import Place
from tests.unit.mattebox.models.enlarging_network import (
    CHANNELS,
    SIDE_PX,
    graph_of,
    operators,
    run,
    wrapped,
)


@pytest.mark.parametrize("opset", [11, 13, 18])
def test_sizes_computed_for_a_fixed_picture_become_scales(opset: int) -> None:
    built = lean(wrapped(opset=opset))

    resize = next(each for each in graph_of(built).node if each.op_type == "Resize")
    scales = {each.name: onnx.numpy_helper.to_array(each) for each in graph_of(built).initializer}
    np.testing.assert_array_equal(scales[resize.input[2]], [1, 1, 2, 2])
    assert graph_edit.attributes(resize)["coordinate_transformation_mode"] == b"half_pixel"
    assert not {"Shape", "Mul"} & set(operators(built))
    np.testing.assert_allclose(run(built), run(wrapped(opset=opset)), atol=1e-6)


@pytest.mark.parametrize("mode", ["linear", "nearest"])
@pytest.mark.parametrize("coordinates", ["half_pixel", "asymmetric", "align_corners"])
@pytest.mark.parametrize("ratio", [(1, 1), (2, 3), (4, 1)])
def test_every_way_to_enlarge_by_a_whole_scale_answers_as_before(
    mode: str, coordinates: str, ratio: tuple[float, float]
) -> None:
    slow = wrapped(mode=mode, coordinate_transformation_mode=coordinates, ratio=ratio)

    built = lean(slow)

    assert "Shape" not in operators(built)
    np.testing.assert_allclose(run(built), run(slow), atol=1e-6)


@pytest.mark.parametrize(
    "resize",
    [
        {"ratio": (1.5, 2)},
        {"ratio": (0.5, 0.5)},
        {"mode": "cubic"},
        {"coordinate_transformation_mode": "tf_crop_and_resize"},
        {"opset": 18, "antialias": 1},
        {"opset": 18, "keep_aspect_ratio_policy": "not_larger"},
    ],
    ids=str,
)
def test_what_no_whole_scale_can_say_keeps_its_sizes(resize: dict[str, Any]) -> None:
    assert "Shape" in operators(lean(wrapped(channels=3, **resize)))


@pytest.mark.parametrize("with_bias", [True, False])
def test_a_map_of_one_channel_is_computed_in_blocks(with_bias: bool) -> None:
    built = lean(wrapped(with_bias=with_bias))

    block = next(each for each in graph_of(built).node if each.name == "to one")
    assert graph_edit.attributes(block)["strides"] == [BLOCK_PX, BLOCK_PX]
    assert "DepthToSpace" in operators(built)
    assert "weights" not in {each.name for each in graph_of(built).initializer}
    np.testing.assert_allclose(run(built), run(wrapped(with_bias=with_bias)), atol=1e-6)


@pytest.mark.parametrize(
    "convolution", [{"channels": CHANNELS - 1}, {"kernel_px": 5}, {"strides": 2}], ids=str
)
def test_other_convolutions_stay(convolution: dict[str, Any]) -> None:
    built = lean(wrapped(**convolution))

    assert "DepthToSpace" not in operators(built)
    np.testing.assert_allclose(run(built), run(wrapped(**convolution)), atol=1e-6)


def test_a_map_that_does_not_divide_into_blocks_stays() -> None:
    assert "DepthToSpace" not in operators(lean(wrapped(side_px=SIDE_PX + 2)))


def test_a_graph_with_nothing_to_do_comes_back_as_it_was(place: Place) -> None:
    graph = wrap(place.file.read_bytes(), place.card)

    assert lean(graph) is graph


def test_the_same_graph_gives_the_same_bytes() -> None:
    assert lean(wrapped()) == lean(wrapped())


def test_a_graph_that_cannot_be_run_says_so() -> None:
    model = onnx.load_model_from_string(wrapped())
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 1
    model.graph.input[0].type.tensor_type.shape.dim[3].dim_value = 4

    with pytest.raises(ProofError, match="The graph cannot be run on a batch of 1"):
        lean(model.SerializeToString())


def test_shapes_are_those_of_one_picture() -> None:
    shapes = tensor_shapes.measure(wrapped(), ["features", "enlarged"])

    half_px = SIDE_PX // 2
    assert shapes == {
        "features": (1, CHANNELS, half_px, half_px),
        "enlarged": (1, 1, SIDE_PX, SIDE_PX),
    }
    assert tensor_shapes.measure(wrapped(), []) == {}
