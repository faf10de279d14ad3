"""The scripts in docs/, which are in no package, as modules."""

import importlib.util
from types import ModuleType

from tests.conftest import ROOT


def docs_script(name: str) -> ModuleType:
    """Loads docs/``name``.py."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
