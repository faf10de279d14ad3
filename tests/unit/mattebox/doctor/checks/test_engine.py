from dataclasses import replace
from pathlib import Path

import pytest

from mattebox.doctor.checks import engine
from mattebox.doctor.facts.engine import EngineFacts
from mattebox.doctor.finding import Status
from mattebox.up.options import EngineChoice
from mattebox.up.triton_wheel import TritonWheel

WHEEL = TritonWheel(
    server=Path("/wheel/tritonserver"),
    python_backend=Path("/wheel/python"),
    stub=Path("/wheel/stub"),
    libraries=Path("/wheel/libs"),
    onnxruntime_backend=Path("/backends/model.py"),
)
GOOD = EngineFacts(
    wanted=EngineChoice.AUTO,
    python=(3, 11, 7),
    shared_library=Path("/usr/lib/libpython3.11.so.1.0"),
    system="linux",
    machine="x86_64",
    glibc=(2, 36),
    wheel=WHEEL,
    missing_parts=(),
    loader_error=None,
    numpy="1.26.4",
    onnxruntime_is_installed=True,
    mnn_is_installed=True,
    cpu_runtime=None,
)


@pytest.mark.parametrize("check", engine.CHECKS)
@pytest.mark.parametrize("wanted", [EngineChoice.AUTO, EngineChoice.TRITON])
def test_a_good_machine_is_ok(check: engine.Check, wanted: EngineChoice) -> None:
    assert check(replace(GOOD, wanted=wanted)).status is Status.OK


@pytest.mark.parametrize(
    ("python", "status"),
    [
        ((3, 10, 9), Status.PROBLEM),
        ((3, 11, 0), Status.OK),
        ((3, 13, 5), Status.OK),
        ((3, 14, 0), Status.PROBLEM),
    ],
)
def test_pythons_are_known_up_to_a_version(python: tuple[int, int, int], status: Status) -> None:
    assert engine.python(replace(GOOD, python=python)).status is status


NO_TRITON = [
    (engine.shared_library, replace(GOOD, shared_library=None), "no shared library"),
    (engine.platform, replace(GOOD, system="darwin", machine="arm64"), "darwin on arm64"),
    (engine.platform, replace(GOOD, machine="aarch64"), "linux on aarch64"),
    (engine.platform, replace(GOOD, glibc=(2, 31)), "glibc 2.31"),
    (engine.platform, replace(GOOD, glibc=None), "another C library"),
    (engine.triton, replace(GOOD, wheel=None), "nvidia-pytriton is not installed"),
    (
        engine.triton,
        replace(GOOD, python=(3, 13, 1), missing_parts=(WHEEL.stub,)),
        "no backend for Python 3.13",
    ),
    (engine.triton, replace(GOOD, missing_parts=(WHEEL.server,)), "missing: /wheel/tritonserver"),
    (engine.triton, replace(GOOD, loader_error="libpython3.11.so.1.0: gone."), "libpython3.11"),
    (engine.numpy, replace(GOOD, numpy="2.1.0"), "wrong pixels with NumPy 2.1.0"),
]


@pytest.mark.parametrize(("check", "facts", "told"), NO_TRITON)
@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        (EngineChoice.AUTO, Status.WARNING),
        (EngineChoice.TRITON, Status.PROBLEM),
        (EngineChoice.ONNXRUNTIME, Status.NOT_CHECKED),
    ],
)
def test_what_keeps_triton_away_matters_as_much_as_triton_is_wanted(
    check: engine.Check, facts: EngineFacts, told: str, wanted: EngineChoice, status: Status
) -> None:
    finding = check(replace(facts, wanted=wanted))

    assert finding.status is status
    assert told in finding.what
    assert bool(finding.mend) is (status is not Status.NOT_CHECKED)


def test_a_sound_wheel_is_not_looked_at_for_another_engine() -> None:
    finding = engine.triton(replace(GOOD, wanted=EngineChoice.ONNXRUNTIME))

    assert finding.status is Status.NOT_CHECKED


@pytest.mark.parametrize(
    ("check", "facts", "status", "told"),
    [
        (engine.numpy, replace(GOOD, numpy=None), Status.PROBLEM, "NumPy is not installed"),
        (
            engine.runtimes,
            replace(GOOD, onnxruntime_is_installed=False),
            Status.PROBLEM,
            "ONNX Runtime is not installed",
        ),
        (engine.runtimes, replace(GOOD, cpu_runtime="mmn"), Status.PROBLEM, "is 'mmn'"),
        (engine.runtimes, replace(GOOD, cpu_runtime="mnn"), Status.OK, "MNN and ONNX"),
        (engine.runtimes, replace(GOOD, mnn_is_installed=False), Status.WARNING, "slower"),
        (
            engine.runtimes,
            replace(GOOD, mnn_is_installed=False, cpu_runtime="mnn"),
            Status.PROBLEM,
            "MNN is not installed",
        ),
    ],
)
def test_what_every_engine_needs(
    check: engine.Check, facts: EngineFacts, status: Status, told: str
) -> None:
    finding = check(facts)

    assert finding.status is status
    assert told in finding.what
    assert finding.mend or status is Status.OK
