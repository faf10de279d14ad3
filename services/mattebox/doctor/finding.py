"""What the doctor says of one thing."""

from dataclasses import dataclass
from enum import StrEnum

_PAGE = "docs/troubleshooting.md"


class Status(StrEnum):
    """How it is."""

    OK = "ok"
    WARNING = "warning"
    """It works, but not as well or as safely as it might."""

    PROBLEM = "problem"
    """Something will not start, or does not work."""

    NOT_CHECKED = "not checked"


class Topic(StrEnum):
    """The sections of the page that tells more; the values are the ends of their addresses."""

    PYTHON = "python"
    TRITON = "triton"
    RUNTIMES = "runtimes"
    SETTINGS = "settings"
    PORTS = "ports"
    MODELS = "models"
    MEMORY = "memory"
    SHARED_MEMORY = "shared-memory"
    OPEN_FILES = "open-files"
    CORES = "cores"
    STATE_DIRECTORY = "state-directory"
    DISK = "disk"
    DATABASE = "database"
    PEPPER = "pepper"
    SERVICE = "running-service"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    name: str
    status: Status
    what: str
    """What was found: a sentence."""

    topic: Topic
    mend: str = ""
    """What to do about it; with a warning or a problem never empty."""

    @property
    def docs(self) -> str:
        """Where more is told."""
        return f"{_PAGE}#{self.topic}"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a check speaks of; it makes the findings."""

    name: str
    topic: Topic

    def ok(self, what: str) -> Finding:
        """Finds nothing to mend."""
        return Finding(self.name, Status.OK, what, self.topic)

    def warning(self, what: str, mend: str) -> Finding:
        """Finds what works, but might work better."""
        return Finding(self.name, Status.WARNING, what, self.topic, mend)

    def problem(self, what: str, mend: str) -> Finding:
        """Finds what does not work."""
        return Finding(self.name, Status.PROBLEM, what, self.topic, mend)

    def not_checked(self, why: str, how: str = "") -> Finding:
        """Says why it was not looked at, and how it would be."""
        return Finding(self.name, Status.NOT_CHECKED, why, self.topic, how)
