"""Loads the kernels, in the variant that is quickest on this processor."""

import ctypes
import platform
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

POINTER, SIZE = ctypes.c_void_p, ctypes.c_ssize_t
"""What most arguments of kernels are."""

_FOLDER = Path(__file__).parent
_PROCESSOR = Path("/proc/cpuinfo")

# What the compiler may use of x86-64-v3. `abm` is lzcnt, which other processors take for bsr.
_OF_AVX2 = frozenset({"abm", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe"})


@cache
def library() -> ctypes.CDLL:
    """Gives the library, whose functions do not hold Python's lock and check nothing.

    Raises:
        ImportError: it was not built.
    """
    try:
        return ctypes.CDLL(str(path()))
    except OSError as error:
        raise ImportError(
            f"The segmenter's kernels cannot be loaded: {error}. They are built when the project is"
            " installed: `make setup`, or `pip install .` in its folder."
        ) from error


def kernel(name: str, *taken: Any, returned: Any = None) -> Callable[..., Any]:  # noqa: ANN401
    """Gives a function of the library, with the types of `ctypes` that it takes and returns.

    Raises:
        ImportError: as `library` does.
    """
    found = library()[name]
    found.argtypes, found.restype = taken, returned
    return found


def path() -> Path:
    """Tells where the library is, in the variant for this processor."""
    return _FOLDER / f"{variant(_flags(_PROCESSOR))}.so"


def variant(flags: frozenset[str]) -> str:
    """Names the variant for a processor with these flags, as Linux calls them."""
    return "avx2" if flags >= _OF_AVX2 else "baseline"


def _flags(processor: Path) -> frozenset[str]:
    """Reads what the first core can do; nothing where that is not told."""
    if platform.machine() not in {"x86_64", "AMD64"} or not processor.exists():
        return frozenset()
    with processor.open() as lines:
        flags = next((line for line in lines if line.startswith("flags")), "")
    return frozenset(flags.partition(":")[2].split())
