import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NEEDS_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="guarded children need Linux")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(NEEDS_LINUX)
