"""Whether a model can be served as it stands."""

from mattebox.doctor.facts.models import ModelFacts, Standing
from mattebox.doctor.finding import Finding, Subject, Topic


def model(facts: ModelFacts) -> Finding:
    """Whether it is there, and what was installed."""
    subject = Subject(f"model {facts.name}", Topic.MODELS)
    match facts.standing:
        case Standing.MISSING:
            return subject.problem(
                f"It is not installed in {facts.repository}.",
                f"`mattebox models install {facts.name}` beside that folder, or name the right"
                " one with --model-repository.",
            )
        case Standing.DAMAGED:
            return subject.problem(facts.problem, facts.remedy)
        case Standing.OWN:
            return subject.not_checked(
                "It was put there without `mattebox models install`, so nothing tells how it"
                " should be."
            )
        case Standing.SOUND if facts.not_looked_at:
            return subject.warning(
                "Its files are those that were installed; its tensors could not be looked at"
                f" without the package {facts.not_looked_at}.",
                "`pip install 'mattebox[models]'`.",
            )
        case Standing.SOUND:
            return subject.ok("It is, byte for byte, what was installed.")


def answer(facts: ModelFacts) -> Finding:
    """Whether it computes its known answer here."""
    subject = Subject(f"answer of {facts.name}", Topic.MODELS)
    if facts.run_problem is None:
        if facts.standing is Standing.SOUND and not facts.not_looked_at:
            return subject.not_checked("It was not run.", "Pass --deep, which takes seconds.")
        return subject.not_checked("It was not run: what stands there has to be sound first.")
    if facts.run_problem:
        return subject.problem(
            f"It does not compute what it should: {facts.run_problem}",
            "Install the locked versions of the runtimes (`make setup`), or try the other one"
            " with MATTEBOX_CPU_RUNTIME=onnxruntime.",
        )
    return subject.ok("The known picture gets its known matte on this processor.")
