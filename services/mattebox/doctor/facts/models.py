"""What stands in the model repository, byte for byte, and on demand what it computes."""

import subprocess
import sys
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from mattebox.models import catalogue, installed
from mattebox.models.card import Card
from mattebox.models.errors import ModelError
from mattebox.models.places import SHIPPED_CARDS
from mattebox.up.engine_choice import graphs_of

_RUN_TIMEOUT_S = 300.0
_VERIFY = (sys.executable, "-P", "-c", "from mattebox.cli import main; main()", "models", "verify")


class Standing(Enum):
    """How a model stands in the repository."""

    MISSING = auto()
    OWN = auto()
    """Put there by the operator, with nothing that tells how it should be."""

    DAMAGED = auto()
    SOUND = auto()


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """One model that is to be served."""

    name: str
    repository: Path
    standing: Standing
    problem: str = ""
    """Why it is damaged: a sentence."""

    remedy: str = ""
    not_looked_at: str = ""
    """The package without which its tensors could not be looked at."""

    run_problem: str | None = None
    """Why it does not compute what it should; "" where it does, None where it was not run."""


def gather(name: str, repository: Path, *, run: bool) -> ModelFacts:
    """Looks at a model as `mattebox models verify` does; with `run` also lets it compute."""
    repository = repository.absolute()
    folder = repository / name
    is_name = Path(name).name == name
    if not is_name or not (folder / installed.CONFIG).is_file() or not graphs_of(folder):
        return ModelFacts(name, repository, Standing.MISSING)
    if name not in installed.names(repository):
        return ModelFacts(name, repository, Standing.OWN)
    missing_package = ""
    remedy = f"`mattebox models install {name} --force`"
    try:
        card = catalogue.find(name, SHIPPED_CARDS, repository)
        remedy = installed.remedy(card)
        missing_package = _verify(card, repository)
    except (ModelError, OSError) as error:
        problem = str(error).removesuffix(remedy).strip()
        return ModelFacts(name, repository, Standing.DAMAGED, problem, remedy)
    run_problem = _run(name, repository) if run and not missing_package else None
    return ModelFacts(
        name,
        repository,
        Standing.SOUND,
        not_looked_at=missing_package,
        run_problem=run_problem,
    )


def _verify(card: Card, repository: Path) -> str:
    """Looks whether it is as it was installed; returns the package that all of that takes, if any.

    Raises:
        ModelError: it is not.
    """
    try:
        from mattebox.models import verify  # noqa: PLC0415 - needs the extra
    except ModuleNotFoundError as error:
        if problem := installed.condition(card, repository).problem:
            raise ModelError(problem) from None
        return error.name or "onnx"
    verify.verify(card, repository)
    return ""


def _run(name: str, repository: Path) -> str:
    """Runs the network in a child, since a library that this processor cannot run ends its process.

    Returns why it does not give its known answer; "" where it does.
    """
    try:
        child = subprocess.run(
            [*_VERIFY, name, "--run", "--repository", str(repository)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_RUN_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it did not answer in {_RUN_TIMEOUT_S:g} s."
    if child.returncode < 0:
        return f"its process was ended by signal {-child.returncode}."
    if child.returncode:
        lines = child.stderr.strip().splitlines() or [f"exit code {child.returncode}."]
        return lines[-1].removeprefix("mattebox: ")
    return ""
