"""What is inside the images, and what is not."""

import json
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.deploy.images.processes import run
from tests.deploy.images.standing_in import Image

LOCKS = {
    "gateway_image": ("gateway", "tracing"),
    "segmenter_image": ("segmenter", "tracing"),
    "models_image": ("tool",),
    "up_image": ("runtime",),
}
LARGEST_MB = {"gateway_image": 145, "segmenter_image": 235, "models_image": 80, "up_image": 700}
"""Beside the base image; measured were 131, 219, 66 and 635."""

PROGRAM = """
import json
from importlib.metadata import distributions
print(json.dumps({each.name: each.version for each in distributions()}))
"""

# The first test of an image builds it.
pytestmark = pytest.mark.timeout(900)

each_image = pytest.mark.parametrize("name", LOCKS)


@pytest.fixture
def image(name: str, request: pytest.FixtureRequest) -> Image:
    found: Image = request.getfixturevalue(name)
    return found


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(lock: str) -> dict[str, set[str]]:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)", text, re.MULTILINE):
        found.setdefault(normal(name), set()).add(version)
    return found


def installed(image: Image) -> dict[str, str]:
    done = run(image, ["/opt/mattebox/bin/python", "-c", PROGRAM])
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return {normal(name): version for name, version in found.items()}


def files(image: Image) -> list[Path]:
    return [path for path in image.root.rglob("*") if path.is_file() and not path.is_symlink()]


@each_image
def test_every_package_is_a_locked_one(name: str, image: Image) -> None:
    found = installed(image)
    assert found.pop("mattebox") == "0.1.0"

    allowed: dict[str, set[str]] = {}
    for lock in LOCKS[name]:
        allowed |= locked(lock)
    assert {
        each for each, version in found.items() if version not in allowed.get(each, set())
    } == set()


@each_image
def test_no_image_has_what_installs_or_compiles(name: str, image: Image) -> None:
    names = {path.name for path in files(image)}
    assert not {"pip", "pip3", "gcc", "cc", "ld", "make", "apt-get"} & names
    assert list(image.root.glob("usr/local/lib/python3*/site-packages/*")) == []
    for module in ("pip", "ensurepip", "setuptools", "hatchling", "ziglang", "pytest", "tests"):
        done = run(image, ["/opt/mattebox/bin/python", "-c", f"import {module}"])
        assert "ModuleNotFoundError" in done.stderr, f"{name} has {module}"


@pytest.mark.parametrize(
    ("name", "absent"),
    [
        ("gateway_image", "numpy"),
        ("gateway_image", "PIL"),
        ("segmenter_image", "aiohttp"),
        ("segmenter_image", "sqlalchemy"),
        ("segmenter_image", "onnxruntime"),
        ("models_image", "numpy"),
        ("models_image", "onnx"),
    ],
)
def test_an_image_has_only_its_services_extras(name: str, absent: str, image: Image) -> None:
    done = run(image, ["/opt/mattebox/bin/python", "-c", f"import {absent}"])
    assert f"No module named '{absent}'" in done.stderr, name


def test_the_segmenter_has_numpy_2(segmenter_image: Image) -> None:
    assert installed(segmenter_image)["numpy"].startswith("2.")


@each_image
def test_nothing_belongs_to_the_user_but_where_volumes_go(name: str, image: Image) -> None:
    mine = [path for path in image.root.rglob("*") if path.lstat().st_uid == image.user]
    assert {path.relative_to(image.root).as_posix() for path in mine} <= {"data", "models"}, name
    writable = [path for path in files(image) if path.stat().st_mode & 0o022]
    assert writable == []


@each_image
def test_modules_are_compiled_and_not_looked_at_again(name: str, image: Image) -> None:
    compiled = list((image.root / "opt/mattebox/lib/python3.11/site-packages").rglob("*.pyc"))
    sources = list((image.root / "opt/mattebox/lib/python3.11/site-packages").rglob("*.py"))
    assert len(compiled) > 0.95 * len(sources), name
    # The flags of unchecked hashes, at bytes 4 to 8 of the file.
    assert {path.read_bytes()[4:8] for path in compiled} == {b"\1\0\0\0"}


@each_image
def test_an_image_is_as_large_as_it_was(name: str, image: Image) -> None:
    inodes = {
        path.stat().st_ino: path.stat().st_size for path in files(image) if "opt" in path.parts
    }
    size_mb = sum(inodes.values()) / 1e6
    assert LARGEST_MB[name] / 2 < size_mb < LARGEST_MB[name], f"{name}: {size_mb:.0f} MB"


@each_image
def test_the_process_is_nobody_and_can_write_nothing(name: str, image: Image) -> None:
    program = """
import json, os, pathlib
status = dict(line.split(":\\t") for line in open("/proc/self/status") if ":\\t" in line)
writable = []
for place in ("/", "/tmp", "/opt/mattebox", "/usr/local", "/data", "/models", "/etc"):
    try:
        pathlib.Path(place, "x").write_text("x")
        writable.append(place)
    except OSError:
        pass
read_only = [bool(os.statvfs(place).f_flag & os.ST_RDONLY) for place in ("/", "/opt", "/usr/local")]
who = [os.getuid(), os.getgid(), os.getpid()]
print(json.dumps([who, status["CapEff"].strip(), writable, read_only]))
"""
    done = run(image, ["/opt/mattebox/bin/python", "-c", program])
    assert json.loads(done.stdout) == [[65532, 65532, 1], "0" * 16, [], [True] * 3], (
        name,
        done.stderr,
    )
