import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event, Semaphore

import numpy as np
import pytest
from numpy.typing import NDArray

from segmenter.inference.onnx_network import OnnxNetwork
from tests import toy_network

pytest.importorskip("_mnncengine", reason="MNN has no build for this platform")
from segmenter.inference import mnn_network
from segmenter.inference.mnn_network import MnnNetwork

ROUNDING = 1e-5


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy_network.install_for_mnn(tmp_path_factory.mktemp("repository"), "toy")


@pytest.fixture(params=[1, 2, 8], ids="{} threads".format)
def network(form: Path, request: pytest.FixtureRequest) -> Iterator[MnnNetwork]:
    opened = MnnNetwork(form, threads=request.param)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def plain(form: Path) -> Iterator[OnnxNetwork]:
    opened = OnnxNetwork(form.with_name("model.onnx"), threads=1)
    yield opened
    opened.close()


@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_answers_are_those_of_onnx_runtime_but_for_rounding(
    network: MnnNetwork, plain: OnnxNetwork, count: int
) -> None:
    batch_u8 = toy_network.pictures(count)

    alpha_f32 = network.run(batch_u8)

    assert alpha_f32.dtype == np.float32
    assert alpha_f32.shape == batch_u8.shape[:3]
    np.testing.assert_allclose(alpha_f32, plain.run(batch_u8), rtol=0, atol=ROUNDING)


def test_a_picture_is_answered_the_same_in_every_batch(network: MnnNetwork) -> None:
    batch_u8 = toy_network.pictures(8)

    whole_f32 = network.run(batch_u8)

    for start, end in ((0, 2), (1, 4), (2, 7)):
        np.testing.assert_array_equal(network.run(batch_u8[start:end]), whole_f32[start:end])


def test_an_answer_outlives_the_next_run(network: MnnNetwork) -> None:
    first_u8, second_u8 = toy_network.pictures(2)[:, np.newaxis]
    first_f32 = network.run(first_u8)
    kept_f32 = first_f32.copy()

    network.run(second_u8)

    np.testing.assert_array_equal(first_f32, kept_f32)


def test_callers_on_several_threads_each_get_their_own_answer(
    network: MnnNetwork, plain: OnnxNetwork
) -> None:
    batches = [toy_network.pictures(1 + seed % 3, seed) for seed in range(24)]

    with ThreadPoolExecutor(6) as callers:
        answers = list(callers.map(network.run, batches))

    for batch_u8, alpha_f32 in zip(batches, answers, strict=True):
        np.testing.assert_allclose(alpha_f32, plain.run(batch_u8), rtol=0, atol=ROUNDING)


