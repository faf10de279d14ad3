"""The backend that the wheel's Triton loads by its path."""

import importlib.util
import sys
from types import ModuleType
from typing import Any

import pytest

from tests.conftest import ROOT

ARGUMENTS = {
    "model_repository": "/models/toy",
    "model_version": "1",
    "model_instance_kind": "CPU",
}


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Its module, beside which Triton's own is none."""
    utilities = ModuleType("triton_python_backend_utils")
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
    monkeypatch.setattr(backend, "open_network", lambda _path, count, *_: opened.append(count))
    monkeypatch.setattr(backend.np, "__version__", "1.26.4")
    monkeypatch.delenv("MATTEBOX_TRITON_THREADS", raising=False)
    if asked is not None:
        monkeypatch.setenv("MATTEBOX_TRITON_THREADS", asked)

    backend.TritonPythonModel().initialize(ARGUMENTS)

    assert opened == [threads]
