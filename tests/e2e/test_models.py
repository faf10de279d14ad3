"""Several networks out of operator's files, served by the real Triton."""

from collections.abc import Iterator
from pathlib import Path

import grpc
import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray
from tritonclient.grpc import InferenceServerClient, InferInput

from mattebox.models import card
from mattebox.models.install import InstallOptions, install
from mattebox.segmenter import v1
from mattebox.segmenter.v1.segmenter_pb2_grpc import SegmenterServiceStub
from mattebox.up import triton_wheel
from tests import published_networks
from tests.e2e.conftest import Mattebox
from tests.published_networks import Shape
from tests.running_service import running_service

pytestmark = pytest.mark.e2e

SHAPES = {
    "modnet": Shape("height", "width", batch="batch_size"),
    "isnet-general-use": Shape(maps=6),
    "rmbg-2.0": Shape(is_half=True, seed=1),
}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    for name, shape in SHAPES.items():
        file = published_networks.write(folder / f"{name}.onnx", shape)
        options = InstallOptions(from_file=file, accept_licence=True)
        install(card.load(name), folder / "repository", options)
    return folder / "repository"


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Iterator[Mattebox]:
    if (reason := triton_wheel.why_not(triton_wheel.locate())) is not None:
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("up")
    with running_service(folder, repository, "triton", models=tuple(SHAPES)) as running:
        yield Mattebox(running)


def triton_target(mattebox: Mattebox) -> str:
    """Finds the port that `mattebox up` chose, in the server's own command line."""
    command = Path(f"/proc/{mattebox.facts['pids']['triton']}/cmdline").read_bytes().decode()
    flags = dict(each.split("=", 1) for each in command.split("\0") if "=" in each)
    return f"127.0.0.1:{flags['--grpc-port']}"


def alphas_of(target: str, name: str, batch_u8: NDArray[np.uint8]) -> NDArray[np.float32]:
    tensor = InferInput("image", batch_u8.shape, "UINT8")
    tensor.set_data_from_numpy(batch_u8)
    with InferenceServerClient(target) as client:
        alphas_f32: NDArray[np.float32] = client.infer(name, [tensor]).as_numpy("alpha")
        return alphas_f32


@pytest.mark.parametrize(
    ("name", "side"), [("modnet", (512, 512)), ("isnet-general-use", (32, 48))]
)
def test_triton_computes_what_was_installed(
    several: Mattebox, repository: Path, name: str, side: tuple[int, int]
) -> None:
    batch_u8 = np.random.default_rng(3).integers(0, 256, (3, *side, 3), dtype=np.uint8)
    graph = repository / name / "1" / "model.onnx"
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])

    alphas_f32 = alphas_of(triton_target(several), name, batch_u8)

    np.testing.assert_allclose(alphas_f32, session.run(None, {"image": batch_u8})[0], atol=1e-5)


def test_the_first_is_the_default_and_each_request_may_name_another(
    several: Mattebox, coffee: bytes
) -> None:
    with grpc.insecure_channel(several.facts["grpc"]) as channel:
        stub = SegmenterServiceStub(channel)
        models = stub.ListModels(v1.ListModelsRequest()).models
        used = [
            stub.RemoveBackground(
                v1.RemoveBackgroundRequest(image=coffee, options=v1.CutOutOptions(model=name))
            ).cut_out.model
            for name in ("", *SHAPES)
        ]

    assert several.facts["model"] == "modnet"
    assert [model.name for model in models] == list(SHAPES)
    assert [model.max_batch_size for model in models] == [8, 4, 1]
    assert [model.commercial_use for model in models] == [
        v1.CommercialUse.COMMERCIAL_USE_ALLOWED,
        v1.CommercialUse.COMMERCIAL_USE_UNCLEAR,
        v1.CommercialUse.COMMERCIAL_USE_FORBIDDEN,
    ]
    assert used == ["modnet", *SHAPES]


def test_over_http_the_default_model_answers(several: Mattebox, coffee: bytes) -> None:
    assert several.cut_out(coffee).status == 200
