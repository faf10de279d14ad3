"""Every shipped card, from a file in its network's published shape to the mattes that are served.

What is right is computed here from the published graph, with what its authors do to a picture
written out once more beside the cards.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from mattebox.models import card
from mattebox.models.card import Card
from mattebox.models.errors import LicenceError
from mattebox.models.install import InstallOptions, install
from mattebox.models.prove import Proof
from mattebox.models.verify import verify
from segmenter.inference import known_answer
from segmenter.inference.engine import CommercialUse
from segmenter.inference.in_process import InProcessEngine
from tests import published_networks
from tests.published_networks import Shape

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
HALF = ((0.5, 0.5, 0.5), (1.0, 1.0, 1.0))
BOTH_HALF = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Reference:
    """What the authors of a network do around it, and how its file is published."""

    shape: Shape
    normal: tuple[Triple, Triple]
    card_side_px: int
    max_batch_size: int
    commercial_use: CommercialUse
    by_maximum: bool = False
    stretches: bool = False


U2NET = Shape(maps=7, input="input.1", output="1959")
SIDES = Shape(maps=6)

REFERENCES = {
    "u2netp": Reference(U2NET, IMAGENET, 320, 8, CommercialUse.YES, by_maximum=True),
    "u2net": Reference(U2NET, IMAGENET, 320, 8, CommercialUse.YES, by_maximum=True),
    "u2net_human_seg": Reference(
        replace(U2NET, output="d1"), IMAGENET, 320, 8, CommercialUse.UNCLEAR, by_maximum=True
    ),
    "silueta": Reference(
        replace(U2NET, batch="N"), IMAGENET, 320, 8, CommercialUse.UNCLEAR, by_maximum=True
    ),
    "isnet-general-use": Reference(SIDES, HALF, 1024, 4, CommercialUse.UNCLEAR, stretches=True),
    "birefnet-general": Reference(
        Shape(ends_in="logits"), IMAGENET, 1024, 1, CommercialUse.UNCLEAR
    ),
    "birefnet-lite": Reference(
        Shape(ends_in="logits", batch="N"), IMAGENET, 1024, 2, CommercialUse.UNCLEAR
    ),
    "birefnet-portrait": Reference(
        Shape(ends_in="logits"), IMAGENET, 1024, 1, CommercialUse.UNCLEAR
    ),
    "ben2-base": Reference(Shape(), IMAGENET, 1024, 1, CommercialUse.UNCLEAR, stretches=True),
    "inspyrenet": Reference(Shape(ends_in="min_max"), IMAGENET, 1024, 1, CommercialUse.UNCLEAR),
    "modnet": Reference(
        Shape("height", "width", batch="batch_size"), BOTH_HALF, 512, 8, CommercialUse.YES
    ),
    "rmbg-1.4": Reference(
        replace(SIDES, batch="N"), HALF, 1024, 4, CommercialUse.NO, stretches=True
    ),
    "rmbg-2.0": Reference(Shape(batch="N"), IMAGENET, 1024, 1, CommercialUse.NO),
}


def unpinned(name: str) -> Card:
    """A shipped card that takes any file, as those of operator's files do."""
    return replace(card.load(name), source=None, file=None)


def published_answer(
    path: Path, picture_u8: NDArray[np.uint8], reference: Reference
) -> NDArray[np.float64]:
    """The matte, float [H, W], of a picture, uint8 [H, W, 3], as the authors compute it."""
    mean, deviation = reference.normal
    divisor = picture_u8.max() if reference.by_maximum else 255
    normal = (picture_u8 / divisor - np.array(mean)) / np.array(deviation)
    planes = normal.astype(np.float32).transpose(2, 0, 1)[np.newaxis]
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    raw = session.run([reference.shape.output], {reference.shape.input: planes})[0]
    matte: NDArray[np.float64] = raw[0, 0].astype(np.float64)
    if reference.shape.ends_in == "logits":
        matte = 1 / (1 + np.exp(-matte))
    if reference.stretches:
        matte = (matte - matte.min()) / (matte.max() - matte.min())
    return matte


def pictures(height_px: int, width_px: int, count: int) -> NDArray[np.uint8]:
    """Noise of different brightness, uint8 [N, H, W, 3]."""
    random = np.random.default_rng(7)
    brightest = np.array([255, 140, 40])[:count]
    noise: NDArray[np.float64] = random.random((count, height_px, width_px, 3)) * brightest.reshape(
        -1, 1, 1, 1
    )
    return noise.astype(np.uint8)


def installed(name: str, reference: Reference, tmp_path: Path) -> tuple[Path, Proof]:
    path = published_networks.write(tmp_path / f"{name}.onnx", reference.shape)
    options = InstallOptions(from_file=path, accept_licence=True)
    proof = install(unpinned(name), tmp_path / "repository", options)
    assert proof is not None
    return path, proof


def test_every_shipped_card_is_looked_at() -> None:
    in_floats = [name for name in card.names() if card.load(name).quantisation is None]
    assert sorted(REFERENCES) == in_floats


