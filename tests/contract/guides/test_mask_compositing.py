"""The programs of the guide to masks give what the service itself would give."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import ROOT
from tests.contract.client import Client
from tests.contract.guides.programs import Programs
from tests.contract.pictures import Pixels, differs_on_average_by

pytestmark = pytest.mark.e2e

PHOTO = ROOT / "tests" / "data" / "coffee.jpg"


@pytest.fixture(scope="module")
def programs(service: Client, tmp_path_factory: pytest.TempPathFactory) -> Programs:
    return Programs.of("mask-compositing", tmp_path_factory.mktemp("masks"), service)


def pixels(path: Path) -> Pixels:
    with Image.open(path) as image:
        return np.array(image.convert("RGB"))


def test_a_cut_out_laid_on_a_colour_is_what_the_service_lays_there(
    programs: Programs, service: Client
) -> None:
    programs.said("many_backgrounds.py", str(PHOTO), "teal", "white")
    for colour in ("teal", "white"):
        there = service.post_file(PHOTO.read_bytes(), {"bg_color": colour}).image("PNG")
        here_u8 = pixels(programs.folder / f"{colour}.png")
        assert differs_on_average_by(here_u8, np.array(there.convert("RGB"))) < 1


def test_a_portrait_keeps_its_subject_and_blurs_the_rest(
    programs: Programs, service: Client
) -> None:
    programs.said("portrait.py", str(PHOTO), "portrait.png")
    portrait_u8, photo_u8 = pixels(programs.folder / "portrait.png"), pixels(PHOTO)
    mask_u8 = service.post_file(PHOTO.read_bytes(), {"channels": "alpha"}).mask_u8

    subject, behind = mask_u8 == 255, mask_u8 == 0
    assert subject.sum() > 10_000
    assert (portrait_u8[subject] == photo_u8[subject]).all()
    assert roughness(portrait_u8, behind) < roughness(photo_u8, behind) / 3


def test_the_alpha_of_a_cut_out_is_the_mask(service: Client) -> None:
    photo = PHOTO.read_bytes()
    mask_u8 = service.post_file(photo, {"channels": "alpha"}).mask_u8
    assert (service.post_file(photo).rgba_u8[..., 3] == mask_u8).all()


def roughness(rgb_u8: Pixels, where: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]") -> float:
    """How much neighbours in a row differ, among the pixels that are named."""
    steps = np.abs(np.diff(rgb_u8.astype(np.float64), axis=1)).mean(axis=2)
    return float(steps[where[:, 1:] & where[:, :-1]].mean())
