"""Writes a wrapped graph once more in MNN's own form, and proves that it computes the same."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, load_model_from_string

from mattebox.models import graph_edit, onnx_runs, taps
from mattebox.models.errors import ProofError, WrapError
from segmenter.inference.runtimes import MNN_FORM

TOLERANCE = 2e-3
"""How far two answers may lie apart, in 0..1: half a level of a matte's 255. Winograd's sums round
otherwise than plain ones, and a pixel that hangs in the balance may magnify that."""

_CHILD = "mattebox.models.mnn_child"
_TIMEOUT_S = 600
_LINES_TOLD = 3


@dataclass(frozen=True, slots=True)
class MnnForm:
    """The file, and what was found when it was compared with the graph it was made of."""

    content: bytes
    from_graph: float
    """The largest difference, in 0..1."""


def mnn_form(wrapped: bytes, pictures: Sequence[NDArray[np.uint8]]) -> MnnForm:
    """Converts a graph, and compares the two on pictures, uint8 [1, H, W, 3].

    Raises:
        WrapError: MNN cannot convert or run it.
        ProofError: answers lie further apart than `TOLERANCE`.
        OSError: there is no room for temporary files.
    """
    graph = _for_mnn(wrapped)
    with TemporaryDirectory(prefix="mattebox-mnn-") as folder:
        form = Path(folder) / MNN_FORM
        answers_f32 = _answers(graph, np.concatenate(pictures), form)
        return MnnForm(form.read_bytes(), _compared(answers_f32, wrapped, pictures))


def _for_mnn(wrapped: bytes) -> bytes:
    """The graph less what turns pixels into planes of floats, with a batch of one, and tap by tap.

    MNN is given planes, plans all memory ahead for one picture, and is slow at blocks.
    """
    model = load_model_from_string(wrapped)
    front = [node.op_type for node in model.graph.node[:2]]
    if front != ["Transpose", "Cast"]:
        raise WrapError("Only networks that read planes (layout NCHW) have a form for MNN.")
    _, height_px, width_px, channels = graph_edit.dims(model.graph.input[0])
    planes = model.graph.node[1].output[0]
    del model.graph.node[:2]
    for values, name, shape in (
        (model.graph.input, planes, [1, channels, height_px, width_px]),
        (model.graph.output, model.graph.output[0].name, [1, height_px, width_px]),
    ):
        del values[:]
        values.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
    taps.take_apart(model.graph)
    graph_edit.prune(model.graph, model.graph.output[0].name)
    built: bytes = model.SerializeToString(deterministic=True)
    return built


def _answers(
    graph: bytes, pictures_u8: NDArray[np.uint8], form: Path
) -> Sequence[NDArray[np.float32]]:
    """Converts in a child process, and has that answer pictures in each of its ways."""
    source, pictures, answers = (
        form.with_name(f"{each}") for each in ("graph", "in.npy", "out.npy")
    )
    source.write_bytes(graph)
    np.save(pictures, pictures_u8)
    files = [str(each) for each in (source, form, pictures, answers)]
    try:
        result = subprocess.run(
            [sys.executable, "-P", "-m", _CHILD, *files],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise WrapError("MNN did not convert the graph in ten minutes.") from None
    if result.returncode != 0:
        said = result.stdout.decode(errors="replace").strip().split("\n")
        raise WrapError(f"MNN cannot convert or run the graph: {' '.join(said[-_LINES_TOLD:])}")
    found: NDArray[np.float32] = np.load(answers)
    return list(found)


def _compared(
    answers_f32: Sequence[NDArray[np.float32]],
    wrapped: bytes,
    pictures: Sequence[NDArray[np.uint8]],
) -> float:
    session = onnx_runs.session(wrapped)
    expected_f32 = [onnx_runs.run(session, "alpha", {"image": each})[0] for each in pictures]
    difference = float(np.abs(np.array(answers_f32) - expected_f32).max())
    if not difference <= TOLERANCE:
        raise ProofError(f"MNN's answers differ by {difference:.2g}, at most {TOLERANCE} is right.")
    return difference
