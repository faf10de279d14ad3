from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import GraphProto, TensorProto, helper

from mattebox.models import graph_edit, tensor_shapes
from mattebox.models.errors import ProofError
from mattebox.models.lean import lean
from mattebox.models.narrow_convolutions import BLOCK_PX
from mattebox.models.wrap import wrap
from tests.unit.mattebox.models.conftest import Place
from tests.unit.mattebox.models.small_network import stored

SIDE_PX = 16
CHANNELS = 16
PICTURES = np.random.default_rng(5).integers(0, 256, (2, SIDE_PX, SIDE_PX, 3), np.uint8)


def wrapped(
    *,
    side_px: int = SIDE_PX,
    channels: int = CHANNELS,
    kernel_px: int = 3,
    strides: int = 1,
    ratio: tuple[float, float] = (2, 2),
    opset: int = 13,
    with_bias: bool = True,
    **resize: Any,
) -> bytes:
    """Halves a picture, convolves it to one map, and enlarges that to a computed size."""
    rng = np.random.default_rng(3)
    weights = rng.normal(0, 0.1, (1, channels, kernel_px, kernel_px)).astype(np.float32)
    read = ["features", "weights", *(["bias"] if with_bias else [])]
    pads = [kernel_px // 2] * 4
    strided: dict[str, Any] = {"strides": [strides] * 2} if strides != 1 else {}
    given: dict[str, Any] = {
        "mode": "linear",
        "coordinate_transformation_mode": "pytorch_half_pixel",
    } | resize
    nodes = [
        helper.make_node("Cast", ["image"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["floats"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["planes", "mix"], ["features"], strides=[2, 2]),
        helper.make_node("Conv", read, ["map"], name="to one", pads=pads, **strided),
        helper.make_node("Shape", ["map"], ["size"]),
        helper.make_node("Cast", ["size"], ["size as floats"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["size as floats", "ratio"], ["larger"]),
        helper.make_node("Cast", ["larger"], ["sizes"], to=TensorProto.INT64),
        helper.make_node("Resize", ["map", "roi", "", "sizes"], ["enlarged"], **given),
        helper.make_node("Squeeze", ["enlarged", "channel axis"], ["alpha"]),
    ]
    if opset == 11:
        nodes[8].input[2] = "no scales"
        nodes[9] = helper.make_node("Squeeze", ["enlarged"], ["alpha"], axes=[1])
    graph = helper.make_graph(
        nodes,
        "computed sizes",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["N", side_px, side_px, 3])],
        [helper.make_tensor_value_info("alpha", TensorProto.FLOAT, ["N", None, None])],
        [
            stored("mix", rng.normal(0, 0.01, (channels, 3, 1, 1)).astype(np.float32)),
            stored("weights", weights),
            stored("bias", np.array([0.5], np.float32)),
            stored("ratio", np.array([1, 1, *ratio], np.float32)),
            stored("roi", np.zeros(0, np.float32)),
            stored("no scales", np.zeros(0, np.float32)),
            stored("channel axis", np.array([1], np.int64)),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    return bytes(model.SerializeToString())


def operators(built: bytes) -> list[str]:
    return [node.op_type for node in graph_of(built).node]


def graph_of(built: bytes) -> GraphProto:
    return onnx.load_model_from_string(built).graph


def run(graph: bytes) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    alpha_f32: NDArray[np.float32] = session.run(["alpha"], {"image": PICTURES})[0]
    return alpha_f32


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
