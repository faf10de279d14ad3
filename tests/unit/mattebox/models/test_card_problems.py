import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from mattebox.models.card_problems import problems_of

TEXT = """# A card.
name = "x"

[table]
width = 2
  height  = 3

[[files]]
md5 = "a"

[[files]]
md5 = "b"
"""


@dataclass
class Table:
    width: int
    height: int
    depth: int


@dataclass
class File:
    md5: int


@dataclass
class Shape:
    name: int
    table: Table
    files: list[File]
    missing: str


def problems_in(card: dict[str, object]) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Shape).validate_python(card)
    return problems_of(caught.value, TEXT).split("; ")


def test_each_problem_is_told_with_its_key_and_line() -> None:
    table = {"width": 2, "height": "high"}
    found = problems_in({"name": "x", "table": table, "files": [{"md5": 1}, {"md5": "b"}]})

    assert [each.split(": ")[0] for each in found] == [
        "name (line 2)",
        "table.height (line 6)",
        "table.depth (line 4)",
        "files.1.md5 (line 12)",
        "missing",
    ]


def test_what_stands_in_one_line_with_others_is_told_with_what_is_around_it() -> None:
    found = problems_in({"name": 1, "table": {}, "files": "none", "missing": ""})

    assert [each.split(": ")[0] for each in found] == [
        "table.width (line 5)",
        "table.height (line 6)",
        "table.depth (line 4)",
        "files (line 8)",
    ]
