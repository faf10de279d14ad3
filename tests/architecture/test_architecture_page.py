"""The page on the architecture names modules that there are."""

import re
from importlib.util import find_spec

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text()
SERVICES = ROOT / "services"
ROOTS = ("gateway", "segmenter")
NAMED = sorted(set(re.findall(r"`((?:gateway|segmenter)[/.][a-z_/.]+?)/?`", PAGE)))


@pytest.mark.parametrize("name", NAMED)
def test_a_module_that_is_named_is_there(name: str) -> None:
    module = name.removesuffix(".py").replace("/", ".")
    assert find_spec(module) is not None


def test_modules_named_by_their_last_part_are_there() -> None:
    """In lists such as `gateway/gate.py`, `backpressure.py` the folder is said once."""
    parts = re.findall(r"`([a-z_]+(?:/[a-z_]+)*(?:\.py|/))`", PAGE)
    assert len(parts) > 20
    for part in parts:
        places = [ROOT, SERVICES, *(SERVICES / root for root in ROOTS)]
        places.append(SERVICES / "segmenter" / "imaging")
        assert any((place / part).exists() for place in places), part
