import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from mattebox.doctor.facts import engine
from mattebox.up import triton_wheel
from mattebox.up.options import EngineChoice

SHOW_NUMPY = (
    "import json; from mattebox.doctor.facts import engine;"
    " from mattebox.up.options import EngineChoice;"
    " print(json.dumps(engine.gather(EngineChoice.ONNXRUNTIME).numpy))"
)


def test_this_python_is_described() -> None:
    facts = engine.gather(EngineChoice.ONNXRUNTIME)

    assert facts.python == sys.version_info[:3]
    assert (facts.system, facts.machine) == (sys.platform, platform.machine())
    assert facts.numpy == version("numpy")
    assert facts.onnxruntime_is_installed
    assert facts.loader_error is None  # it was not tried


def test_what_is_said_of_triton_is_what_a_start_would_say() -> None:
    facts = engine.gather(EngineChoice.TRITON)

    can_run = triton_wheel.why_not(triton_wheel.locate()) is None
    assert can_run is (
        facts.wheel is not None and not facts.missing_parts and facts.loader_error is None
    )


def test_another_numpy_on_the_path_is_the_one_that_counts(tmp_path: Path) -> None:
    metadata = tmp_path / "numpy-2.3.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 2.3.0\n")
    done = subprocess.run(
        [sys.executable, "-P", "-c", SHOW_NUMPY],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout) == "2.3.0"


def test_a_backend_that_is_elsewhere_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(triton_wheel.BACKENDS_VARIABLE, str(tmp_path))

    facts = engine.gather(EngineChoice.ONNXRUNTIME)

    if facts.wheel is None:
        pytest.skip("the wheel of Triton is not installed")
    assert tmp_path / "onnxruntime" / "model.py" in facts.missing_parts
