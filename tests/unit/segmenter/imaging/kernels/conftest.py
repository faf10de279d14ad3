import ctypes
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from segmenter.imaging.kernels import cells, colours, guided, library, matte, scaling

if TYPE_CHECKING:
    from ctypes import _NamedFuncPointer as _Function
else:
    _Function = type(library.library().cover).__mro__[1]

_MODULES: tuple[ModuleType, ...] = (cells, colours, guided, matte, scaling)


@pytest.fixture(autouse=True, params=["baseline", "avx2"])
def _variant(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each variant that this processor can run: they have to find the same bits."""
    if request.param == "avx2" and library.path().name != "avx2.so":
        pytest.skip("this processor cannot run it")
    wanted = ctypes.CDLL(str(library.path().with_name(f"{request.param}.so")))
    for module in _MODULES:
        for name, bound in vars(module).items():
            if isinstance(bound, _Function):
                other = wanted[bound.__name__]
                other.restype, other.argtypes = bound.restype, bound.argtypes
                monkeypatch.setattr(module, name, other)