def test_a_card_in_integers_is_its_networks_card_in_floats_but_for_that() -> None:
    rounded, in_floats = card.load("u2netp-int8"), card.load("u2netp")

    for each in ("source", "file", "known_files", "graph", "preprocessing", "postprocessing"):
        assert getattr(rounded, each) == getattr(in_floats, each)
    assert replace(rounded.licence, notice="…") == replace(in_floats.licence, notice="…")
    assert "rounded to 8-bit integers" in rounded.licence.notice


@pytest.mark.parametrize("name", REFERENCES)
async def test_a_file_in_the_published_shape_is_served_rightly(name: str, tmp_path: Path) -> None:
    reference = REFERENCES[name]
    path, proof = installed(name, reference, tmp_path)
    verify(unpinned(name), tmp_path / "repository", run=True)

    engine = InProcessEngine(tmp_path / "repository", threads=1)
    spec = await engine.spec(name)
    size = (spec.input_height_px, spec.input_width_px)
    batch_u8 = pictures(*size, count=min(3, spec.max_batch_size))
    alphas_f32 = await engine.infer(name, batch_u8, timeout_s=60)
    await engine.close()

    free = isinstance(reference.shape.height, str)
    assert size == ((reference.card_side_px,) * 2 if free else (32, 48))
    assert proof.batch_problem == ""
    assert spec.max_batch_size == proof.max_batch_size == reference.max_batch_size
    assert spec.terms.commercial_use is reference.commercial_use
    expected = np.stack([published_answer(path, each, reference) for each in batch_u8])
    np.testing.assert_allclose(alphas_f32, expected, atol=1e-4)
    assert np.ptp(expected) > 0.2
    answer = published_answer(path, known_answer.picture(*size), reference)
    right = known_answer.fingerprint(answer.astype(np.float32))
    assert spec.known_answer == pytest.approx(right, abs=1e-3)


@pytest.mark.parametrize("name", REFERENCES)
def test_a_card_has_the_size_its_network_was_trained_with(name: str) -> None:
    graph = card.load(name).graph

    assert (graph.height_px, graph.width_px) == (REFERENCES[name].card_side_px,) * 2


@pytest.mark.parametrize("name", [n for n in REFERENCES if n.startswith("rmbg")])
def test_weights_without_commercial_use_are_not_installed_unasked(
    name: str, tmp_path: Path
) -> None:
    path = published_networks.write(tmp_path / "rmbg.onnx", REFERENCES[name].shape)

    with pytest.raises(LicenceError, match=f"{name} may not be used commercially"):
        install(card.load(name), tmp_path / "repository", InstallOptions(from_file=path))

    assert not (tmp_path / "repository").exists()


@pytest.mark.parametrize(
    ("name", "change", "problem"),
    [
        ("isnet-general-use", Shape(keeps_batch_of_one=True), "cannot be run on a batch of 3"),
        ("modnet", Shape(ends_in="min_max"), "in a batch its answers differ by 0."),
    ],
)
async def test_what_cannot_be_batched_is_run_one_by_one(
    name: str, change: Shape, problem: str, tmp_path: Path
) -> None:
    reference = replace(REFERENCES[name], shape=change)
    path, proof = installed(name, reference, tmp_path)

    engine = InProcessEngine(tmp_path / "repository", threads=1)
    spec = await engine.spec(name)
    picture_u8 = pictures(32, 48, count=1)
    alphas_f32 = await engine.infer(name, picture_u8, timeout_s=60)
    await engine.close()

    assert problem in proof.batch_problem
    assert spec.max_batch_size == 1
    expected = published_answer(path, picture_u8[0], reference)
    np.testing.assert_allclose(alphas_f32[0], expected, atol=1e-4)


@pytest.mark.parametrize(
    "change",
    [Shape(is_half=True), Shape(is_half=True, is_channels_last=True), Shape(is_channels_last=True)],
)
async def test_other_precisions_and_layouts_are_served(change: Shape, tmp_path: Path) -> None:
    model = unpinned("rmbg-2.0")
    if change.is_channels_last:
        model = replace(model, graph=replace(model.graph, layout="NHWC"))
    path = published_networks.write(tmp_path / "it.onnx", change)
    options = InstallOptions(from_file=path, accept_licence=True)
    assert install(model, tmp_path / "repository", options) is not None

    engine = InProcessEngine(tmp_path / "repository", threads=1)
    batch_u8 = pictures(32, 48, count=1)
    await engine.spec(model.name)
    alphas_f32 = await engine.infer(model.name, batch_u8, timeout_s=60)
    await engine.close()

    # The same weights with single precision and planes are what the other shapes must come to.
    plain = published_networks.write(tmp_path / "plain.onnx", Shape())
    expected = published_answer(plain, batch_u8[0], REFERENCES["rmbg-2.0"])
    np.testing.assert_allclose(alphas_f32[0], expected, atol=5e-3 if change.is_half else 1e-5)
