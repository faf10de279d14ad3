"""A network that finds a subject in the middle of each picture, in a hundredth of the time.

The contract, the playground and what is measured are about everything around a matte: they need
one with an inside, an outside and an edge that follows the picture, and an empty one for a picture
of nothing. How good the mattes of the default network are is held elsewhere
(`tests/e2e/test_service.py`, `benchmarks/quality`).
"""

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from segmenter.inference import known_answer
from segmenter.inference.onnx_network import OnnxNetwork
from tests import network_files

SIZE_PX = 320

_MORE = """
dynamic_batching {{
  max_queue_delay_microseconds: 0
  default_queue_policy {{
    timeout_action: REJECT
    default_timeout_microseconds: 30000000
    allow_timeout_override: true
    max_queue_size: 64
  }}
}}
parameters {{ key: "known_answer" value {{ string_value: "{known}" }} }}
"""

_WIDE = 0.34
"""Half of the subject's width, as a share of the picture's."""

_HIGH = 0.46
_EDGE = 40.0
"""How steep a matte falls off at its edge, over the distance from the middle."""

_UNEVEN = 2.0
"""How far light and shade move that edge."""

_CONTRAST = 20.0
"""How soon a picture is one of something: a twentieth of the range from black to white."""


def install(repository: Path, name: str) -> None:
    """Puts the network into a model repository under a name."""
    graph = network_files.save(repository, name, _graph())
    network = OnnxNetwork(graph, threads=1)
    (alpha_f32,) = network.run(known_answer.picture(SIZE_PX, SIZE_PX)[np.newaxis])
    network.close()
    known = known_answer.to_text(known_answer.fingerprint(alpha_f32))
    network_files.configure(repository, name, SIZE_PX, _MORE.format(known=known))


def _middle() -> NDArray[np.float32]:
    """Above 0 within an ellipse, below it outside, float32 [1, H, W]."""
    y, x = (np.mgrid[0:SIZE_PX, 0:SIZE_PX] + 0.5) / SIZE_PX - 0.5
    middle_f32: NDArray[np.float32] = (1 - np.hypot(x / _WIDE, y / _HIGH)).astype(np.float32)
    return middle_f32[np.newaxis] * np.float32(_EDGE)


def _graph() -> onnx.ModelProto:
    constants = {
        "middle": _middle(),
        "full": np.float32(255),
        "uneven": np.float32(_UNEVEN),
        "contrast": np.float32(_CONTRAST),
        "nothing": np.float32(0),
        "half": np.float32(0.5),
        "all": np.float32(1),
    }
    nodes = [
        helper.make_node("Cast", ["image"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["floats", "full"], ["rgb"]),
        helper.make_node("ReduceMean", ["rgb"], ["grey"], axes=[3], keepdims=0),
        helper.make_node("ReduceMean", ["grey"], ["mean"], axes=[1, 2]),
        helper.make_node("Sub", ["grey", "mean"], ["light"]),
        helper.make_node("Mul", ["light", "uneven"], ["moved"]),
        helper.make_node("Add", ["middle", "moved"], ["shifted"]),
        helper.make_node("Add", ["shifted", "half"], ["raised"]),
        helper.make_node("Clip", ["raised", "nothing", "all"], ["subject"]),
        helper.make_node("ReduceMax", ["grey"], ["lightest"], axes=[1, 2]),
        helper.make_node("ReduceMin", ["grey"], ["darkest"], axes=[1, 2]),
        helper.make_node("Sub", ["lightest", "darkest"], ["range"]),
        helper.make_node("Mul", ["range", "contrast"], ["evidence"]),
        helper.make_node("Sub", ["evidence", "half"], ["beyond_noise"]),
        helper.make_node("Clip", ["beyond_noise", "nothing", "all"], ["anything"]),
        helper.make_node("Mul", ["subject", "anything"], ["alpha"]),
    ]
    return network_files.graph("middle", nodes, constants, SIZE_PX)
