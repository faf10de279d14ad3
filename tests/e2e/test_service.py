"""The main job on real photos, through gateway, segmenter and the real Triton."""

import csv
import io
import statistics
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mattebox.segmenter import v1
from mattebox.segmenter.v1.segmenter_pb2_grpc import SegmenterServiceStub
from tests.conftest import ROOT
from tests.e2e.conftest import Mattebox

pytestmark = pytest.mark.e2e

DATA = ROOT / "tests" / "data"


@pytest.fixture(scope="module")
def set_by_operator() -> Mapping[str, str]:
    """Batches, which a service on a CPU does without unless told so."""
    return {"MATTEBOX_SEGMENTER_BATCH_MAX_SIZE": "8", "MATTEBOX_SEGMENTER_BATCH_MAX_RUNNING": "1"}


COMPOSITE_IOU = 0.9836
"""As it was measured when the picture was made; what moves it by a hundredth is looked into."""


def grey(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        return np.array(image.convert("L"))


def iou(alpha_u8: NDArray[np.uint8], truth_u8: NDArray[np.uint8]) -> float:
    ours, truth = alpha_u8 >= 128, truth_u8 >= 128
    return float((ours & truth).sum() / (ours | truth).sum())


def test_triton_is_what_runs(mattebox: Mattebox) -> None:
    assert mattebox.facts["engine"] == "triton"
    assert set(mattebox.facts["pids"]) == {"gateway", "segmenter", "triton"}


def test_a_photo_comes_back_as_its_subject(mattebox: Mattebox, coffee: bytes) -> None:
    answer = mattebox.cut_out(coffee, format="png")
    rgba_u8 = answer.rgba_u8
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "image/png"
    assert (answer.headers["X-Width"], answer.headers["X-Height"]) == ("600", "400")
    assert answer.headers["X-Foreground-Found"] == "true"
    assert rgba_u8.shape == (400, 600, 4)
    assert rgba_u8[200, 280].tolist()[3] == 255
    assert not rgba_u8[5, 5].any()
    with Image.open(io.BytesIO(coffee)) as source:
        assert rgba_u8[200, 280, :3].tolist() == list(source.getpixel((280, 200)))  # type: ignore[arg-type]


def test_the_matte_alone(mattebox: Mattebox, coffee: bytes) -> None:
    mask = mattebox.cut_out(coffee, channels="alpha")
    with Image.open(io.BytesIO(mask.body)) as image:
        assert image.mode == "L"
        assert np.array_equal(np.array(image), mattebox.cut_out(coffee).rgba_u8[..., 3])


def test_the_committed_composite_stays_where_it_was_measured(mattebox: Mattebox) -> None:
    answer = mattebox.cut_out((DATA / "composite.jpg").read_bytes())
    found = iou(answer.rgba_u8[..., 3], grey(DATA / "composite_alpha.png"))
    assert found == pytest.approx(COMPOSITE_IOU, abs=0.01)


def test_the_median_composite_is_cut_out_well(mattebox: Mattebox, shared: Path) -> None:
    with (shared / "eval" / "MANIFEST.tsv").open() as manifest:
        rows = [
            row for row in csv.DictReader(manifest, delimiter="\t") if row["set"] == "composites"
        ]
    assert len(rows) >= 20

    def measured(row: dict[str, str]) -> float:
        answer = mattebox.cut_out((shared / "eval" / row["image"]).read_bytes())
        return iou(answer.rgba_u8[..., 3], grey(shared / "eval" / row["mask"]))

    with ThreadPoolExecutor(4) as pool:
        assert statistics.median(pool.map(measured, rows)) >= 0.85


def are_same_but_for_rounding(one_u8: NDArray[np.uint8], other_u8: NDArray[np.uint8]) -> bool:
    """Networks add up in another order for a picture alone than for one among others."""
    difference = np.abs(one_u8.astype(int) - other_u8)
    most_alpha, share = difference[..., 3].max(), (difference.max(axis=-1) > 0).mean()
    return bool(most_alpha <= 1 and share < 1e-2)


def test_concurrent_requests_share_batches_and_keep_their_own_answers(
    mattebox: Mattebox, coffee: bytes
) -> None:
    pictures = [coffee, (DATA / "rocket.jpg").read_bytes(), (DATA / "composite.jpg").read_bytes()]
    alone = [mattebox.cut_out(picture).rgba_u8 for picture in pictures]
    before = mattebox.triton_metrics()
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(mattebox.cut_out, pictures * 8))
    after = mattebox.triton_metrics()
    pictures_run = after["nv_inference_count"] - before["nv_inference_count"]
    executions = after["nv_inference_exec_count"] - before["nv_inference_exec_count"]
    assert pictures_run >= 24
    assert executions <= pictures_run / 2
    for number, answer in enumerate(together):
        assert are_same_but_for_rounding(answer.rgba_u8, alone[number % 3])


