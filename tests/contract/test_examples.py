"""The programs in `examples/`, run as their heads say, against the running service."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
from PIL import Image

from tests.conftest import ROOT
from tests.contract.answering_server import answering_server
from tests.contract.client import Client, opened
from tests.contract.pictures import Pixels, differs_on_average_by, encoded, over, photo

pytestmark = pytest.mark.e2e

EXAMPLES = ROOT / "examples"
PROGRAMS = {".sh": "sh", ".mjs": "node", ".py": sys.executable}
WHITE, TEAL = (255, 255, 255, 255), (0, 128, 128, 255)
REVOKED = "Invalid or revoked API key."


@pytest.fixture
def environment(service: Client, facts: dict[str, Any]) -> dict[str, str]:
    """What examples read."""
    return {
        "MATTEBOX_URL": service.url,
        "MATTEBOX_KEY": service.key,
        "MATTEBOX_GRPC": facts["grpc"],
    }


@pytest.fixture(scope="module")
def cup_jpeg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("input") / "cup.jpg"
    path.write_bytes(encoded(photo(), "JPEG", quality=95))
    return path


@pytest.fixture(scope="module")
def no_image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("input") / "notes.jpg"
    path.write_text("no image")
    return path


@pytest.fixture(scope="module")
def wanted_u8(service: Client, cup_jpeg: Path) -> Pixels:
    """The cut-out of the cup, whole."""
    return np.array(service.post_file(cup_jpeg.read_bytes()).image("PNG"))


@pytest.fixture(scope="module")
def cropped_u8(service: Client, cup_jpeg: Path) -> Pixels:
    """The cut-out of the cup, cropped."""
    return np.array(service.post_file(cup_jpeg.read_bytes(), {"crop": "true"}).image("PNG"))


def command(name: str) -> list[str]:
    """How an example is run; skips where there is nothing to run it with."""
    program = PROGRAMS[Path(name).suffix]
    for needed in (program, "curl") if program == "sh" else (program,):
        if shutil.which(needed) is None:
            pytest.skip(f"{needed} is not installed")
    return [program, str(EXAMPLES / name)]


def variables(environment: Mapping[str, str]) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
    return kept | dict(environment)


def launched(
    name: str, environment: Mapping[str, str], *arguments: object
) -> "subprocess.CompletedProcess[str]":
    """Runs an example to its end."""
    return subprocess.run(
        [*command(name), *map(str, arguments)],
        env=variables(environment),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def run(name: str, environment: Mapping[str, str], *arguments: object) -> str:
    """Runs an example that must succeed; returns what it prints."""
    done = launched(name, environment, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def looks_like(image: Image.Image, wanted_u8: Pixels) -> bool:
    """Whether two cut-outs are the same to the eye, hidden colours aside."""
    found_u8 = np.array(image)
    return (
        found_u8.shape == wanted_u8.shape
        and differs_on_average_by(found_u8[..., 3], wanted_u8[..., 3]) < 1
        and differs_on_average_by(over(found_u8, WHITE), over(wanted_u8, WHITE)) < 3
    )


def test_every_example_is_run_and_listed() -> None:
    files = {path.name for path in EXAMPLES.iterdir() if path.is_file()} - {"README.md"}
    here = Path(__file__).read_text()

    assert {name for name in files if f'"{name}"' not in here} == set()
    assert (
        set(re.findall(r"^\| \[`(.+?)`\]", (EXAMPLES / "README.md").read_text(), re.MULTILINE))
        == files
    )


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.glob("*.*[!d]")))
def test_the_head_of_an_example_says_how_it_is_run(name: str) -> None:
    head = (EXAMPLES / name).read_text()[:800]

    assert f"examples/{name}" in head
    assert ("MATTEBOX_URL=" in head) != ("MATTEBOX_GRPC=" in head)


@pytest.mark.parametrize(
    ("name", "image_format", "wanted"),
    [
        ("curl_remove.sh", "PNG", "wanted_u8"),
        ("python_remove.py", "WEBP", "cropped_u8"),
        ("python_grpc_stubs.py", "WEBP", "cropped_u8"),
        ("node_fetch.mjs", "PNG", "cropped_u8"),
    ],
)
def test_one_photo_becomes_one_cut_out(
    environment: dict[str, str],
    cup_jpeg: Path,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    *,
    name: str,
    image_format: str,
    wanted: str,
) -> None:
    target = tmp_path / "cut-out"

    run(name, environment, cup_jpeg, target)

    found = opened(target.read_bytes(), image_format)
    assert looks_like(found, request.getfixturevalue(wanted))
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("curl_remove.sh", '"invalid_image"'),
        ("python_remove.py", "is no image, or a broken one"),
        ("python_grpc_stubs.py", "INVALID_IMAGE"),
        ("node_fetch.mjs", "invalid_image"),
    ],
)
def test_a_file_that_is_no_image_is_told_and_leaves_nothing(
    environment: dict[str, str], no_image: Path, tmp_path: Path, name: str, said: str
) -> None:
    done = launched(name, environment, no_image, tmp_path / "cut-out")

    assert done.returncode != 0
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["curl_remove.sh", "python_remove.py", "node_fetch.mjs", "python_mask.py"]
)
def test_a_wrong_key_is_told(
    environment: dict[str, str], cup_jpeg: Path, tmp_path: Path, name: str
) -> None:
    target = tmp_path / "cut-out.png"
    environment |= {"MATTEBOX_KEY": "wrong"}
    arguments = [cup_jpeg, cup_jpeg, target] if name == "python_mask.py" else [cup_jpeg, target]

    done = launched(name, environment, *arguments)

    assert done.returncode != 0
    assert REVOKED in done.stderr
    assert not target.exists()


@pytest.mark.parametrize("name", ["curl_remove.sh", "python_remove.py", "node_fetch.mjs"])
def test_what_passes_is_tried_again(
    cup_jpeg: Path, tmp_path: Path, cup_reply: Any, name: str
) -> None:
    target = tmp_path / "cut-out"
    with answering_server([503, 429, 200], cup_reply.body) as server:
        run(name, {"MATTEBOX_URL": server.url, "MATTEBOX_KEY": "key"}, cup_jpeg, target)

    assert len(server.asked) == 3
    assert target.read_bytes() == cup_reply.body


def test_a_folder_is_done_but_for_what_is_no_image(
    environment: dict[str, str],
    cup_jpeg: Path,
    no_image: Path,
    wanted_u8: Pixels,
    tmp_path: Path,
) -> None:
    photos, cut_outs = tmp_path / "photos", tmp_path / "cut-outs"
    photos.mkdir()
    for number in range(6):
        shutil.copy(cup_jpeg, photos / f"{number}.jpg")
    shutil.copy(no_image, photos / "notes.jpg")

    done = launched("python_folder.py", environment, photos, cut_outs)

    assert (done.returncode, done.stdout) == (1, "6 done, 1 failed\n")
    assert "notes.jpg" in done.stderr
    assert {path.name for path in cut_outs.iterdir()} == {f"{n}.jpg.png" for n in range(6)}
    for path in cut_outs.iterdir():
        assert looks_like(opened(path.read_bytes(), "PNG"), wanted_u8)


def test_a_queue_is_emptied(
    environment: dict[str, str],
    cup_jpeg: Path,
    no_image: Path,
    wanted_u8: Pixels,
    tmp_path: Path,
) -> None:
    queue, target = tmp_path / "jobs.sqlite3", tmp_path / "cut-out.png"
    for source in (cup_jpeg, no_image, tmp_path / "missing.jpg"):
        run("python_queue_worker.py", environment, queue, "add", source, target)

    said = run("python_queue_worker.py", environment, queue, "work")

    assert looks_like(opened(target.read_bytes(), "PNG"), wanted_u8)
    assert f"{cup_jpeg}: done" in said
    assert [state for _, state, _ in jobs(queue)] == ["done", "failed", "failed"]
    assert run("python_queue_worker.py", environment, queue, "work") == ""


def test_a_queue_survives_an_outage(
    environment: dict[str, str], cup_jpeg: Path, cup_reply: Any, tmp_path: Path
) -> None:
    queue, target = tmp_path / "jobs.sqlite3", tmp_path / "cut-out.png"
    run("python_queue_worker.py", environment, queue, "add", cup_jpeg, target)

    with answering_server([503, 429, 503, 200], cup_reply.body) as server:
        environment |= {"MATTEBOX_URL": server.url}
        said = run("python_queue_worker.py", environment, queue, "work")

    assert said.count("waiting") == 3
    assert [(attempts, state) for attempts, state, _ in jobs(queue)] == [(4, "done")]
    assert target.read_bytes() == cup_reply.body


def jobs(queue: Path) -> list[tuple[int, str, str | None]]:
    with closing(sqlite3.connect(queue)) as database:
        return database.execute("SELECT attempts, state, error FROM jobs ORDER BY rowid").fetchall()


def test_a_mask_puts_the_subject_before_another_background(
    environment: dict[str, str], cup_jpeg: Path, wanted_u8: Pixels, tmp_path: Path
) -> None:
    background, target = tmp_path / "background.png", tmp_path / "composed.png"
    background.write_bytes(encoded(Image.new("RGB", (50, 90), TEAL[:3])))

    run("python_mask.py", environment, cup_jpeg, background, target)

    found_u8 = np.array(opened(target.read_bytes(), "PNG"))
    assert differs_on_average_by(found_u8, over(wanted_u8, TEAL)[..., :3]) < 3


def test_many_photos_come_over_one_stream(
    environment: dict[str, str],
    cup_jpeg: Path,
    no_image: Path,
    wanted_u8: Pixels,
    tmp_path: Path,
) -> None:
    done = launched("python_grpc.py", environment, tmp_path / "out", cup_jpeg, no_image)

    assert (done.returncode, done.stdout) == (1, "1 done, 1 failed\n")
    assert "notes.jpg" in done.stderr
    found = opened((tmp_path / "out" / "cup.jpg.png").read_bytes(), "PNG").convert("RGB")
    assert differs_on_average_by(np.array(found), over(wanted_u8, TEAL)[..., :3]) < 3


@contextmanager
def backend(environment: Mapping[str, str]) -> Iterator[str]:
    """The backend's URL while it runs."""
    process = subprocess.Popen(
        command("node_backend.mjs"),
        env=variables({**environment, "PORT": "0"}),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().removeprefix("listening on ").strip()
    finally:
        process.kill()
        process.communicate()


def test_a_backend_passes_photos_on_and_cut_outs_back(
    environment: dict[str, str], cup_jpeg: Path, no_image: Path, cropped_u8: Pixels
) -> None:
    with backend(environment) as url:
        made = requests.post(f"{url}/cut-out", cup_jpeg.read_bytes(), timeout=60)
        refused = requests.post(f"{url}/cut-out", no_image.read_bytes(), timeout=60)
        elsewhere = [requests.get(f"{url}{path}", timeout=60) for path in ("/", "/cut-out")]

    assert (made.status_code, made.headers["Content-Type"]) == (200, "image/webp")
    assert looks_like(opened(made.content, "WEBP"), cropped_u8)
    assert refused.status_code == 400
    assert "no image of a known format" in refused.json()["message"]
    assert [each.status_code for each in elsewhere] == [404, 404]


def test_a_backend_keeps_its_own_troubles_to_itself(
    environment: dict[str, str], cup_jpeg: Path
) -> None:
    with backend({**environment, "MATTEBOX_KEY": "wrong"}) as url:
        refused = requests.post(f"{url}/cut-out", cup_jpeg.read_bytes(), timeout=60)

    assert (refused.status_code, refused.json()) == (503, {"message": "Try again later."})
