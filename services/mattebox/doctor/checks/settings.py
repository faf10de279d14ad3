"""Whether the services can read their settings."""

from mattebox.doctor.facts.settings import SettingsFacts
from mattebox.doctor.finding import Finding, Subject, Topic


def settings(facts: SettingsFacts) -> list[Finding]:
    """A finding for each setting that is wrong, or one that all are right."""
    subject = Subject("settings", Topic.SETTINGS)
    if facts.missing_package:
        return [
            subject.problem(
                f"The package {facts.missing_package} is not installed.",
                "`pip install 'mattebox[gateway,segmenter,models]'`.",
            )
        ]
    if not facts.problems:
        return [subject.ok("The environment makes valid settings for gateway and segmenter.")]
    mend = "Correct or unset that variable; docs/settings.md lists all with their values."
    return [subject.problem(_sentence(problem), mend) for problem in facts.problems]


def _sentence(problem: str) -> str:
    return problem if problem.endswith((".", "?")) else f"{problem}."
