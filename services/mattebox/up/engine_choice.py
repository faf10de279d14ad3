"""Which engine is taken, and why."""

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
        CannotStartError: it is not installed there.
    """
    folder = repository.absolute() / model
    if not (folder / "config.pbtxt").is_file() or not any(folder.glob("[0-9]*/model.onnx")):
        raise CannotStartError(
            f"The model {model} is not installed in {repository.absolute()}."
            f" Run `mattebox models install {model}`, or name another folder with"
            " --model-repository."
        )
    return folder


def _check_in_process() -> None:
    if find_spec("onnxruntime") is None:
        raise CannotStartError(
            "The engine onnxruntime is not installed; `pip install 'mattebox[models]'`."
        )
