"""What all tests share: where things are, and what must not leave the machine."""

import gc
import os
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

# How long an example takes is the machine's business.
hypothesis.settings.register_profile("mattebox", deadline=None)
hypothesis.settings.load_profile("mattebox")

# ONNX Runtime's wheels report to their maker unless told otherwise before they are loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

ROOT = Path(__file__).parents[1]


def pytest_collection_finish() -> None:
    """Spares the garbage collector the tests themselves, which live as long as the process.

    They are so many that each full collection would take half a second for them alone.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with pictures that are measured on and never shipped; skips where it is absent."""
    places = [Path(os.environ.get("MATTEBOX_SHARED", "")), ROOT.parent / "shared"]
    for place in places:
        if (place / "eval" / "MANIFEST.tsv").is_file():
            return place
    pytest.skip("quality set not found (looked at $MATTEBOX_SHARED/eval and ../shared/eval)")


@pytest.fixture(scope="session")
def model_repository() -> Path:
    """The repository with the default model; skips where it is not installed."""
    repository = ROOT / "model_repository"
    if not (repository / "u2netp" / "1" / "model.onnx").is_file():
        pytest.skip("u2netp is not installed: run `mattebox models install u2netp`")
    return repository


@pytest.fixture
def files_opened_for_writing() -> Iterator[list[str]]:
    """Names every file that this process opens for writing, on any thread, during a test."""
    _opened.clear()
    _OPENED_IS_ON.append(True)
    yield _opened
    _OPENED_IS_ON.clear()


# An audit hook cannot be taken out again, so there is one, which is idle between the tests.
_opened: list[str] = []
_OPENED_IS_ON: list[bool] = []


def _note_open(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and _OPENED_IS_ON:
        name, _, flags = arguments
        if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            _opened.append(str(name))


sys.addaudithook(_note_open)


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Lets go by itself of what is let go of, or not at all: the garbage collector is off."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def counted_memory(no_collector: None) -> Iterator[None]:  # noqa: ARG001 - it is off meanwhile
    """Counts what is allocated, with the garbage collector off."""
    tracemalloc.start()
    yield
    tracemalloc.stop()
