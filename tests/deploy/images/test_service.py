"""The images as they are run: models delivered, segmenter and gateway in front of a real Triton."""

import io
import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image as Picture

from mattebox.models.digest import sha256_of
from tests.conftest import ROOT
from tests.deploy.images.processes import Running, owned, run, running
from tests.deploy.images.real_triton import real_triton
from tests.deploy.images.standing_in import Image, Mount
from tests.ports import free_port

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

LOOPBACK = "127.0.0.1"
DELIVER = ("models", "deliver", "u2netp", "--from", "/opt/mattebox/model_repository")


@dataclass(frozen=True, slots=True)
class Gateway:
    """A running gateway, and the folder of its database."""

    running: Running
    url: str
    data: Path
    env: dict[str, str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("service")


@pytest.fixture(scope="module")
def models(models_image: Image, folder: Path) -> Path:
    """The folder into which the image of the models has delivered."""
    models = owned(folder / "models", models_image)
    done = run(
        models_image,
        [*models_image.entrypoint, *models_image.cmd],
        mounts=[Mount(models, "/models", writable=True)],
    )
    assert (done.returncode, done.stdout) == (0, "Delivered u2netp to /models.\n"), done.stderr
    return models


@pytest.fixture(scope="module")
def triton(models: Path, folder: Path) -> Iterator[str]:
    with real_triton(models / "u2netp", folder) as target:
        yield target


@pytest.fixture(scope="module")
def segmenter(segmenter_image: Image, triton: str, folder: Path) -> Iterator[tuple[Running, str]]:
    port, metrics = free_port(LOOPBACK), free_port(LOOPBACK)
    env = {
        "MATTEBOX_SEGMENTER_GRPC_PORT": str(port),
        "MATTEBOX_SEGMENTER_METRICS_PORT": str(metrics),
        "MATTEBOX_SEGMENTER_ENGINE_TRITON_TARGET": triton,
    }
    with running(segmenter_image, folder, env=env) as process:
        process.await_ready(f"http://{LOOPBACK}:{metrics}/ready")
        yield process, f"{LOOPBACK}:{port}"


@pytest.fixture(scope="module")
def gateway(
    gateway_image: Image, segmenter: tuple[Running, str], folder: Path
) -> Iterator[Gateway]:
    port, metrics = free_port(LOOPBACK), free_port(LOOPBACK)
    data = owned(folder / "data", gateway_image)
    env = {
        "MATTEBOX_GATEWAY_HTTP_PORT": str(port),
        "MATTEBOX_GATEWAY_METRICS_PORT": str(metrics),
        "MATTEBOX_GATEWAY_SEGMENTER_TARGET": segmenter[1],
        "MATTEBOX_GATEWAY_DATABASE_URL": "sqlite:////data/mattebox.db",
    }
    mounts = [Mount(data, "/data", writable=True)]
    with running(gateway_image, folder, env=env, mounts=mounts) as process:
        url = f"http://{LOOPBACK}:{port}"
        process.await_ready(f"{url}/v2/health")
        yield Gateway(process, url, data, env)


def new_key(image: Image, gateway: Gateway) -> str:
    """Makes a key as an operator does, inside the running container."""
    mounts = [Mount(gateway.data, "/data", writable=True)]
    mattebox = "/opt/mattebox/bin/mattebox"
    account = run(image, [mattebox, "accounts", "create", "ann@example.com"], gateway.env, mounts)
    assert account.returncode == 0, account.stderr
    create = [mattebox, "keys", "create", "--account", "ann@example.com", "--json"]
    done = run(image, create, gateway.env, mounts)
    assert done.returncode == 0, done.stderr
    key: str = json.loads(done.stdout)["key"]
    return key


def test_what_is_delivered_is_what_is_in_the_image(models_image: Image, models: Path) -> None:
    source = models_image.root / "opt/mattebox/model_repository"
    files = [path for path in source.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"config.pbtxt", "model.onnx", "provenance.json"}
    for path in files:
        assert sha256_of(path) == sha256_of(models / path.relative_to(source))


def test_a_second_delivery_needs_no_writing(models_image: Image, models: Path) -> None:
    done = run(
        models_image,
        [*models_image.entrypoint, *DELIVER, "--to", "/models"],
        mounts=[Mount(models, "/models")],
    )
    assert (done.returncode, done.stdout) == (0, "u2netp is in /models already.\n"), done.stderr


def test_a_delivery_to_where_nothing_may_be_written_says_so(models_image: Image) -> None:
    done = run(models_image, [*models_image.entrypoint, *DELIVER, "--to", "/models"])

    assert done.returncode == 1
    assert done.stderr.startswith("mattebox: /models")
    assert "Read-only file system" in done.stderr


def test_a_picture_is_cut_out(gateway_image: Image, gateway: Gateway) -> None:
    request = urllib.request.Request(
        f"{gateway.url}/v2",
        (ROOT / "tests/data/coffee.jpg").read_bytes(),
        {"x-api-key": new_key(gateway_image, gateway), "Content-Type": "image/jpeg"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        body = answer.read()

    with Picture.open(io.BytesIO(body), formats=["PNG"]) as picture:
        assert picture.mode == "RGBA"
        low, high = picture.getchannel("A").getextrema()
    assert (low, high) == (0, 255)


def test_its_health_can_be_asked_from_inside(gateway_image: Image, gateway: Gateway) -> None:
    port = gateway.env["MATTEBOX_GATEWAY_METRICS_PORT"]
    ask = ["/opt/mattebox/bin/python", "-m", "telemetry.probe", f"http://{LOOPBACK}:{port}"]

    assert run(gateway_image, [*ask[:-1], f"{ask[-1]}/ready"]).returncode == 0
    assert run(gateway_image, [*ask[:-1], f"{ask[-1]}/elsewhere"]).returncode == 1


def test_its_processes_are_nobody(segmenter: tuple[Running, str], gateway: Gateway) -> None:
    for process in (segmenter[0], gateway.running):
        status = Path(f"/proc/{process.pid}/status").read_text()
        assert "\nCapEff:\t0000000000000000\n" in status
        assert "\nNoNewPrivs:\t1\n" in status


def test_they_stop_when_they_are_told(segmenter: tuple[Running, str], gateway: Gateway) -> None:
    assert gateway.running.stop() == 0
    assert segmenter[0].stop() == 0
