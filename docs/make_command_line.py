"""Writes docs/reference/command-line.md. Run: python docs/make_command_line.py."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import typer

from mattebox.cli import app

PAGE = Path(__file__).parent / "reference" / "command-line.md"
HEAD = """\
# Command line reference

Every command of `mattebox` with its options, as `--help` tells them, from which this page is made
by `python docs/make_command_line.py`. In a checkout the command is `.venv/bin/mattebox`; in the
images it is on the `PATH`, as `mattebox`.

"""
_EXAMPLES = "Examples:\n"
_VALUES = {"str": "TEXT", "int range": "NUMBER", "int": "NUMBER", "bool": ""}
_TABLE_HEADS = {
    "argument": "| argument | meaning | default |",
    "option": "| option | meaning | default |",
}


def page() -> str:
    """The whole page."""
    found = [*commands(typer.main.get_command(app), "mattebox")]
    lines = ["| command | what it does |", "|---|---|"]
    lines += [f"| [`{name}`](#{_anchor(name)}) | {_summary(command)} |" for name, command in found]
    for name, command in found:
        lines += ["", f"## {name}", "", *_command(name, command)]
    return HEAD + "\n".join(lines) + "\n"


def commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - of its library
    """Each command that can be run, by all its words, and each group of commands."""
    yield name, command
    for word, inner in getattr(command, "commands", {}).items():
        if not inner.hidden:
            yield from commands(inner, f"{name} {word}")


def _command(name: str, command: Any) -> Iterator[str]:  # noqa: ANN401 - of its library
    yield from _paragraphs(command.help)
    context = command.context_class(command)
    shown = [param for param in command.params if not getattr(param, "hidden", False)]
    for kind, head in _TABLE_HEADS.items():
        rows = [_row(param, context) for param in shown if param.param_type_name == kind]
        if rows:
            yield from ["", head, "|---|---|---|", *rows]
    note, _, examples = (command.epilog or "").partition(_EXAMPLES)
    yield from _after(_paragraphs(note))
    if examples:
        yield from ["", "```sh", *(line.strip() for line in examples.splitlines()), "```"]
    inner = getattr(command, "commands", {})
    if inner:
        links = ", ".join(f"[`{word}`](#{_anchor(f'{name} {word}')})" for word in inner)
        yield from ["", f"Commands: {links}."]


def _row(param: Any, context: Any) -> str:  # noqa: ANN401 - of its library
    shown = param.display_type(context).strip("<>")
    choices = shown.split("|") if "|" in shown else []
    value = (param.metavar or "").replace("|", " or ") or (
        "" if choices else _VALUES.get(shown, shown.upper())
    )
    if param.param_type_name == "argument":
        names = f"`{param.metavar or param.name.upper()}`"
    else:
        rest = f" {value}" if value and not param.is_flag else ""
        names = ", ".join(f"`{option}{rest}`" for option in [*param.opts, *param.secondary_opts])
    told = _cell(param.help or "")
    if choices:
        told += f" One of {', '.join(f'`{choice}`' for choice in choices)}."
    return f"| {names} | {told} | {_default(param)} |"


def _default(param: Any) -> str:  # noqa: ANN401 - of its library
    if param.required:
        return "required"
    if param.default in {None, False, ""} or not param.show_default:
        return ""
    if isinstance(param.show_default, str):
        return param.show_default
    return f"`{getattr(param.default, 'value', param.default)}`"


def _summary(command: Any) -> str:  # noqa: ANN401 - of its library
    return _cell(command.help.partition(".")[0] + ".")


def _paragraphs(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(text.strip().split("\n\n")):
        if paragraph.strip():
            yield from [""] if number else []
            yield _cell(paragraph)


def _after(lines: Iterable[str]) -> list[str]:
    found = [*lines]
    return ["", *found] if found else []


def _cell(text: str) -> str:
    """Text in a cell: outside of code, nothing in it is markup."""
    parts = " ".join(text.replace("|", "\\|").split()).split("`")
    parts[::2] = [re.sub(r"([*<])", r"\\\1", part) for part in parts[::2]]
    return "`".join(parts)


def _anchor(name: str) -> str:
    return name.replace(" ", "-")


if __name__ == "__main__":
    PAGE.write_text(page())
