"""The variants of the kernels that this machine can run, and how modules are made to call one."""

import ctypes
import inspect
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from segmenter.imaging.kernels import (
    cells,
    colours,
    deflate,
    guided,
    library,
    matte,
    png_filter,
    pull_push,
    scaling,
)

fixtures_stay = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
"""Of property tests: each example runs with the variant that the test was begun with."""

MODULES = (cells, colours, deflate, guided, matte, png_filter, pull_push, scaling)
FOLDER = library.path().parent
RUN_HERE = sorted({"baseline", library.path().stem})


def bound(module: ModuleType) -> dict[str, Any]:
    """Finds the functions of the library that a module calls, by its own names for them."""
    return {
        name: value
        for name, value in vars(module).items()
        if name.startswith("_") and hasattr(value, "argtypes") and not inspect.isclass(value)
    }


def use(variant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has all modules call a variant."""
    other = ctypes.CDLL(str(FOLDER / f"{variant}.so"))
    for module in MODULES:
        for name, function in bound(module).items():
            same = other[function.__name__]
            same.restype, same.argtypes = function.restype, function.argtypes
            monkeypatch.setattr(module, name, same)
