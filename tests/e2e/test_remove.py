"""`mattebox remove` with the real network: by an engine of its own, and by a running Mattebox."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.conftest import ROOT
from tests.running_service import running_service

pytestmark = pytest.mark.e2e

PHOTOS = ("coffee.jpg", "rocket.jpg")


@pytest.fixture(scope="module")
def facts(
    tmp_path_factory: pytest.TempPathFactory, model_repository: Path
) -> Iterator[Mapping[str, Any]]:
    """Where a running service is, which computes as an own engine does."""
    folder = tmp_path_factory.mktemp("up")
    with running_service(folder, model_repository, "onnxruntime") as running:
        yield running.facts


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with a small folder of photos."""
    (tmp_path / "photos").mkdir()
    for name in PHOTOS:
        (tmp_path / "photos" / name).symlink_to(ROOT / "tests" / "data" / name)
    return tmp_path


def remove(
    here: Path, *arguments: str, stdin: bytes = b"", **env: str
) -> "subprocess.CompletedProcess[bytes]":
    ours = {name: value for name, value in os.environ.items() if "MATTEBOX" not in name}
    return subprocess.run(
        [str(Path(sys.executable).with_name("mattebox")), "remove", *arguments],
        cwd=here,
        env=ours | env,
        input=stdin,
        capture_output=True,
        timeout=100,
        check=False,
    )


def cut_outs(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_own_engine_and_both_ways_to_a_service_make_the_same_cut_outs(
    here: Path, model_repository: Path, facts: Mapping[str, Any]
) -> None:
    own = remove(here, "photos", "--out", "own", "--model-repository", str(model_repository))
    key = {"MATTEBOX_URL": facts["http"], "MATTEBOX_KEY": facts["api_key"]}
    over_http = remove(here, "photos", "--out", "http", **key)
    over_grpc = remove(here, "photos", "--out", "grpc", "--grpc", facts["grpc"])

    for done in (own, over_http, over_grpc):
        assert done.returncode == 0, done.stderr.decode()
        assert b"2 done in " in done.stderr
    made = cut_outs(here / "own")
    assert set(made) == {"coffee.png", "rocket.png"}
    assert cut_outs(here / "http") == made
    assert cut_outs(here / "grpc") == made
    with Image.open(io.BytesIO(made["coffee.png"])) as image:
        alpha = np.asarray(image)[..., 3]
    assert 0.2 < (alpha == 255).mean() < 0.6
    assert alpha[0, 0] == 0


def test_a_pipe_goes_through_a_service(here: Path, facts: Mapping[str, Any]) -> None:
    photo = (here / "photos" / "coffee.jpg").read_bytes()

    done = remove(here, "-", "--channels", "alpha", "--grpc", facts["grpc"], stdin=photo)

    assert done.returncode == 0, done.stderr.decode()
    with Image.open(io.BytesIO(done.stdout)) as image:
        assert (image.mode, image.size) == ("L", (600, 400))


def test_a_key_that_is_none_ends_the_job(here: Path, facts: Mapping[str, Any]) -> None:
    done = remove(here, "photos", "--url", facts["http"], "--key", "mb_live_wrong")

    assert done.returncode == 1
    assert done.stderr.startswith(b"invalid_api_key: ")
    assert len(done.stderr.splitlines()) == 1
