"""What the operator asks `mattebox doctor` to look at."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from mattebox.up.options import UpOptions


@dataclass(frozen=True, slots=True)
class RunningAsked:
    """A running service that is asked too; None each where it is not."""

    url: str | None = None
    key: str | None = None
    grpc: str | None = None

    def completed_from(self, ready_file: Path) -> Self:
        """Takes what is not named from the file that a running `mattebox up` wrote.

        Raises:
            OSError: it cannot be read.
            ValueError: it is no such file.
        """
        facts = json.loads(ready_file.read_text("utf-8"))
        if not isinstance(facts, dict):
            raise ValueError("no object")  # noqa: TRY004 - a file's content is a value
        return type(self)(
            self.url or facts.get("http"),
            self.key or facts.get("api_key"),
            self.grpc or facts.get("grpc"),
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of the command line; `command.py` says what each is for."""

    up: UpOptions
    """As `mattebox up` would be started."""

    running: RunningAsked
    deep: bool
    """Whether the models are run."""
