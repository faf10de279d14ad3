"""Reads the part of a Dockerfile's language that our Dockerfiles are written in.

Whatever else stands in one is an error: a step that was passed over would be believed to be tested.
"""

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_COMMANDS = {
    "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "LABEL", "RUN", "USER", "WORKDIR",
}  # fmt: skip
_FLAGS = {"COPY": {"from", "chown"}, "RUN": {"mount"}}
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


class DockerfileError(Exception):
    """A Dockerfile says something that is not understood here."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction, its variables still in it."""

    command: str
    flags: tuple[tuple[str, str], ...]
    text: str
    """What follows command and flags."""

    def flag(self, name: str) -> str | None:
        """The last value of a flag; None without it."""
        return dict(self.flags).get(name)

    @property
    def exec_form(self) -> tuple[str, ...] | None:
        """The words of a JSON array; None where the text is none."""
        if not self.text.startswith("["):
            return None
        words: list[str] = json.loads(self.text)
        return tuple(words)


@dataclass(slots=True)
class Stage:
    """What stands between one FROM and the next."""

    base: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """A whole file."""

    path: Path
    arguments: Mapping[str, str]
    """Those before the first FROM, with their defaults."""
    stages: tuple[Stage, ...]


def parsed(path: Path) -> Dockerfile:
    """Reads a Dockerfile.

    Raises:
        DockerfileError: it holds what is not understood here.
    """
    arguments: dict[str, str] = {}
    stages: list[Stage] = []
    for line in _lines(path.read_text()):
        instruction = _instruction(line)
        if instruction.command == "FROM":
            stages.append(_stage(expanded(instruction.text, arguments), len(stages)))
        elif stages:
            stages[-1].instructions.append(instruction)
        elif instruction.command == "ARG":
            arguments |= declared(instruction.text)
        else:
            raise DockerfileError(f"{path.name}: {instruction.command} before FROM")
    return Dockerfile(path, arguments, tuple(stages))


def declared(text: str) -> dict[str, str]:
    """Reads `NAME=value …` as ARG, ENV and LABEL have it; without a value it is empty."""
    pairs = (word.partition("=") for word in shlex.split(text))
    return {name: value for name, _, value in pairs}


def expanded(text: str, variables: Mapping[str, str]) -> str:
    """Puts in the values of variables.

    Raises:
        DockerfileError: one of them is not declared.
    """

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if name not in variables:
            raise DockerfileError(f"${name} is not declared")
        return variables[name]

    return _VARIABLE.sub(value, text)


def _lines(text: str) -> list[str]:
    """Joins continued lines, and leaves comments out."""
    kept = [
        line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")
    ]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(kept))
    return joined.splitlines()


def _instruction(line: str) -> Instruction:
    command, _, text = line.strip().partition(" ")
    if command not in _COMMANDS:
        raise DockerfileError(f"{command} is not understood")
    flags = []
    text = text.strip()
    while found := re.match(r"--([a-z]+)=(\S+)\s+", text):
        if found[1] not in _FLAGS.get(command, ()):
            raise DockerfileError(f"{command} --{found[1]} is not understood")
        flags.append((found[1], found[2]))
        text = text[found.end() :]
    if text.startswith("--") or "<<" in text:
        raise DockerfileError(f"{command} {text} is not understood")
    return Instruction(command, tuple(flags), text)


def _stage(text: str, number: int) -> Stage:
    match text.split():
        case [base]:
            return Stage(base, str(number))
        case [base, "AS", name]:
            return Stage(base, name)
        case _:
            raise DockerfileError(f"FROM {text} is not understood")