def test_internal_services_call_it_over_grpc(mattebox: Mattebox, coffee: bytes) -> None:
    with grpc.insecure_channel(mattebox.facts["grpc"]) as channel:
        stub = SegmenterServiceStub(channel)
        (model,) = stub.ListModels(v1.ListModelsRequest()).models
        assert (model.name, model.max_batch_size) == ("u2netp", 8)
        assert model.license == "Apache-2.0"
        assert model.commercial_use == v1.CommercialUse.COMMERCIAL_USE_ALLOWED
        requests = [
            v1.StreamRemoveBackgroundRequest(item_id=str(number), image=coffee)
            for number in range(5)
        ]
        answers = list(stub.StreamRemoveBackground(iter(requests)))
    assert sorted(answer.item_id for answer in answers) == list("01234")
    alone_u8 = mattebox.cut_out(coffee).rgba_u8
    for answer in answers:
        with Image.open(io.BytesIO(answer.cut_out.image)) as image:
            assert are_same_but_for_rounding(np.asarray(image), alone_u8)


JPEG = (DATA / "coffee.jpg").read_bytes()

BAD_INPUT = {
    "not an image": (b"hello, world", {}, 400, "invalid_image"),
    "an empty file": (b"", {}, 400, "missing_image"),
    "a truncated JPEG": (JPEG[: len(JPEG) // 2], {}, 400, "invalid_image"),
    "40 MB": (JPEG + bytes(40_000_000), {}, 413, "image_too_large"),
    "an unknown format": (JPEG, {"format": "bitmap"}, 400, "bad_request"),
    "unknown channels": (JPEG, {"channels": "cmyk"}, 400, "bad_request"),
    "a wrong key": (JPEG, {"key": "mb_live_wrong"}, 401, "invalid_api_key"),
}


@pytest.mark.parametrize(
    ("image", "fields", "status", "code"), BAD_INPUT.values(), ids=BAD_INPUT.keys()
)
def test_bad_input_gets_the_contracts_error_and_the_service_stays_healthy(
    mattebox: Mattebox, image: bytes, fields: dict[str, str], status: int, code: str
) -> None:
    before = mattebox.facts["pids"]
    refusal = mattebox.cut_out(image, **fields)
    assert (refusal.status, refusal.error["code"]) == (status, code)
    assert refusal.error["request_id"] == refusal.headers["X-Request-Id"]
    assert mattebox.get("/v2/health").status == 200
    assert mattebox.cut_out(JPEG).status == 200
    assert mattebox.facts["pids"] == before


def test_no_pixel_is_written_anywhere(mattebox: Mattebox, coffee: bytes) -> None:
    before = _written_at(mattebox)
    assert mattebox.cut_out(coffee).status == 200
    assert _written_at(mattebox) == before


def _written_at(mattebox: Mattebox) -> dict[Path, int]:
    """When each file was written, but for the log and the database, which counts what is used."""
    files = (path for path in mattebox.log.parent.rglob("*") if path != mattebox.log)
    return {
        path: path.stat().st_mtime_ns for path in files if not path.name.startswith("mattebox.db")
    }
