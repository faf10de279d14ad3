"""The backend that the wheel's Triton loads by its path."""

import importlib.util
import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from segmenter.inference.model_config import ALONE_PARAMETER
from tests.conftest import ROOT

ARGUMENTS = {
    "model_repository": "/models/toy",
    "model_version": "1",
    "model_instance_kind": "CPU",
}


FINAL = 1


def utilities_of_triton() -> ModuleType:
    """Stands in for the module that Triton brings; answers are what was put into them."""
    utilities: Any = ModuleType("triton_python_backend_utils")
    utilities.TRITONSERVER_RESPONSE_COMPLETE_FINAL = FINAL
    utilities.Logger = SimpleNamespace(log_error=lambda _text: None)
    utilities.get_input_tensor_by_name = lambda request, _name: SimpleNamespace(
        as_numpy=lambda: request.batch_u8
    )
    utilities.Tensor = lambda name, values: (name, values)
    utilities.InferenceResponse = lambda tensors=(), error=None: error or dict(tensors)
    utilities.TritonError = lambda message, code: (code, message)
    for code in ("INTERNAL", "CANCELLED"):
        setattr(utilities.TritonError, code, code)
    module: ModuleType = utilities
    return module


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Its module, as Triton loads it."""
    utilities = utilities_of_triton()
    monkeypatch.setitem(sys.modules, utilities.__name__, utilities)
    monkeypatch.delenv("MATTEBOX_SITE_PACKAGES", raising=False)
    path = ROOT / "deploy" / "triton" / "backends" / "onnxruntime" / "model.py"
    spec = importlib.util.spec_from_file_location("backend", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("asked", "threads"), [(None, 3), ("", 3), ("5", 5)])
def test_a_network_has_as_many_threads_as_a_container_has_cores(
    backend: Any, monkeypatch: pytest.MonkeyPatch, asked: str | None, threads: int
) -> None:
    opened: list[int] = []
    monkeypatch.setattr(backend, "available_cores", lambda: 3)

    def opened_network(_path: object, count: int, *_: object) -> SimpleNamespace:
        opened.append(count)
        return SimpleNamespace(runs_at_a_time=1)

    monkeypatch.setattr(backend, "open_network", opened_network)
    monkeypatch.setattr(backend.np, "__version__", "1.26.4")
    monkeypatch.delenv("MATTEBOX_TRITON_THREADS", raising=False)
    if asked is not None:
        monkeypatch.setenv("MATTEBOX_TRITON_THREADS", asked)

    backend.TritonPythonModel().initialize(ARGUMENTS)

    assert opened == [threads]


class Request:
    """One of Triton's, with its way back."""

    def __init__(
        self, batch_u8: NDArray[np.uint8], parameters: str | None = None, *, left: bool = False
    ) -> None:
        self.batch_u8 = batch_u8
        self._parameters = parameters
        self._left = left
        self.answer: SimpleQueue[Any] = SimpleQueue()

    def parameters(self) -> str | None:
        return self._parameters

    def is_cancelled(self) -> bool:
        return self._left

    def get_response_sender(self) -> "Request":
        return self

    def send(self, response: Any, flags: int) -> None:
        assert flags == FINAL
        self.answer.put(response)

    def found(self) -> Any:
        return self.answer.get(timeout=10)


class HeldNetwork:
    """Answers once it may, with each picture's first value, and remembers its runs."""

    def __init__(self, runs_at_a_time: int) -> None:
        self.runs_at_a_time = runs_at_a_time
        self.begun: SimpleQueue[tuple[list[int], bool]] = SimpleQueue()
        self.may_end = Event()
        self.may_end.set()
        self.is_closed = False

    def run(self, batch_u8: NDArray[np.uint8], *, alone: bool) -> NDArray[np.float32]:
        values = [int(value) for value in batch_u8[:, 0, 0, 0]]
        self.begun.put((values, alone))
        assert self.may_end.wait(10)
        if 13 in values:
            raise ValueError("an unlucky picture")
        return np.array(values, np.float32)

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture(params=[1, 2], ids="{} at a time".format)
def network(
    backend: Any, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> HeldNetwork:
    network = HeldNetwork(request.param)
    monkeypatch.setattr(backend, "open_network", lambda *_: network)
    monkeypatch.setattr(backend.np, "__version__", "1.26.4")
    return network


@pytest.fixture
def model(backend: Any, network: HeldNetwork) -> Iterator[Any]:
    model = backend.TritonPythonModel()
    model.initialize(ARGUMENTS)
    yield model
    network.may_end.set()
    model.finalize()
    assert network.is_closed


def batch(*values: int) -> NDArray[np.uint8]:
    return np.full((2, 2, 3, len(values)), values, np.uint8).transpose(3, 0, 1, 2)


def test_every_request_gets_its_own_answer(model: Any, network: HeldNetwork) -> None:
    requests = [Request(batch(1)), Request(batch(2, 3)), Request(batch(4))]

    assert model.execute(requests) is None

    assert [list(each.found()["alpha"]) for each in requests] == [[1], [2, 3], [4]]
    runs = sorted(network.begun.get(timeout=10)[0] for _ in range(network.begun.qsize()))
    assert runs == ([[1, 2, 3, 4]] if network.runs_at_a_time == 1 else [[1], [2, 3], [4]])


def test_it_takes_on_more_once_another_run_can_begin(model: Any, network: HeldNetwork) -> None:
    network.may_end.clear()
    with ThreadPoolExecutor(1) as triton:
        calls = [
            triton.submit(model.execute, [Request(batch(number))])
            for number in range(network.runs_at_a_time)
        ]
        for _ in calls:
            network.begun.get(timeout=10)
        for call in calls[:-1]:
            call.result(timeout=10)
        assert not calls[-1].done()
        network.may_end.set()
        calls[-1].result(timeout=10)


def test_a_run_that_fails_is_told_and_the_next_one_goes_well(
    model: Any, network: HeldNetwork
) -> None:
    for _ in range(network.runs_at_a_time + 1):
        unlucky, lucky = Request(batch(13)), Request(batch(5))
        model.execute([unlucky])
        model.execute([lucky])
        assert unlucky.found() == ("INTERNAL", "The network failed: an unlucky picture")
        assert list(lucky.found()["alpha"]) == [5]


def test_requests_whose_callers_left_cost_nothing(model: Any, network: HeldNetwork) -> None:
    left, stays, left_too = (
        Request(batch(1), left=True),
        Request(batch(2)),
        Request(batch(3), left=True),
    )

    model.execute([left, stays])
    model.execute([left_too])

    assert list(stays.found()["alpha"]) == [2]
    assert left.found() == left_too.found() == ("CANCELLED", "The request was cancelled.")
    assert network.begun.get(timeout=10)[0] == [2]
    assert network.begun.empty()


@pytest.mark.parametrize(
    ("parameters", "alone"),
    [
        (None, True),
        ("", True),
        ("{}", True),
        (json.dumps({ALONE_PARAMETER: True}), True),
        (json.dumps({ALONE_PARAMETER: False, "other": 1}), False),
    ],
)
def test_who_asks_says_whether_there_is_anything_else_to_do(
    model: Any, network: HeldNetwork, parameters: str | None, *, alone: bool
) -> None:
    asked = Request(batch(1), parameters)

    model.execute([asked])

    asked.found()
    assert network.begun.get(timeout=10) == ([1], alone)
