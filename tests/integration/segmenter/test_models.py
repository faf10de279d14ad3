"""Networks out of operator's files behind one segmenter, chosen by each request."""

import io
import shutil
from pathlib import Path

import grpc
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mattebox.models import card, installed
from mattebox.models.install import InstallOptions, install
from mattebox.segmenter import v1
from tests import published_networks
from tests.integration.segmenter import red_network
from tests.integration.segmenter.conftest import Segmenter, StartSegmenter, red_ball
from tests.published_networks import Shape
from tests.waiting import until

MODELS = (red_network.NAME, "isnet-general-use", "rmbg-2.0")


@pytest.fixture
def repository(red_repository: Path, tmp_path: Path) -> Path:
    for seed, name in enumerate(MODELS[1:]):
        file = published_networks.write(tmp_path / f"{name}.onnx", Shape(seed=seed))
        options = InstallOptions(from_file=file, accept_licence=True)
        install(card.load(name), red_repository, options)
    return red_repository


@pytest.fixture
async def several(start_segmenter: StartSegmenter, repository: Path) -> Segmenter:
    started = await start_segmenter(repository=repository, models=MODELS)
    await started.await_serving()
    return started


async def matte_of(segmenter: Segmenter, model: str) -> tuple[str, NDArray[np.uint8]]:
    options = v1.CutOutOptions(model=model, channels=v1.OutputChannels.OUTPUT_CHANNELS_ALPHA)
    request = v1.RemoveBackgroundRequest(image=red_ball(), options=options)
    answer = (await segmenter.stub.RemoveBackground(request)).cut_out
    with Image.open(io.BytesIO(answer.image)) as image:
        return answer.model, np.array(image)


async def test_each_request_chooses_its_model(several: Segmenter) -> None:
    mattes = {}
    for name in ("", *MODELS):
        used, mattes[name] = await matte_of(several, name)
        assert used == (name or red_network.NAME)

    assert np.array_equal(mattes[""], mattes[red_network.NAME])
    assert not np.array_equal(mattes[MODELS[1]], mattes[red_network.NAME])
    assert not np.array_equal(mattes[MODELS[1]], mattes[MODELS[2]])


async def test_the_list_tells_them_with_their_sizes(several: Segmenter) -> None:
    models = (await several.stub.ListModels(v1.ListModelsRequest())).models

    assert [model.name for model in models] == list(MODELS)
    assert [model.is_default for model in models] == [True, False, False]
    assert [(model.input_height_px, model.input_width_px) for model in models[1:]] == [(32, 48)] * 2
    assert [model.max_batch_size for model in models] == [4, 4, 1]


async def test_the_list_tells_their_terms(several: Segmenter, repository: Path) -> None:
    untold, isnet, rmbg = (await several.stub.ListModels(v1.ListModelsRequest())).models
    provenance = installed.condition(card.load("rmbg-2.0"), repository).provenance
    assert provenance is not None

    assert (untold.license, untold.source_sha256) == ("", "")
    assert untold.commercial_use == v1.CommercialUse.COMMERCIAL_USE_UNSPECIFIED
    assert isnet.commercial_use == v1.CommercialUse.COMMERCIAL_USE_UNCLEAR
    assert rmbg.commercial_use == v1.CommercialUse.COMMERCIAL_USE_FORBIDDEN
    assert (rmbg.title, rmbg.license) == ("BRIA RMBG 2.0", "CC-BY-NC-4.0")
    assert rmbg.license_source == "https://huggingface.co/briaai/RMBG-2.0"
    assert rmbg.source == "BRIA AI, https://huggingface.co/briaai/RMBG-2.0"
    assert rmbg.source_sha256 == provenance.origin.sha256
    assert rmbg.commercial_use_note == "Not without a paid agreement with BRIA."


async def test_a_model_that_is_not_served_is_told(several: Segmenter) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await matte_of(several, "birefnet-general")

    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ("lost", "The model rmbg-2.0 is not installed"),
        ("damaged", "The model rmbg-2.0 cannot be loaded"),
        ("replaced", "computes the model rmbg-2.0 wrongly"),
    ],
)
async def test_a_missing_or_wrong_file_keeps_it_from_being_ready(
    start_segmenter: StartSegmenter, repository: Path, harm: str, told: str
) -> None:
    graph = repository / "rmbg-2.0" / "1" / "model.onnx"
    if harm == "lost":
        graph.unlink()
    elif harm == "damaged":
        graph.write_bytes(b"damaged")
    else:
        shutil.copy(repository / "isnet-general-use" / "1" / "model.onnx", graph)

    segmenter = await start_segmenter(repository=repository, models=MODELS)
    await until(lambda: told in segmenter.log.getvalue())
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await segmenter.stub.ListModels(v1.ListModelsRequest())

    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert not segmenter.server.ready
