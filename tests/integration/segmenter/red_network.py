"""A network for which red is the subject, so that a test can say which matte is right."""

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from segmenter.inference import known_answer

NAME = "red"
SIZE_PX = 64

_CONFIG = """
name: "red" backend: "onnxruntime" max_batch_size: 4
input [{{ name: "image" data_type: TYPE_UINT8 dims: [{size}, {size}, 3] }}]
output [{{ name: "alpha" data_type: TYPE_FP32 dims: [{size}, {size}] }}]
parameters {{ key: "known_answer" value {{ string_value: "{known}" }} }}
"""


def install(repository: Path, known: tuple[float, ...] | None = None) -> None:
    """Puts the network into a model repository, with its right known answer or another one."""
    folder = repository / NAME
    (folder / "1").mkdir(parents=True)
    onnx.save(_graph(), folder / "1" / "model.onnx")
    known = known or known_answer.fingerprint(matte_of(known_answer.picture(SIZE_PX, SIZE_PX)))
    config = _CONFIG.format(size=SIZE_PX, known=known_answer.to_text(known))
    (folder / "config.pbtxt").write_text(config)


def matte_of(picture_u8: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Computes what the network answers: red over 255."""
    alpha_f32: NDArray[np.float32] = picture_u8[..., 0].astype(np.float32) / 255
    return alpha_f32


def _graph() -> onnx.ModelProto:
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["image", "red"], ["channel"], axis=3),
            helper.make_node("Cast", ["channel"], ["floats"], to=TensorProto.FLOAT),
            helper.make_node("Div", ["floats", "full"], ["alpha"]),
        ],
        NAME,
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["N", SIZE_PX, SIZE_PX, 3])],
        [helper.make_tensor_value_info("alpha", TensorProto.FLOAT, ["N", SIZE_PX, SIZE_PX])],
        [
            numpy_helper.from_array(np.array(0, np.int64), "red"),
            numpy_helper.from_array(np.array(255, np.float32), "full"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model
