"""Reads a stage of a Dockerfile: what it says of a process, and the steps that make files."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tests.deploy.images.dockerfile import DockerfileError, Instruction, declared, expanded
from tests.deploy.images.sandbox import BASE_PATH


@dataclass(frozen=True, slots=True)
class Configuration:
    """What an image says of the process that runs in it."""

    env: Mapping[str, str] = field(default_factory=lambda: {"PATH": BASE_PATH})
    labels: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[int, ...] = ()
    user: str = "0:0"
    workdir: str = "/"
    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A RUN or COPY, with the folder it is in and the variables it sees."""

    instruction: Instruction
    workdir: str
    env: Mapping[str, str]


def read(
    instructions: list[Instruction],
    start: Configuration,
    given: Mapping[str, str],
    defaults: Mapping[str, str],
) -> tuple[Configuration, list[Step]]:
    """Reads the instructions of a stage.

    Args:
        instructions: in their order.
        start: what the image says that the stage begins with.
        given: the values of arguments that whoever builds gives.
        defaults: those of arguments that stand before the first stage.

    Raises:
        DockerfileError: one of them is not understood, or would need a shell to start.
    """
    found = start
    arguments: dict[str, str] = {}
    steps = []
    for each in instructions:
        if each.command == "RUN":
            steps.append(Step(each, found.workdir, arguments | {**found.env}))
            continue
        text = expanded(each.text, arguments | {**found.env})
        if each.command == "COPY":
            steps.append(Step(replace(each, text=text), found.workdir, found.env))
        elif each.command == "ARG":
            ((name, default),) = declared(text).items()
            arguments[name] = given.get(name, default or defaults.get(name, ""))
        else:
            found = _configured(found, replace(each, text=text))
    return found, steps


def _configured(found: Configuration, instruction: Instruction) -> Configuration:
    text = instruction.text
    match instruction.command:
        case "ENV":
            return replace(found, env={**found.env, **declared(text)})
        case "LABEL":
            return replace(found, labels={**found.labels, **declared(text)})
        case "EXPOSE":
            return replace(found, ports=tuple(map(int, text.split())))
        case "USER":
            return replace(found, user=text)
        case "WORKDIR":
            return replace(found, workdir=text)
        case "ENTRYPOINT" | "CMD":
            words = instruction.exec_form
            if words is None:
                raise DockerfileError(f"{instruction.command} {text} needs a shell")
            is_cmd = instruction.command == "CMD"
            return replace(found, cmd=words) if is_cmd else replace(found, entrypoint=words, cmd=())
        case _:
            raise DockerfileError(f"{instruction.command} is not understood in a stage")
