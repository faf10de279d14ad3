"""Writes docs/settings.md from the settings themselves. Run: python docs/make_settings.py."""

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

import gateway.settings
import segmenter.settings
from environment import Settings, variables

PAGE = Path(__file__).parent / "settings.md"
SERVICES: dict[str, type[Settings]] = {
    "Gateway": gateway.settings.GatewaySettings,
    "Segmenter": segmenter.settings.SegmenterSettings,
}


def page() -> str:
    """The whole page."""
    lines = [
        "# Settings",
        "",
        "Read once at start from the environment. All problems are told at once; a variable with",
        "the prefix of a service that names no setting of it is one of them. `mattebox up` sets",
        "the addresses and the engine itself, and the database where none is named, and hands",
        "every other variable on. It reads one of its own: `MATTEBOX_TRITON_BACKENDS`, the folder",
        "of the backends where that is not `deploy/triton/backends` of the checkout.",
        "This page is made by `python docs/make_settings.py`.",
    ]
    for service, settings in SERVICES.items():
        lines += [
            "",
            f"## {service}",
            "",
            "| variable | default | what it changes |",
            "|---|---|---|",
        ]
        lines += list(_rows(settings))
    return "\n".join(lines) + "\n"


def _rows(settings: type[Settings]) -> Iterator[str]:
    for name, detail in variables(settings):
        meaning = " ".join((detail.description or "").split())
        yield f"| `{name}` | {_default(detail)} | {meaning}{_choices(detail.annotation)} |"


def _default(detail: FieldInfo) -> str:
    if detail.default_factory is not None:
        return "from the cores"
    if detail.default is PydanticUndefined:
        return "required"
    value = detail.default.value if isinstance(detail.default, Enum) else detail.default
    if value in (None, ()):
        return "none"
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, tuple):
        value = ",".join(map(str, value))
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _choices(annotation: object) -> str:
    values: list[str] = []
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        values = [member.value for member in annotation]
    elif get_origin(annotation) is Literal:
        values = list(map(str, get_args(annotation)))
    return f" One of {', '.join(f'`{value}`' for value in values)}." if values else ""


if __name__ == "__main__":
    PAGE.write_text(page())
