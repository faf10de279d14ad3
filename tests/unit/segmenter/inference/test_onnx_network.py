import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
from numpy.typing import NDArray

from segmenter.inference.onnx_network import DeviceMissingError, OnnxNetwork
from tests import toy_network


@pytest.fixture(scope="module")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy_network.install(tmp_path_factory.mktemp("repository"), "toy")


@pytest.fixture(params=[1, 2, 8], ids="{} threads".format)
def network(model_path: Path, request: pytest.FixtureRequest) -> Iterator[OnnxNetwork]:
    opened = OnnxNetwork(model_path, threads=request.param)
    yield opened
    opened.close()


def plain_answer(model_path: Path, batch_u8: NDArray[np.uint8]) -> NDArray[np.float32]:
    session = ort.InferenceSession(str(model_path), providers=["CPUExecutionProvider"])
    answer: NDArray[np.float32] = session.run(["alpha"], {"image": batch_u8})[0]
    return answer


@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_answers_equal_those_of_one_plain_session(
    network: OnnxNetwork, model_path: Path, count: int
) -> None:
    batch_u8 = toy_network.pictures(count)

    alpha_f32 = network.run(batch_u8)

    assert alpha_f32.dtype == np.float32
    assert alpha_f32.shape == batch_u8.shape[:3]
    np.testing.assert_array_equal(alpha_f32, plain_answer(model_path, batch_u8))


def test_callers_on_several_threads_each_get_their_own_answer(
    network: OnnxNetwork, model_path: Path
) -> None:
    batches = [toy_network.pictures(1 + seed % 3, seed) for seed in range(24)]

    with ThreadPoolExecutor(6) as callers:
        answers = list(callers.map(network.run, batches))

    for batch_u8, alpha_f32 in zip(batches, answers, strict=True):
        np.testing.assert_array_equal(alpha_f32, plain_answer(model_path, batch_u8))


def test_two_networks_stand_side_by_side(network: OnnxNetwork, model_path: Path) -> None:
    other = OnnxNetwork(model_path, threads=2)
    batch_u8 = toy_network.pictures(3)

    np.testing.assert_array_equal(other.run(batch_u8), network.run(batch_u8))

    other.close()
    np.testing.assert_array_equal(network.run(batch_u8), plain_answer(model_path, batch_u8))


@pytest.mark.parametrize("count", [1, 2])
def test_a_picture_of_another_size_fails_and_leaves_the_network_usable(
    network: OnnxNetwork, model_path: Path, count: int
) -> None:
    batch_u8 = toy_network.pictures(count)

    with pytest.raises(Exception, match="invalid dimensions"):
        network.run(batch_u8[:, :8])

    np.testing.assert_array_equal(network.run(batch_u8), plain_answer(model_path, batch_u8))


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "model.onnx"
    broken.write_bytes(b"no network")

    with pytest.raises(Exception, match="Protobuf parsing failed"):
        OnnxNetwork(broken, threads=1)


@pytest.mark.skipif(
    "CUDAExecutionProvider" in ort.get_available_providers(), reason="this build drives a GPU"
)
def test_a_demanded_device_that_is_not_there_is_an_error(model_path: Path) -> None:
    with pytest.raises(DeviceMissingError, match="has no CUDAExecutionProvider"):
        OnnxNetwork(model_path, threads=1, device="cuda")


def test_the_library_is_kept_from_reporting_to_its_maker(model_path: Path, tmp_path: Path) -> None:
    # What it has to report it first writes into the temporary folder, at its import already.
    program = (
        "import sys; from pathlib import Path;"
        "from segmenter.inference.onnx_network import OnnxNetwork;"
        "OnnxNetwork(Path(sys.argv[1]), 1).close()"
    )
    environment = {"PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", program, str(model_path)]
    subprocess.run(command, env=environment, check=True)
    assert list(tmp_path.iterdir()) == []
