"""What holds for the repository as a whole."""

import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2

from mattebox.models import card
from segmenter.inference.model_config import spec_from_config
from tests.conftest import ROOT

KERNELS = ROOT / "services" / "segmenter" / "imaging" / "kernels"
LOCKED = re.compile(
    r"[A-Za-z0-9_.-]+==[A-Za-z0-9_.+!]+( ; [\w.'()<>=!* ]+)? \\|"
    r"    --hash=sha256:[0-9a-f]{64}( \\)?"
)
"""A package with its version and its machines, or a hash: so neither an option nor a URL."""

LOCK_FILES = sorted((ROOT / "requirements").glob("*.txt"))


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - wherever the system has it
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this is no git checkout")
    return [name for name in listed.stdout.split("\0") if name]


@pytest.mark.parametrize("path", LOCK_FILES, ids=lambda path: path.stem)
def test_lock_files_hash_everything_and_name_no_index(path: Path) -> None:
    text = path.read_text()
    assert [line for line in text.splitlines() if not LOCKED.fullmatch(line)] == []
    packages = re.findall(r"^[A-Za-z0-9_.-]+==", text, re.MULTILINE)
    assert packages
    blocks = re.split(r"^(?=[A-Za-z0-9_.-]+==)", text, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in block for block in blocks)


def test_the_numpy_that_triton_can_bear_is_locked_beside_it() -> None:
    for name in ("runtime", "dev"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        versions = dict(re.findall(r"^numpy==(\d+)\.\S+ ; (.*) \\$", text, re.MULTILINE))
        assert "< '3.12'" in versions["1"]
    for name in ("segmenter", "numpy2"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        assert re.search(r"^numpy==2\.", text, re.MULTILINE)


@pytest.mark.parametrize("name", ["gateway", "runtime", "segmenter", "tool", "tracing"])
def test_what_builds_is_not_locked_with_what_runs(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    names = set(re.findall(r"^([A-Za-z0-9_.-]+)==", text, re.MULTILINE))
    assert not {"editables", "hatchling", "ziglang"} & names


def test_no_weights_and_no_large_files_are_committed() -> None:
    for name in tracked():
        assert not name.endswith((".onnx", ".pt", ".pth", ".safetensors", ".engine", ".plan"))
        path = ROOT / name
        if path.is_file():
            assert path.stat().st_size < 1_500_000, name


def test_nothing_is_committed_that_is_meant_to_stay_out() -> None:
    tracked()  # or there is no checkout to look at
    ignored = subprocess.run(
        ["git", "ls-files", "--cached", "--ignored", "--exclude-standard"],  # noqa: S607 - as above
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ignored.stdout.splitlines() == []


def test_every_committed_model_keeps_to_the_tensor_contract() -> None:
    committed = [name for name in tracked() if name.startswith("model_repository/")]
    configs = [ROOT / name for name in committed if name.endswith("/config.pbtxt")]
    assert configs
    for path in configs:
        config = text_format.Parse(path.read_text("utf-8"), model_config_pb2.ModelConfig())
        spec = spec_from_config(config)
        assert spec.name == path.parent.name
        assert spec.known_answer is not None
        sizes = (spec.input_height_px, spec.input_width_px)
        graph = card.load(spec.name).graph
        assert sizes == (graph.height_px, graph.width_px)


def test_the_wheel_holds_all_that_runs(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run([*build, "--directory", str(tmp_path)], cwd=ROOT, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    modules = (ROOT / "services").rglob("*.py")
    wanted = {path.relative_to(ROOT / "services").as_posix() for path in modules}
    wanted |= {f"mattebox/models/cards/{path.name}" for path in card.SHIPPED.iterdir()}
    wanted |= {"mattebox/up/backends/onnxruntime/model.py", "mattebox/py.typed"}
    wanted |= {"gateway/reference/openapi.json", "gateway/reference/page.css"}
    libraries = {path.name for path in KERNELS.glob("*.so")}
    assert "baseline.so" in libraries
    wanted |= {f"segmenter/imaging/kernels/{name}" for name in libraries}
    playground = ROOT / "services" / "gateway" / "playground" / "static"
    wanted |= {
        path.relative_to(ROOT / "services").as_posix()
        for path in playground.rglob("*")
        if path.is_file()
    }
    assert "gateway/playground/static/samples/coffee.jpg" in wanted
    assert wanted <= packed
    assert not [name for name in packed if name.endswith(".so.sha256")]
    # It holds what one kind of machine runs, with any Python.
    platform = re.sub(r"[-.]", "_", sysconfig.get_platform())
    assert wheel.name == f"mattebox-0.1.0-py3-none-{platform}.whl"


def test_no_page_holds_a_placeholder_or_a_broken_link() -> None:
    pages = [ROOT / name for name in tracked() if name.endswith(".md") and (ROOT / name).is_file()]
    assert pages
    for page in pages:
        text = page.read_text()
        assert not re.search(r"@[A-Z_]+@", text), page
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
            assert (page.parent / target).exists(), f"{page}: {target}"


def test_what_of_the_suite_runs_side_by_side_is_all_of_it() -> None:
    makefile = (ROOT / "Makefile").read_text()
    lanes = re.findall(r"^TESTS_OF_\w+ := (.+)$", makefile, re.MULTILINE)
    run = [folder for lane in lanes for folder in lane.split()]
    held = {
        f"tests/{path.relative_to(ROOT / 'tests').parts[0]}"
        for path in (ROOT / "tests").rglob("test_*.py")
    }

    assert len(lanes) == 3
    assert sorted(run) == sorted(held)
