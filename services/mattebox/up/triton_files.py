"""Puts together what a Triton server is started on: the backends, and the served models.

Triton refuses backends that are links to files elsewhere, so those are copies.
"""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mattebox.up.triton_wheel import TritonWheel


@dataclass(frozen=True, slots=True)
class TritonFiles:
    """The folders that the server gets."""

    backends: Path
    models: Path


def put_together(folder: Path, wheel: TritonWheel, models: Sequence[Path]) -> TritonFiles:
    """Fills a folder anew, whatever an earlier start or another version left there."""
    shutil.rmtree(folder, ignore_errors=True)
    files = TritonFiles(folder / "backends", folder / "models")
    python = files.backends / "python"
    onnxruntime = files.backends / "onnxruntime"
    for new in (python, onnxruntime, files.models):
        new.mkdir(parents=True)
    shutil.copy(wheel.python_backend / "libtriton_python.so", python)
    shutil.copy(wheel.python_backend / "triton_python_backend_utils.py", python)
    shutil.copy(wheel.stub, python)
    for program in (wheel.server, python / wheel.stub.name):
        _make_executable(program)
    shutil.copy(wheel.onnxruntime_backend, onnxruntime)
    # Triton loads whatever it finds and ends if one model fails, so it finds only these.
    for model in models:
        (files.models / model.name).symlink_to(model.absolute(), target_is_directory=True)
    return files


def _make_executable(program: Path) -> None:
    """Gives back the permission that some ways of unpacking a wheel lose."""
    if not os.access(program, os.X_OK):
        program.chmod(program.stat().st_mode | 0o111)
