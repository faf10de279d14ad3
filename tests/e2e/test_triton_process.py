"""The real Triton under `mattebox up`: our backend in it, its trouble, its end."""

import contextlib
import dataclasses
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Self
from urllib.request import urlopen

import numpy as np
import pytest
from numpy.typing import NDArray
from tritonclient.grpc import InferenceServerClient, InferInput
from tritonclient.utils import InferenceServerException

from mattebox.up import keeper, ports, triton_files, triton_server, triton_wheel
from mattebox.up.kept_process import KeptProcess
from mattebox.up.triton_server import TritonPorts, TritonSettings
from mattebox.up.triton_wheel import TritonWheel
from segmenter.inference.networks import open_network
from segmenter.inference.onnx_network import OnnxNetwork
from segmenter.inference.runtimes import CpuRuntime
from tests import network_files, toy_network
from tests.e2e import supervised_triton
from tests.processes import await_end
from tests.umasks import umask

pytestmark = pytest.mark.e2e

SHM = Path("/dev/shm")  # noqa: S108 - where Linux keeps it

_PATIENCE_S = 60.0
"""Half of what a test may take: a thread that waited for ever would keep the suite from ending."""

HANGING_MODEL = """
import threading

class TritonPythonModel:
    def execute(self, requests):
        open({entered!r}, "w").close()
        threading.Event().wait()
"""


@pytest.fixture(scope="module")
def wheel() -> TritonWheel:
    located = triton_wheel.locate()
    if (reason := triton_wheel.why_not(located)) is not None:
        pytest.skip(reason)
    assert located is not None
    return located


class Triton:
    """A server in this test's hands, with all models of a repository."""

    def __init__(
        self,
        folder: Path,
        wheel: TritonWheel,
        triton_ports: TritonPorts | None = None,
        env: dict[str, str] | None = None,
    ) -> None:
        """Starts it, and does not wait."""
        models = sorted((folder / "repository").iterdir())
        files = triton_files.put_together(folder / "triton", wheel, models)
        self.ports = triton_ports or TritonPorts(*ports.free_ports(3))
        self.shm_prefix = f"mattebox-{secrets.token_hex(4)}-"
        settings = TritonSettings(
            [model.name for model in models], threads=2, shm_prefix=self.shm_prefix
        )
        plan = triton_server.plan(wheel, files, self.ports, settings)
        launch = dataclasses.replace(plan.launch, env=dict(plan.launch.env) | (env or {}))
        self._ended: SimpleQueue[KeptProcess] = SimpleQueue()
        self.process = KeptProcess(launch, self._ended.put)
        self._health = plan.health(self.process.pid)

    def await_ready(self) -> Self:
        """Waits until it is ready, or has ended."""
        return self.await_that(self._health.ready)

    def await_that(self, condition: Callable[[], object]) -> Self:
        """Waits until this is so, or it has ended."""
        while self.process.exit_code is None and not condition():
            self._wait(0.05)
        return self

    def infer(self, batch_u8: NDArray[np.uint8], model: str = "a_toy") -> NDArray[np.float32]:
        return ask(self.ports.grpc, model, batch_u8)

    def metric(self, name: str, model: str) -> float:
        with urlopen(f"http://127.0.0.1:{self.ports.metrics}/metrics") as page:
            lines: list[str] = page.read().decode().splitlines()
        return next(
            float(line.rsplit(" ", 1)[1])
            for line in lines
            if line.startswith(f"{name}{{") and f'model="{model}"' in line
        )

    def end(self) -> None:
        self.process.kill()
        if self.process.exit_code is None:
            self._wait(30)

    def _wait(self, timeout_s: float) -> None:
        with contextlib.suppress(Empty):
            self._ended.get(timeout=timeout_s)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("up")
    repository = folder / "repository"
    toy_network.install(repository, "a_toy")
    toy_network.install(repository, "patient", queue_delay_us=30_000_000)
    toy_network.install_for_mnn(repository, "by_mnn")
    # Its configuration promises what its graph does not take.
    toy_network.install(repository, "wrong")
    config = repository / "wrong" / "config.pbtxt"
    config.write_text(config.read_text().replace("16", "8"))
    return folder


@pytest.fixture(scope="module")
def triton(folder: Path, wheel: TritonWheel) -> Iterator[Triton]:
    triton = Triton(folder, wheel).await_ready()
    yield triton
    triton.end()


@pytest.fixture(scope="module")
def sessions(folder: Path) -> Iterator[OnnxNetwork]:
    sessions = OnnxNetwork(folder / "repository" / "a_toy" / "1" / "model.onnx", threads=2)
    yield sessions
    sessions.close()


@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_its_answers_are_those_of_the_engine_in_process(
    triton: Triton, sessions: OnnxNetwork, count: int
) -> None:
    batch_u8 = toy_network.pictures(count)

    np.testing.assert_array_equal(triton.infer(batch_u8), sessions.run(batch_u8))


