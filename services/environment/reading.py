"""Reads settings and words their problems by the names of the variables. Prints no values."""

import argparse
import difflib
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import SettingsError as SourceError

from environment.settings import Section, Settings

EXIT_CODE = 2

AnySettings = TypeVar("AnySettings", bound=Settings)


@dataclass(frozen=True, slots=True)
class About:
    """What ``--help`` tells of a process."""

    purpose: str
    """What it is: a sentence."""

    examples: Sequence[str] = ()
    """Settings to start it with, as a shell takes them before its name."""


_NOTHING_TOLD = About("")


class SettingsError(Exception):
    """The environment does not make valid settings; ``problems`` holds a line for each reason."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def read_settings(settings_type: type[AnySettings]) -> AnySettings:
    """Reads ``settings_type`` out of the environment.

    Raises:
        SettingsError: with every problem, variables that are no setting included.
    """
    problems = list(_unknown_variables(settings_type))
    try:
        settings = settings_type()
    except ValidationError as error:
        problems += _validation_problems(settings_type, error)
    except SourceError as error:
        problems.append(str(error))
    else:
        if not problems:
            return settings
    raise SettingsError(problems)


def read_settings_or_exit(
    settings_type: type[AnySettings], program: str, about: About = _NOTHING_TOLD
) -> AnySettings:
    """Reads ``settings_type``, or ends the process with the list of problems.

    The process takes no arguments: it ends where it was given any, and ``--help`` tells why.
    """
    _refuse_arguments(settings_type, program, about)
    try:
        return read_settings(settings_type)
    except SettingsError as error:
        exit_with_problems(program, error.problems)


def _refuse_arguments(settings_type: type[Settings], program: str, about: About) -> None:
    prefix = settings_type.model_config["env_prefix"]
    argparse.ArgumentParser(
        program,
        description=f"{about.purpose} Serves until SIGTERM or SIGINT.\n\n"
        "It takes no arguments: all settings are environment variables whose names begin\n"
        f"with {prefix}, and docs/settings.md lists them.".strip(),
        epilog=_page_end(program, about),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    ).parse_args()


def _page_end(program: str, about: About) -> str:
    examples = [program, *(f"{variables} {program}" for variables in about.examples)]
    return "\n".join(
        [
            "Exit codes:",
            "  0  it was told to stop, and has finished what was in flight",
            f"  {EXIT_CODE}  it cannot start: each reason is a line of standard error",
            "",
            "Examples:",
            *(f"  {example}" for example in examples),
        ]
    )


def exit_with_problems(program: str, problems: Sequence[str]) -> NoReturn:
    """Writes ``problems`` to standard error, a line each, and exits with code 2."""
    lines = [f"{program} cannot start:", *(f"  - {problem}" for problem in problems)]
    sys.stderr.write("\n".join(lines) + "\n")
    sys.exit(EXIT_CODE)


def variable_names(settings_type: type[Settings]) -> frozenset[str]:
    """The names of all environment variables that ``settings_type`` reads."""
    return frozenset(name for name, _ in variables(settings_type))


def variables(settings_type: type[Settings]) -> Iterator[tuple[str, FieldInfo]]:
    """Names every environment variable that ``settings_type`` reads, with what is known of it."""
    for name, info in settings_type.model_fields.items():
        if isinstance(info.validation_alias, str):
            yield info.validation_alias, info
            continue
        for field, detail in _section_type(settings_type, name).model_fields.items():
            yield _variable(settings_type, name, field), detail


def _unknown_variables(settings_type: type[Settings]) -> Iterator[str]:
    known = variable_names(settings_type)
    prefix = settings_type.model_config["env_prefix"]
    for name in sorted(os.environ):
        if not name.upper().startswith(prefix) or name.upper() in known:
            continue
        similar = difflib.get_close_matches(name.upper(), known, n=1)
        hint = f" Did you mean {similar[0]}?" if similar else ""
        yield f"{name} is not a setting.{hint}"


def _validation_problems(settings_type: type[Settings], error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_url=False, include_context=False, include_input=False):
        message = problem["msg"].removeprefix("Value error, ")
        match problem["loc"]:
            case (str(variable),) if variable in variable_names(settings_type):
                yield f"{variable}: {message}"
            case (str(section),) if problem["type"] == "missing":
                yield from _missing_fields(settings_type, section)
            case (str(section), str(field), *_):
                # A variable that names no field is among the unknown ones already.
                if problem["type"] != "extra_forbidden":
                    yield f"{_variable(settings_type, section, field)}: {message}"
            case (str(section), *_):
                yield f"{_variable(settings_type, section, '*')}: {message}"
            case _:
                yield message


def _missing_fields(settings_type: type[Settings], section: str) -> Iterator[str]:
    for field, info in _section_type(settings_type, section).model_fields.items():
        if info.is_required():
            yield f"{_variable(settings_type, section, field)}: Field required"


def _section_type(settings_type: type[Settings], section: str) -> type[Section]:
    section_type: Any = settings_type.model_fields[section].annotation
    if not (isinstance(section_type, type) and issubclass(section_type, Section)):
        raise TypeError(f"{settings_type.__name__}.{section} is not a Section")
    return section_type


def _variable(settings_type: type[Settings], section: str, field: str) -> str:
    return f"{settings_type.model_config['env_prefix']}{section}_{field}".upper()
