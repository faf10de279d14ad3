"""gRPC ignores options that it does not know, so their names are held against its library."""

import importlib.util
import re
from pathlib import Path

from tests.conftest import ROOT


def test_every_channel_option_is_one_that_grpc_knows() -> None:
    named = {
        (path.name, option)
        for path in (ROOT / "services").rglob("*.py")
        for option in re.findall(r'"(grpc\.[a-z0-9_.]+)",? ', path.read_text())
    }
    spec = importlib.util.find_spec("grpc._cython.cygrpc")
    assert spec is not None
    assert spec.origin is not None
    library = Path(spec.origin).read_bytes()

    assert len(named) > 10
    assert {each for each in named if each[1].encode() not in library} == set()