@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_a_network_with_a_form_for_mnn_is_computed_by_mnn(
    triton: Triton, folder: Path, count: int
) -> None:
    batch_u8 = toy_network.pictures(count)
    graph = folder / "repository" / "by_mnn" / "1" / "model.onnx"
    network = open_network(graph, threads=2, runtime=CpuRuntime.MNN)

    np.testing.assert_array_equal(triton.infer(batch_u8, "by_mnn"), network.run(batch_u8))
    network.close()


def test_no_other_user_may_read_the_memory_in_which_pictures_pass(
    folder: Path, wheel: TritonWheel
) -> None:
    """From the moment in which it is ready, and so before the first picture."""
    with umask(0o000):
        triton = Triton(folder, wheel).await_ready()
    regions = list(SHM.glob(f"{triton.shm_prefix}*"))
    modes = {region.stat().st_mode & 0o777 for region in regions}
    triton.infer(toy_network.pictures(8))
    modes |= {region.stat().st_mode & 0o777 for region in SHM.glob(f"{triton.shm_prefix}*")}
    triton.end()

    assert len(regions) >= 4
    assert modes == {0o600}


def test_onnx_runtime_can_be_demanded(folder: Path, wheel: TritonWheel) -> None:
    env = {"MATTEBOX_CPU_RUNTIME": "onnxruntime"}
    triton = Triton(folder, wheel, env=env).await_ready()
    batch_u8 = toy_network.pictures(3)

    np.testing.assert_array_equal(triton.infer(batch_u8, "by_mnn"), triton.infer(batch_u8))
    triton.end()


def test_a_demanded_mnn_that_cannot_compute_a_network_ends_it(
    folder: Path, wheel: TritonWheel
) -> None:
    triton = Triton(folder, wheel, env={"MATTEBOX_CPU_RUNTIME": "mnn"}).await_ready()

    assert triton.process.exit_code == 1
    assert "the network has no form for MNN" in triton.process.tail


def test_requests_that_wait_together_are_run_together(
    triton: Triton, sessions: OnnxNetwork
) -> None:
    batches = [toy_network.pictures(count, seed=count) for count in (1, 2, 5)]
    assert sum(map(len, batches)) == network_files.MAX_BATCH  # which ends the wait

    with ThreadPoolExecutor(3) as callers:
        answers = list(callers.map(lambda batch_u8: triton.infer(batch_u8, "patient"), batches))

    for batch_u8, alpha_f32 in zip(batches, answers, strict=True):
        np.testing.assert_array_equal(alpha_f32, sessions.run(batch_u8))
    # They are counted once they are answered.
    triton.await_that(lambda: triton.metric("nv_inference_count", "patient"))
    assert triton.metric("nv_inference_count", "patient") == 8
    assert triton.metric("nv_inference_exec_count", "patient") == 1


def test_requests_that_come_one_by_one_each_get_their_own_answer(
    triton: Triton, folder: Path
) -> None:
    graph = folder / "repository" / "by_mnn" / "1" / "model.onnx"
    network = open_network(graph, threads=1, runtime=CpuRuntime.MNN)
    batches = [toy_network.pictures(1 + seed % 3, seed) for seed in range(30)]

    with ThreadPoolExecutor(6) as callers:
        answers = list(callers.map(lambda batch_u8: triton.infer(batch_u8, "by_mnn"), batches))

    for batch_u8, alpha_f32 in zip(batches, answers, strict=True):
        np.testing.assert_allclose(alpha_f32, network.run(batch_u8), rtol=0, atol=1e-5)
    network.close()


def test_a_network_that_fails_is_an_error_and_the_next_request_is_served(triton: Triton) -> None:
    batch_u8 = toy_network.pictures(2)

    for _ in range(2):
        with pytest.raises(InferenceServerException, match="The network failed: ") as error:
            triton.infer(np.ascontiguousarray(batch_u8[:, :8, :8]), "wrong")
        assert "Traceback" not in str(error.value)

    assert triton.infer(batch_u8).shape == (2, 16, 16)


def test_numpy_2_is_refused(folder: Path, wheel: TritonWheel, tmp_path: Path) -> None:
    # Lines of such a file are run when its folder is added to the path.
    (tmp_path / "pretend.pth").write_text("import numpy; numpy.__version__ = '2.0.0'\n")
    site_packages = os.pathsep.join([str(wheel.libraries.parent), str(tmp_path)])

    triton = Triton(folder, wheel, env={"MATTEBOX_SITE_PACKAGES": site_packages}).await_ready()

    assert triton.process.exit_code == 1
    assert "passes wrong pixels with NumPy 2.0.0; install `numpy<2`" in triton.process.tail


