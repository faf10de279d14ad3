import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from segmenter.inference.networks import Network, open_network
from segmenter.inference.onnx_network import DeviceMissingError
from segmenter.inference.runtimes import CpuRuntime, RuntimeMissingError
from tests import toy_network


def is_by_mnn(network: Network) -> bool:
    return type(network).__name__ == "MnnNetwork"


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    return toy_network.install(tmp_path, "toy")


@pytest.fixture(scope="module")
def with_form(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("_mnncengine", reason="MNN has no build for this platform")
    form = toy_network.install_for_mnn(tmp_path_factory.mktemp("repository"), "toy")
    return form.with_name("model.onnx")


@pytest.mark.parametrize(
    ("runtime", "by_mnn"),
    [(CpuRuntime.AUTO, True), (CpuRuntime.MNN, True), (CpuRuntime.ONNXRUNTIME, False)],
)
def test_a_network_is_opened_with_what_computes_it(
    with_form: Path, runtime: CpuRuntime, by_mnn: bool
) -> None:
    network = open_network(with_form, threads=1, runtime=runtime)

    assert is_by_mnn(network) == by_mnn
    assert network.run(toy_network.pictures(2)).shape == (2, 16, 16)
    network.close()


def test_a_network_without_a_form_is_opened_with_onnx_runtime(graph: Path) -> None:
    network = open_network(graph, threads=1)

    assert not is_by_mnn(network)
    network.close()
    with pytest.raises(RuntimeMissingError, match="MNN"):
        open_network(graph, threads=1, runtime=CpuRuntime.MNN)


def test_a_missing_library_is_named(graph: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("onnxruntime", "segmenter.inference.onnx_network"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)

    with pytest.raises(RuntimeMissingError, match="ONNX Runtime is not installed; `pip install"):
        open_network(graph, threads=1)


def test_a_library_that_is_there_and_cannot_be_loaded_is_named(
    with_form: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "segmenter.inference.mnn_network", None)

    with pytest.raises(RuntimeMissingError, match="MNN is not installed; `pip install"):
        open_network(with_form, threads=1)


@pytest.mark.skipif(
    "CUDAExecutionProvider" in onnxruntime.get_available_providers(), reason="there is a GPU"
)
def test_a_gpu_is_for_onnx_runtime_alone(with_form: Path) -> None:
    with pytest.raises(DeviceMissingError, match="CUDAExecutionProvider"):
        open_network(with_form, threads=1, device="cuda")


def test_both_libraries_serve_side_by_side(with_form: Path) -> None:
    batch_u8 = toy_network.pictures(3)
    networks = [open_network(with_form, 2, runtime=each) for each in (CpuRuntime.AUTO, *CpuRuntime)]

    answers = [network.run(batch_u8) for network in networks]

    for each in answers:
        np.testing.assert_allclose(each, answers[0], rtol=0, atol=1e-5)
    for network in networks:
        network.close()
