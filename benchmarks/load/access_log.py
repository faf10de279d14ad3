"""What the gateway wrote of the requests it answered."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Answered:
    """One request. The time is from its head to the end of its answer."""

    status: int
    code: str
    duration_s: float


class AccessLog:
    """The lines that a log has got since they were last read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_bytes = 0

    def new(self) -> list[Answered]:
        """Reads whole lines only: the last one may still be being written."""
        with self._path.open("rb") as log:
            log.seek(self._read_bytes)
            text = log.read()
        whole, _, _ = text.rpartition(b"\n")
        self._read_bytes += len(whole) + 1 if whole else 0
        return list(_requests(whole.decode(errors="replace")))


def _requests(text: str) -> Iterator[Answered]:
    for line in text.splitlines():
        if line.startswith("{"):
            entry = json.loads(line)
            if entry.get("event") == "request":
                yield Answered(entry["status"], entry["code"], entry["duration_ms"] / 1000)
