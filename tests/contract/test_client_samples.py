"""Clients as documentations of background removal show them, with another host and key only."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.contract.client import Client, opened
from tests.contract.picture_host import PictureHost
from tests.contract.pictures import Pixels, crop_box, differs_on_average_by, encoded, over, photo

pytestmark = pytest.mark.e2e

Options = tuple[tuple[str, str], ...]

SAMPLES = Path(__file__).with_name("samples")


@dataclass(frozen=True, slots=True)
class Sample:
    """A client, and what must lie in the file that it writes."""

    name: str
    image_format: str
    mode: str
    fields: Options = ()
    """Options that make the same picture as a PNG."""

    background: tuple[int, int, int, int] = (0, 0, 0, 0)
    needs_url: bool = False


WHITE, TEAL = (255, 255, 255, 255), (0, 128, 128, 255)
CROP = (("crop", "true"),)
MASK = (("channels", "alpha"),)

ALL = [
    Sample("curl_file.sh", "PNG", "RGBA"),
    Sample("curl_url.sh", "JPEG", "RGB", CROP, WHITE, needs_url=True),
    Sample("curl_urlencoded.sh", "PNG", "L", MASK, needs_url=True),
    Sample("curl_binary.sh", "WEBP", "RGBA", CROP),
    Sample("curl_binary_untyped.sh", "PNG", "RGBA"),
    Sample("curl_json.sh", "PNG", "RGBA"),
    Sample("curl_pipe.sh", "PNG", "RGBA"),
    Sample("node_form.mjs", "PNG", "RGBA"),
    Sample("node_json.mjs", "WEBP", "RGB", CROP, TEAL),
    Sample("node_mask.mjs", "PNG", "L", MASK),
    Sample("node_stream.mjs", "PNG", "L", MASK),
    Sample("python_files.py", "PNG", "RGBA", CROP),
    Sample("python_data.py", "JPEG", "RGB", (), TEAL, needs_url=True),
    Sample("python_json.py", "PNG", "L", MASK),
    Sample("python_raw.py", "TIFF", "RGBA"),
    Sample("python_retry.py", "WEBP", "RGBA", (("despill", "true"),)),
]
PROGRAMS = {".sh": "sh", ".mjs": "node", ".py": sys.executable}


@pytest.fixture(scope="module")
def jpeg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("input") / "photo.jpg"
    file.write_bytes(encoded(photo(), "JPEG", quality=95))
    return file


@pytest.fixture
def environment(service: Client, jpeg: Path) -> dict[str, str]:
    """What samples read: all that a caller changes."""
    return {"BASE_URL": service.url, "API_KEY": service.key, "INPUT": str(jpeg)}


@pytest.fixture(scope="module")
def wanted(service: Client, jpeg: Path) -> Callable[[Options], Pixels]:
    """Makes what the service answers with as a PNG, once for all samples of the same options."""

    @cache
    def made(options: Options) -> Pixels:
        return np.array(service.post_file(jpeg.read_bytes(), dict(options)).image("PNG"))

    return made


def test_every_sample_is_run() -> None:
    files = {path.name for path in SAMPLES.iterdir() if path.is_file()}
    assert {sample.name for sample in ALL} == files - {"__init__.py"}


@pytest.mark.parametrize("sample", ALL, ids=lambda sample: sample.name)
def test_a_documented_client_works_with_another_host_and_key(
    environment: dict[str, str],
    request: pytest.FixtureRequest,
    wanted: Callable[[Options], Pixels],
    tmp_path: Path,
    sample: Sample,
) -> None:
    if sample.needs_url:
        host: PictureHost = request.getfixturevalue("host")
        host.pages["/sample.jpg"] = Path(environment["INPUT"]).read_bytes()
        environment["IMAGE_URL"] = f"{host.url}/sample.jpg"
    written = run(sample.name, environment, tmp_path / "output")
    check(sample, opened(written, sample.image_format), wanted(sample.fields))


@pytest.mark.parametrize("name", ["curl_file.sh", "node_json.mjs", "python_data.py"])
def test_a_documented_client_learns_that_its_key_is_wrong(
    environment: dict[str, str], host: PictureHost, tmp_path: Path, name: str
) -> None:
    environment |= {"API_KEY": "wrong", "IMAGE_URL": f"{host.url}/photo.jpg"}
    done = launched(name, environment, tmp_path / "output")
    assert done.returncode != 0
    said = "401" if name == "curl_file.sh" else "Invalid or revoked API key."
    assert said in done.stderr


def launched(
    name: str, environment: dict[str, str], output: Path
) -> "subprocess.CompletedProcess[str]":
    """Runs a sample to its end; skips where there is nothing to run it with."""
    program = PROGRAMS[Path(name).suffix]
    for needed in {program, "curl"} if program == "sh" else {program}:
        if shutil.which(needed) is None:
            pytest.skip(f"{needed} is not installed")
    kept = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
    return subprocess.run(
        [program, str(SAMPLES / name)],
        env=kept | environment | {"OUTPUT": str(output)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def run(name: str, environment: dict[str, str], output: Path) -> bytes:
    """Runs a sample that must succeed; returns what it has written."""
    done = launched(name, environment, output)
    assert done.returncode == 0, done.stderr
    return output.read_bytes()


def check(sample: Sample, image: Image.Image, wanted_u8: Pixels) -> None:
    """Compares what a client got with what the service makes of the same picture."""
    assert image.mode == sample.mode
    found_u8 = np.array(image)
    if sample.mode == "L":
        assert (found_u8 == wanted_u8).all()
    elif sample.mode == "RGB":
        flat = over(wanted_u8, sample.background)[..., :3]
        assert differs_on_average_by(found_u8, flat) < 4
    else:
        assert differs_on_average_by(found_u8[..., 3], wanted_u8[..., 3]) < 1
        assert differs_on_average_by(over(found_u8, WHITE), over(wanted_u8, WHITE)) < 3
        assert found_u8[crop_box(found_u8[..., 3])].size > 1000