def test_a_port_that_was_taken_meanwhile_is_known_by_its_message(
    folder: Path, wheel: TritonWheel
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        http, metrics = ports.free_ports(2)
        taken = TritonPorts(http, other.getsockname()[1], metrics)

        triton = Triton(folder, wheel, taken).await_ready()

    assert triton.process.exit_code not in (None, 0)
    assert triton_server.PORT_TAKEN in triton.process.tail


@pytest.mark.parametrize("with_model_processes", [False, True])
def test_one_that_is_killed_while_it_starts_leaves_nothing(
    folder: Path, wheel: TritonWheel, *, with_model_processes: bool
) -> None:
    triton = Triton(folder, wheel)
    model_processes: list[int] = []
    if with_model_processes:
        triton.await_that(lambda: keeper.children_of(triton.process.pid))
        model_processes = keeper.children_of(triton.process.pid)

    triton.end()

    for pid in (triton.process.pid, *model_processes):
        await_end(pid)
    assert list(SHM.glob(f"{triton.shm_prefix}*")) == []


@pytest.fixture
def supervised(
    folder: Path,
    tmp_path: Path,
    wheel: TritonWheel,  # noqa: ARG001 - skips where it cannot run
) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def start(model: Path = folder / "repository" / "a_toy") -> subprocess.Popen[str]:
        state = tmp_path / "state"
        command = [sys.executable, supervised_triton.__file__, str(model), str(state)]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def with_hanging_model(folder: Path, entered: Path) -> Path:
    """Installs a model that does nothing for ever once it is asked; returns its folder.

    The named pipe `entered` can be read once it has begun to do nothing.
    """
    os.mkfifo(entered)
    model = folder / "hanging"
    (model / "1").mkdir(parents=True)
    network_files.configure(
        folder, model.name, toy_network.SIZE_PX, toy_network.batching(), backend="python"
    )
    (model / "1" / "model.py").write_text(HANGING_MODEL.format(entered=str(entered)))
    return model


def grpc_port_of(triton: int) -> int:
    arguments = Path(f"/proc/{triton}/cmdline").read_bytes().decode().split("\0")
    return next(int(each.split("=")[1]) for each in arguments if each.startswith("--grpc-port="))


def ask(port: int, model: str, batch_u8: NDArray[np.uint8]) -> NDArray[np.float32]:
    tensor = InferInput("image", batch_u8.shape, "UINT8")
    tensor.set_data_from_numpy(batch_u8)
    with InferenceServerClient(f"127.0.0.1:{port}") as client:
        answer = client.infer(model, [tensor], client_timeout=_PATIENCE_S)
    alpha: NDArray[np.float32] = answer.as_numpy("alpha")
    return alpha


def announced(process: subprocess.Popen[str]) -> int:
    """Waits for the next announcement, and returns the process id of Triton."""
    assert process.stdout is not None
    return int(json.loads(process.stdout.readline())["triton"])


def shared_memory_of(process: subprocess.Popen[str]) -> list[str]:
    return [region.name for region in SHM.glob(f"mattebox-{process.pid}-*")]


def test_a_model_process_that_was_killed_brings_a_new_server(
    supervised: Callable[..., subprocess.Popen[str]],
) -> None:
    up = supervised()
    before = announced(up)
    [model_process] = keeper.children_of(before)

    os.kill(model_process, signal.SIGKILL)
    after = announced(up)

    assert after != before
    await_end(before)
    assert len(keeper.children_of(after)) == 1
    assert len(shared_memory_of(up)) == 1
    up.terminate()
    assert up.wait() == 0
    assert shared_memory_of(up) == []


@pytest.mark.slow
def test_a_model_that_hangs_brings_a_new_server(
    supervised: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    entered = tmp_path / "entered"
    up = supervised(with_hanging_model(tmp_path, entered))
    before = announced(up)

    with ThreadPoolExecutor(2) as callers:
        port, picture_u8 = grpc_port_of(before), toy_network.pictures(1)
        worked_on = callers.submit(ask, port, "hanging", picture_u8)
        entered.read_bytes()  # or else both might be one batch, and none would wait
        waiting = callers.submit(ask, port, "hanging", picture_u8)
        after = announced(up)
        for call in (worked_on, waiting):
            with pytest.raises(InferenceServerException):
                call.result()

    assert after != before
    await_end(before)


def test_a_killed_supervisor_leaves_no_process_and_no_shared_memory(
    supervised: Callable[..., subprocess.Popen[str]],
) -> None:
    up = supervised()
    triton = announced(up)
    [model_process] = keeper.children_of(triton)
    keeper_pid = keeper.parent_of(triton)
    assert keeper_pid is not None
    assert shared_memory_of(up)

    up.kill()

    for pid in (triton, model_process, keeper_pid):
        await_end(pid)
    assert shared_memory_of(up) == []
