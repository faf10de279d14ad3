"""What all Dockerfiles have in common, and what linters say of them."""

import re
import subprocess
from pathlib import Path

import pytest

from mattebox.up import plans
from mattebox.up.options import EngineChoice, UpOptions
from mattebox.up.plans import Engine
from mattebox.up.ports import Ports
from tests.conftest import ROOT
from tests.deploy.images.dockerfile import Dockerfile, parsed
from tests.deploy.images.reading import Configuration, read

FILES = sorted((ROOT / "deploy" / "docker").glob("*.Dockerfile"))
TOOLS = ROOT / ".venv-deploy" / "bin"

each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem.split(".")[0])


def configuration(file: Dockerfile) -> Configuration:
    found, _ = read(file.stages[-1].instructions, Configuration(), {}, file.arguments)
    return found


def tool(name: str) -> str:
    if not (TOOLS / name).exists():
        pytest.skip(f"{name} is not installed: run `make .venv-deploy/.ready`")
    return str(TOOLS / name)


def test_there_is_one_for_each_image() -> None:
    names = [path.name.removesuffix(".Dockerfile") for path in FILES]
    assert names == ["gateway", "models", "segmenter", "up"]


@each_file
def test_the_linter_has_nothing_to_say(path: Path) -> None:
    done = subprocess.run(
        [tool("hadolint"), str(path)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


@each_file
def test_an_image_starts_without_a_shell_as_nobody(path: Path) -> None:
    found = configuration(parsed(path))

    assert found.user == "65532:65532"
    assert found.workdir == "/"
    (program,) = found.entrypoint
    assert program.startswith("/opt/mattebox/bin/mattebox")
    assert found.env["PATH"].startswith("/opt/mattebox/bin:")
    assert found.env["PYTHONDONTWRITEBYTECODE"] == "1"
    assert not [name for name in found.env if name.startswith("MATTEBOX_")]


@each_file
def test_an_image_says_what_it_is(path: Path) -> None:
    file = parsed(path)
    given = {"VERSION": "9.8.7", "REVISION": "0123abc"}
    found, _ = read(file.stages[-1].instructions, Configuration(), given, file.arguments)

    labels = {name.removeprefix("org.opencontainers.image."): v for name, v in found.labels.items()}
    assert labels["version"] == "9.8.7"
    assert labels["revision"] == "0123abc"
    assert labels["licenses"] == "Apache-2.0"
    assert labels["title"].startswith("Mattebox")
    assert labels["description"]


@each_file
def test_the_default_version_is_the_projects(path: Path) -> None:
    project = (ROOT / "pyproject.toml").read_text()
    (version,) = re.findall(r'^version = "(.+)"$', project, re.MULTILINE)
    assert configuration(parsed(path)).labels["org.opencontainers.image.version"] == version


@each_file
def test_only_locked_packages_are_installed(path: Path) -> None:
    file = parsed(path)
    runs = [each for stage in file.stages for each in stage.instructions if each.command == "RUN"]
    installs = [each.text for each in runs if " install " in each.text and "-m pip" in each.text]
    assert installs
    for text in installs:
        assert "--require-hashes --only-binary :all:" in text or "--no-index --no-deps" in text


def test_all_share_the_stages_that_are_the_same() -> None:
    wheels = {
        str(stage) for path in FILES for stage in parsed(path).stages if stage.name == "wheel"
    }
    models = [
        str(stage) for path in FILES for stage in parsed(path).stages if stage.name == "models"
    ]
    assert len(wheels) == 1
    assert len(models) == 2
    assert len(set(models)) == 1


@pytest.mark.parametrize("service", ["gateway", "segmenter"])
def test_memory_is_allocated_as_by_mattebox_up(service: str) -> None:
    ports = Ports(http=1, grpc=2, metrics=3, segmenter_metrics=4)
    options = UpOptions(
        host="127.0.0.1",
        port=1,
        grpc_port=2,
        metrics_port=3,
        state_dir=Path(),
        engine=EngineChoice.AUTO,
        models=("u2netp",),
        model_repository=Path(),
        ready_file=None,
        threads=None,
        log_level=None,
    )
    launch = {
        "gateway": plans.gateway(options, ports, Path("db")).launch,
        "segmenter": plans.segmenter(options, ports, Engine("triton", 1)).launch,
    }[service]
    image = configuration(parsed(ROOT / "deploy" / "docker" / f"{service}.Dockerfile")).env

    of_glibc = ("GLIBC_", "MALLOC_")
    wanted = {name: value for name, value in launch.env.items() if name.startswith(of_glibc)}
    assert len(wanted) == {"gateway": 3, "segmenter": 4}[service]
    assert {name: value for name, value in image.items() if name.startswith(of_glibc)} == wanted


@pytest.mark.parametrize(
    ("service", "ports"), [("gateway", (8080, 9090)), ("segmenter", (50051, 9091))]
)
def test_the_exposed_ports_are_the_settings_defaults(service: str, ports: tuple[int, ...]) -> None:
    file = parsed(ROOT / "deploy" / "docker" / f"{service}.Dockerfile")
    page = (ROOT / "docs" / "settings.md").read_text()
    defaults = re.findall(rf"`MATTEBOX_{service.upper()}_\w+_PORT` \| `(\d+)`", page)

    assert configuration(file).ports == ports
    assert tuple(map(int, defaults)) == ports
