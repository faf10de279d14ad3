"""Which engine is taken, and why."""

import json
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from mattebox.models.digest import sha256_of
from mattebox.up import triton_wheel
from mattebox.up.errors import CannotStartError
from mattebox.up.options import EngineChoice
from mattebox.up.plans import CPU_RUNTIME_VARIABLE
from mattebox.up.say import say
from mattebox.up.triton_wheel import TritonWheel
from segmenter.inference.runtimes import MNN_FORM, CpuRuntime, RuntimeMissingError, chosen

_TITLES: Mapping[CpuRuntime, str] = {
    CpuRuntime.MNN: "MNN",
    CpuRuntime.ONNXRUNTIME: "ONNX Runtime",
}


def choose(wanted: EngineChoice) -> TritonWheel | None:
    """Returns the Triton to start; None for the engine inside the segmenter.

    Raises:
        CannotStartError: the demanded engine cannot run here. `auto` demands none.
    """
    if wanted is EngineChoice.ONNXRUNTIME:
        _check_in_process()
        return None
    wheel = triton_wheel.locate()
    reason = triton_wheel.why_not(wheel)
    if reason is None:
        say("engine triton.")
        return wheel
    if wanted is EngineChoice.TRITON:
        raise CannotStartError(
            f"The engine triton cannot run here. {reason}"
            " With --engine onnxruntime the network runs inside the segmenter."
        )
    say(f"engine onnxruntime, because triton cannot run here. {reason}")
    _check_in_process()
    return None


def check_model(repository: Path, model: str) -> Path:
    """Returns the folder of an installed model.

    Raises:
        CannotStartError: it is not installed there, or is not what was installed.
    """
    folder = repository.absolute() / model
    graphs = graphs_of(folder)
    is_name = Path(model).name == model
    if not is_name or not (folder / "config.pbtxt").is_file() or not graphs:
        raise CannotStartError(
            f"The model {model} is not installed in {repository.absolute()}."
            f" If that is the right folder, run `mattebox models install {model}` beside it"
            " (`mattebox models list` shows what can be installed); if not, name another one with"
            " --model-repository."
        )
    for graph in graphs:
        _check_provenance(graph, model)
    return folder


def choose_cpu_runtime(models: Sequence[Path], threads: int, wanted: str | None) -> CpuRuntime:
    """Returns what is asked for, and says of each model what it comes to.

    Raises:
        CannotStartError: it cannot compute one of the models here, or is none.
    """
    try:
        runtime = CpuRuntime.AUTO if wanted is None else CpuRuntime(wanted)
    except ValueError:
        known = ", ".join(CpuRuntime)
        raise CannotStartError(
            f"{CPU_RUNTIME_VARIABLE} is {wanted!r}, expected one of {known}. Correct or unset it."
        ) from None
    for model in models:
        for graph in graphs_of(model):
            try:
                say(f"{model.name} is computed by {_TITLES[chosen(graph, threads, runtime)]}.")
            except RuntimeMissingError as error:
                raise CannotStartError(
                    f"{CPU_RUNTIME_VARIABLE} is {runtime}. {error} Without that variable ONNX"
                    " Runtime takes its place."
                ) from None
    return runtime


def graphs_of(folder: Path) -> list[Path]:
    """Lists the graphs of a model's folder, by version."""
    return sorted(folder.glob("[0-9]*/model.onnx"))


def _check_provenance(graph: Path, model: str) -> None:
    """Compares a model with what its installation wrote beside it; an operator's own has none."""
    # `mattebox models verify` looks at more, with libraries that would stay in memory as long as
    # the service.
    try:
        provenance = json.loads((graph.parent / "provenance.json").read_text())
        expected = {graph: provenance["sha256"]}
        form, mnn_sha256 = graph.with_name(MNN_FORM), provenance.get("mnn_sha256")
        if mnn_sha256 or form.exists():
            expected[form] = mnn_sha256
    except FileNotFoundError:
        return
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        expected = {graph: None}
    for path, sha256 in expected.items():
        if not path.exists() or sha256_of(path) != sha256:
            raise CannotStartError(
                f"{path} is not the file that was installed; `mattebox models verify {model}` says"
                " more, and how to mend it."
            )


def _check_in_process() -> None:
    if find_spec("onnxruntime") is None:
        raise CannotStartError(
            "The engine onnxruntime is not installed; `pip install 'mattebox[models]'`."
        )
