"""Narrow convolutions tap by tap, beside the same ones in blocks and as they were."""

import numpy as np
import onnx
import pytest

from mattebox.models.lean import lean
from mattebox.models.taps import take_apart
from tests.unit.mattebox.models.enlarging_network import graph_of, operators, run, wrapped


def apart(graph: bytes) -> bytes:
    model = onnx.load_model_from_string(graph)
    take_apart(model.graph)
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString())


@pytest.mark.parametrize("with_bias", [True, False])
def test_a_map_of_one_channel_is_computed_tap_by_tap(*, with_bias: bool) -> None:
    found = apart(lean(wrapped(with_bias=with_bias)))

    assert "DepthToSpace" not in operators(found)
    kernels = [list(each.dims) for each in graph_of(found).initializer if "taps/" in each.name]
    assert [9, 1, 3, 3] in kernels
    np.testing.assert_allclose(run(found), run(wrapped(with_bias=with_bias)), atol=1e-5)


def test_a_graph_without_blocks_stays() -> None:
    graph = wrapped(kernel_px=5)

    assert apart(graph) == graph
