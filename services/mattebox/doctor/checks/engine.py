"""Whether an engine can run here."""

from collections.abc import Callable, Sequence

from mattebox.doctor.facts.engine import EngineFacts
from mattebox.doctor.finding import Finding, Subject, Topic
from mattebox.up.options import EngineChoice
from segmenter.inference.runtimes import CpuRuntime

_OLDEST, _FIRST_UNKNOWN = (3, 11), (3, 14)
_FIRST_WITHOUT_STUB = (3, 13)
_WHEEL_GLIBC = (2, 35)
_INSTALL_TRITON = "`pip install 'mattebox[triton]'`"
_INSTALL_MODELS = "`pip install 'mattebox[models]'`"
_OTHER_ENGINE = " Until then `mattebox up` runs the network inside the segmenter."

Check = Callable[[EngineFacts], Finding]


def python(facts: EngineFacts) -> Finding:
    """The version of the running Python."""
    subject = Subject("Python", Topic.PYTHON)
    told = ".".join(map(str, facts.python))
    if not _OLDEST <= facts.python[:2] < _FIRST_UNKNOWN:
        return subject.problem(
            f"This is Python {told}.",
            "Use Python 3.11 or 3.12 (3.13 runs all but Triton), and install anew.",
        )
    return subject.ok(f"This is Python {told}.")


def shared_library(facts: EngineFacts) -> Finding:
    """The library that Triton's backend is linked to."""
    subject = Subject("libpython", Topic.PYTHON)
    if facts.shared_library is not None:
        return subject.ok(f"{facts.shared_library} is there.")
    return _for_triton(
        facts,
        subject,
        "This Python has no shared library, which Triton's backend needs.",
        "Use a Python built with --enable-shared, as those of distributions are"
        " (Debian: `apt-get install libpython3.11`).",
    )


def platform(facts: EngineFacts) -> Finding:
    """Whether there is a wheel of Triton for this system."""
    subject = Subject("platform", Topic.TRITON)
    if facts.system != "linux" or facts.machine != "x86_64":
        return _for_triton(
            facts,
            subject,
            f"This is {facts.system} on {facts.machine}; the wheel of Triton is for Linux on"
            " x86-64.",
            "Pass --engine onnxruntime, or run Mattebox on Linux on x86-64.",
        )
    if facts.glibc is None or facts.glibc < _WHEEL_GLIBC:
        found = "another C library" if facts.glibc is None else f"glibc {_dotted(facts.glibc)}"
        return _for_triton(
            facts,
            subject,
            f"This system has {found}; the wheel of Triton needs glibc {_dotted(_WHEEL_GLIBC)}.",
            "Use a newer distribution (Debian 12, Ubuntu 22.04), or pass --engine onnxruntime.",
        )
    return subject.ok(f"This is Linux on x86-64 with glibc {_dotted(facts.glibc)}.")


def triton(facts: EngineFacts) -> Finding:
    """The wheel, its parts, and whether the system can load them."""
    subject = Subject("Triton", Topic.TRITON)
    if facts.wheel is None:
        return _for_triton(
            facts, subject, "The package nvidia-pytriton is not installed.", f"{_INSTALL_TRITON}."
        )
    if facts.python[:2] >= _FIRST_WITHOUT_STUB and facts.wheel.stub in facts.missing_parts:
        return _for_triton(
            facts,
            subject,
            f"The wheel has no backend for Python {_dotted(facts.python[:2])}.",
            "Use Python 3.11 or 3.12.",
        )
    if facts.missing_parts:
        return _for_triton(
            facts,
            subject,
            f"A part is missing: {', '.join(map(str, facts.missing_parts))}.",
            f"Install it anew: {_INSTALL_TRITON}; the backend for ONNX models comes with Mattebox.",
        )
    if facts.loader_error:
        return _for_triton(
            facts,
            subject,
            facts.loader_error,
            "Install the library that is named; libpython comes with the Python of distributions.",
        )
    if facts.wanted is EngineChoice.ONNXRUNTIME:
        return subject.not_checked("The engine onnxruntime needs none.")
    return subject.ok("The wheel is complete, and its backend can be loaded.")


def numpy(facts: EngineFacts) -> Finding:
    """Whether Triton's backend would compute right pixels."""
    subject = Subject("NumPy", Topic.TRITON)
    if facts.numpy is None:
        return subject.problem("NumPy is not installed.", f"{_INSTALL_MODELS}.")
    if int(facts.numpy.partition(".")[0]) >= 2:
        return _for_triton(
            facts,
            subject,
            f"Triton's backend computes wrong pixels with NumPy {facts.numpy}.",
            "`pip install 'numpy<2'`, or pass --engine onnxruntime, which computes right with it.",
        )
    return subject.ok(f"This is NumPy {facts.numpy}.")


def runtimes(facts: EngineFacts) -> Finding:
    """The libraries that compute networks on CPUs, under Triton as without."""
    subject = Subject("CPU runtimes", Topic.RUNTIMES)
    known = ", ".join(CpuRuntime)
    if facts.cpu_runtime is not None and facts.cpu_runtime not in set(CpuRuntime):
        return subject.problem(
            f"MATTEBOX_CPU_RUNTIME is {facts.cpu_runtime!r}.", f"Set it to one of {known}."
        )
    if not facts.onnxruntime_is_installed:
        return subject.problem("ONNX Runtime is not installed.", f"{_INSTALL_MODELS}.")
    if facts.mnn_is_installed:
        return subject.ok("MNN and ONNX Runtime are installed.")
    if facts.cpu_runtime == CpuRuntime.MNN:
        return subject.problem(
            "MATTEBOX_CPU_RUNTIME is mnn, and MNN is not installed.",
            f"{_INSTALL_MODELS}, or unset the variable.",
        )
    return subject.warning(
        "MNN is not installed; ONNX Runtime takes its place, which is slower for u2netp.",
        f"{_INSTALL_MODELS}.",
    )


CHECKS: Sequence[Check] = (python, shared_library, platform, triton, numpy, runtimes)


def _for_triton(facts: EngineFacts, subject: Subject, what: str, mend: str) -> Finding:
    """What keeps Triton from running matters as much as Triton is wanted."""
    match facts.wanted:
        case EngineChoice.TRITON:
            return subject.problem(what, mend)
        case EngineChoice.AUTO:
            return subject.warning(what, mend + _OTHER_ENGINE)
        case EngineChoice.ONNXRUNTIME:
            return subject.not_checked(f"The engine onnxruntime needs none of it. {what}")


def _dotted(numbers: Sequence[int]) -> str:
    return ".".join(map(str, numbers))
