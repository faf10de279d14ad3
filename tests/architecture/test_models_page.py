"""docs/models.md tells of the cards and of their format what is so."""

import dataclasses
import re
import typing
from pathlib import Path

import pytest

from mattebox.models import card, installed
from mattebox.models.card import Card
from mattebox.models.install import InstallOptions, install
from tests import published_networks
from tests.conftest import ROOT
from tests.published_networks import Shape

PAGE = (ROOT / "docs" / "models.md").read_text("utf-8")
OPEN_TABLES = {"source", "file", "known_files"}
"""Told of as a whole."""


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table under a heading."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def example() -> str:
    found = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


@pytest.mark.parametrize("name", card.names())
def test_the_catalogue_tells_what_the_card_says(name: str) -> None:
    told = {row[0]: row for row in rows("The catalogue")}
    model = card.load(name)

    size = f"{model.graph.height_px} x {model.graph.width_px}"
    file = f"fetched, {round(model.file.size_bytes / 1e6)} MB" if model.file else "yours"
    licence = model.licence
    expected = [f"`{name}`", model.title, size, file, licence.spdx, licence.commercial_use]
    assert told[f"`{name}`"] == expected
    assert len(told) == len(card.names())


def test_every_key_of_a_card_is_told_with_its_default() -> None:
    told = {key: row[-1].strip("`") for row in rows("A card of your own")
            for key in re.findall(r"`([a-z_.]+)`", row[0])}  # fmt: skip

    keys = dict(keys_of(Card))
    assert set(keys) <= set(told)
    for key, default in keys.items():
        if default is dataclasses.MISSING:
            assert told[key] == "", key
        elif default not in (None, (), ""):
            # As TOML writes it: False is false there.
            assert told[key] == str(default).replace("False", "false"), key


def keys_of(kind: type, prefix: str = "") -> typing.Iterator[tuple[str, object]]:
    hints = typing.get_type_hints(kind)
    for field in dataclasses.fields(kind):
        if dataclasses.is_dataclass(hints[field.name]) and field.name not in OPEN_TABLES:
            yield from keys_of(typing.cast("type", hints[field.name]), f"{field.name}.")
        else:
            yield f"{prefix}{field.name}", field.default


def test_the_example_is_a_card_that_installs(tmp_path: Path) -> None:
    (tmp_path / "my-matting.toml").write_text(example())
    model = card.read(tmp_path / "my-matting.toml")
    shape = Shape("height", "width", ends_in="logits")
    file = published_networks.write(tmp_path / "my-matting.onnx", shape)

    install(model, tmp_path / "repository", InstallOptions(from_file=file))

    assert installed.condition(model, tmp_path / "repository").state == "installed"
    assert installed.names(tmp_path / "repository") == ["my-matting"]
