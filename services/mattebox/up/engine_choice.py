"""Which engine is taken, and why."""

import hashlib
import json
from importlib.util import find_spec
from pathlib import Path

from mattebox.up import triton_wheel
from mattebox.up.errors import CannotStartError
from mattebox.up.options import EngineChoice
from mattebox.up.say import say
from mattebox.up.triton_wheel import TritonWheel


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
        raise CannotStartError(f"The engine triton cannot run here. {reason}")
    say(f"engine onnxruntime, because triton cannot run here. {reason}")
    _check_in_process()
    return None


def check_model(repository: Path, model: str) -> Path:
    """Returns the folder of an installed model.

    Raises:
        CannotStartError: it is not installed there, or is not what was installed.
    """
    folder = repository.absolute() / model
    graphs = sorted(folder.glob("[0-9]*/model.onnx"))
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


def _check_provenance(graph: Path, model: str) -> None:
    """Compares a graph with what its installation wrote beside it; an operator's own has none."""
    # `mattebox models verify` looks at more, with libraries that would stay in memory as long as
    # the service.
    try:
        expected = json.loads((graph.parent / "provenance.json").read_text())["sha256"]
    except FileNotFoundError:
        return
    except (OSError, ValueError, LookupError, TypeError):
        expected = None
    with graph.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != expected:
        raise CannotStartError(
            f"{graph} is not the file that was installed; `mattebox models verify {model}` says"
            " more, and how to mend it."
        )


def _check_in_process() -> None:
    if find_spec("onnxruntime") is None:
        raise CannotStartError(
            "The engine onnxruntime is not installed; `pip install 'mattebox[models]'`."
        )