class HeldRun:
    """Stands in for the network on so many threads; says by its answer how many they were."""

    begun: Semaphore
    may_end: Event

    def __init__(self, _form: Path, threads: int) -> None:
        self._threads = threads

    def __call__(self, _picture_u8: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.begun.release()
        assert self.may_end.wait(10)
        return np.full((1, 1), self._threads, np.float32)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> type[HeldRun]:
    HeldRun.begun, HeldRun.may_end = Semaphore(0), Event()
    monkeypatch.setattr(mnn_network, "_Run", HeldRun)
    return HeldRun


@pytest.mark.parametrize(
    ("count", "alone", "threads"), [(1, True, 3), (1, False, 1), (2, True, 1), (2, False, 1)]
)
def test_only_a_picture_alone_is_spread_over_cores(
    held: type[HeldRun], count: int, threads: int, *, alone: bool
) -> None:
    network = MnnNetwork(Path("unused"), threads=3)
    held.may_end.set()

    answers = network.run(toy_network.pictures(count), alone=alone)

    assert answers.ravel().tolist() == [threads] * count
    network.close()


def test_a_picture_beside_others_has_a_core_whatever_its_caller_knows(
    held: type[HeldRun],
) -> None:
    network = MnnNetwork(Path("unused"), threads=2)
    assert network.runs_at_a_time == 2

    with ThreadPoolExecutor(2) as callers:
        first = callers.submit(network.run, toy_network.pictures(1))
        assert held.begun.acquire(timeout=10)
        second = callers.submit(network.run, toy_network.pictures(1))
        assert held.begun.acquire(timeout=10)
        held.may_end.set()
        assert [first.result().item(), second.result().item()] == [2, 1]

    assert network.run(toy_network.pictures(1)).item() == 2
    network.close()


@pytest.mark.parametrize("count", [1, 2])
def test_a_picture_of_another_size_fails_and_leaves_the_network_usable(
    network: MnnNetwork, count: int
) -> None:
    batch_u8 = toy_network.pictures(count)
    before_f32 = network.run(batch_u8)

    with pytest.raises(ValueError, match=r"takes pictures of \(16, 16, 3\), not \(8, 16, 3\)"):
        network.run(batch_u8[:, :8])

    np.testing.assert_array_equal(network.run(batch_u8), before_f32)


@pytest.mark.parametrize("content", [b"", b"no network", None], ids=["empty", "other", "missing"])
def test_a_file_that_is_no_network_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "model.mnn"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(RuntimeError, match=r"model\.mnn"):
        MnnNetwork(path, threads=1)


def test_a_file_that_is_cut_off_is_refused(form: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.mnn"
    path.write_bytes(form.read_bytes()[:-200])

    with pytest.raises(RuntimeError, match=r"model\.mnn"):
        MnnNetwork(path, threads=1)


RUN = """
import sys
from pathlib import Path
import numpy as np
from segmenter.inference.mnn_network import MnnNetwork

network = MnnNetwork(Path(sys.argv[1]), 2)
network.run(np.zeros((2, 16, 16, 3), np.uint8))
network.close()
print(sorted(name for name in sys.modules if name.startswith("MNN.tools")))
"""


def test_the_library_says_nothing_and_its_tools_are_never_loaded(form: Path) -> None:
    """They would report to their maker, and install packages for it."""
    result = subprocess.run(
        [sys.executable, "-c", RUN, str(form)], capture_output=True, text=True, check=True
    )

    assert result.stdout == "[]\n"
    assert result.stderr == ""


@pytest.mark.parametrize("count", [1, 2])
def test_a_closed_network_runs_no_more(form: Path, count: int) -> None:
    network = MnnNetwork(form, threads=2)
    network.close()

    with pytest.raises(RuntimeError):
        network.run(toy_network.pictures(count))


@pytest.mark.parametrize("count", [1, 3])
def test_what_runs_is_finished_before_it_closes(form: Path, count: int) -> None:
    network = MnnNetwork(form, threads=2)
    batches = [toy_network.pictures(count, seed) for seed in range(20)]
    begun = Barrier(2)

    def run(batch_u8: NDArray[np.uint8]) -> NDArray[np.float32] | None:
        if batch_u8 is batches[0]:
            begun.wait(10)
        try:
            return network.run(batch_u8)
        except RuntimeError:
            return None  # it came too late

    with ThreadPoolExecutor(4) as callers:
        answers = [callers.submit(run, batch_u8) for batch_u8 in batches]
        begun.wait(10)
        network.close()

    for answer in answers:
        found = answer.result()
        assert found is None or found.shape == (count, 16, 16)


THREADS = """
import os, sys
from pathlib import Path
import numpy as np
from segmenter.inference.mnn_network import MnnNetwork

before = len(os.listdir("/proc/self/task"))
MnnNetwork(Path(sys.argv[1]), int(sys.argv[2]))
print(len(os.listdir("/proc/self/task")) - before)
"""


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are told by Linux")
@pytest.mark.parametrize(("threads", "helpers"), [(1, 0), (2, 1), (4, 3), (8, 3)])
def test_a_picture_alone_has_the_threads_it_was_given(
    form: Path, threads: int, helpers: int
) -> None:
    """The library makes them once in a process, as many as it is first asked for."""
    result = subprocess.run(
        [sys.executable, "-c", THREADS, str(form), str(threads)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert int(result.stdout) == helpers
