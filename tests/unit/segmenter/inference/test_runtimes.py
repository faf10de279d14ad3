import sys
from pathlib import Path

import pytest

from segmenter.inference.runtimes import (
    MNN_FORM,
    MOST_CORES_OF_MNN,
    CpuRuntime,
    RuntimeMissingError,
    chosen,
    mnn_is_installed,
)


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    graph = tmp_path / "model.onnx"
    graph.touch()
    return graph


@pytest.fixture
def _form(graph: Path) -> None:
    graph.with_name(MNN_FORM).touch()


@pytest.fixture
def _installed() -> None:
    if not mnn_is_installed():
        pytest.skip("MNN has no build for this platform")


@pytest.fixture
def _not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "_mnncengine", None)


@pytest.mark.usefixtures("_form", "_installed")
@pytest.mark.parametrize("wanted", [CpuRuntime.AUTO, CpuRuntime.MNN])
def test_mnn_computes_what_has_a_form_for_it(graph: Path, wanted: CpuRuntime) -> None:
    assert chosen(graph, 2, wanted) is CpuRuntime.MNN


@pytest.mark.usefixtures("_form", "_installed")
@pytest.mark.parametrize(
    ("threads", "expected"),
    [
        (MOST_CORES_OF_MNN, CpuRuntime.MNN),
        (MOST_CORES_OF_MNN + 1, CpuRuntime.ONNXRUNTIME),
    ],
)
def test_onnx_runtime_computes_all_on_many_cores_unless_mnn_is_demanded(
    graph: Path, threads: int, expected: CpuRuntime
) -> None:
    assert chosen(graph, threads, CpuRuntime.AUTO) is expected
    assert chosen(graph, threads, CpuRuntime.MNN) is CpuRuntime.MNN


@pytest.mark.usefixtures("_form", "_installed")
def test_onnx_runtime_can_be_demanded(graph: Path) -> None:
    assert chosen(graph, 2, CpuRuntime.ONNXRUNTIME) is CpuRuntime.ONNXRUNTIME


@pytest.mark.usefixtures("_installed")
def test_onnx_runtime_computes_what_has_no_form(graph: Path) -> None:
    assert chosen(graph, 2, CpuRuntime.AUTO) is CpuRuntime.ONNXRUNTIME


@pytest.mark.usefixtures("_installed")
def test_a_demanded_mnn_needs_a_form(graph: Path) -> None:
    with pytest.raises(RuntimeMissingError, match=r"model\.mnn is not there"):
        chosen(graph, 2, CpuRuntime.MNN)


@pytest.mark.usefixtures("_form", "_not_installed")
def test_onnx_runtime_computes_all_where_mnn_is_not_installed(graph: Path) -> None:
    assert chosen(graph, 2, CpuRuntime.AUTO) is CpuRuntime.ONNXRUNTIME


@pytest.mark.usefixtures("_form", "_not_installed")
def test_a_demanded_mnn_has_to_be_installed(graph: Path) -> None:
    with pytest.raises(RuntimeMissingError, match="MNN is not installed"):
        chosen(graph, 2, CpuRuntime.MNN)
