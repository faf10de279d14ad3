"""Secrets are compared in constant time, and none is in the code or the documents."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.accounts.keys import key_id
from tests.conftest import ROOT

SECRET = re.compile(r"(?i)digest|pepper|proof|secret|\bkey\b|password")
KEY = re.compile(r"mb_(?:live|admin|synthetic)_[0-9A-Za-z]+_[0-9A-Za-z]+")
MODULES = sorted((ROOT / "services" / "gateway").rglob("*.py"))
# What is compared there is the name of a trailer.
NO_SECRETS = {"key == 'grpc-status-details-bin'"}


def comparisons(module: Path) -> Iterator[str]:
    """The comparisons by == and != of what is called like a secret."""
    for node in ast.walk(ast.parse(module.read_text())):
        if not isinstance(node, ast.Compare):
            continue
        if not any(isinstance(operator, ast.Eq | ast.NotEq) for operator in node.ops):
            continue
        for operand in (node.left, *node.comparators):
            if isinstance(operand, ast.Name | ast.Attribute | ast.Call) and SECRET.search(
                ast.unparse(operand).rpartition(".")[2]
            ):
                yield ast.unparse(node)
                break


def test_a_comparison_of_secrets_would_be_found(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("record.digest == given\na != digest(key)\nlen(x) == 2\nkey is None\n")

    assert list(comparisons(module)) == ["record.digest == given", "a != digest(key)"]


def test_no_secret_is_compared_letter_by_letter() -> None:
    found = {comparison for module in MODULES for comparison in comparisons(module)}

    # Lengths tell nothing of a secret.
    telling = {each for each in found if "PEPPER_BYTES" not in each}
    assert telling <= NO_SECRETS


def test_no_key_that_could_be_one_is_in_code_or_documents() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    sources = [path for path in (ROOT / "services").rglob("*") if path.suffix in {".py", ".json"}]
    assert len(sources) > 100

    for path in (*pages, *sources):
        for written in KEY.findall(path.read_text()):
            assert key_id(written) is None, f"{path}: {written}"


@pytest.mark.parametrize("name", ["Makefile", "pyproject.toml"])
def test_no_key_stands_in_what_starts_the_service(name: str) -> None:
    assert KEY.search((ROOT / name).read_text()) is None
