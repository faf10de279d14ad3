import json
from pathlib import Path

import pytest

from mattebox.doctor.asked import RunningAsked

FACTS = {"http": "http://127.0.0.1:1", "api_key": "mb_live_file", "grpc": "127.0.0.1:2"}


@pytest.fixture
def ready_file(tmp_path: Path) -> Path:
    path = tmp_path / "ready.json"
    path.write_text(json.dumps(FACTS))
    return path


def test_what_is_not_named_comes_from_the_ready_file(ready_file: Path) -> None:
    asked = RunningAsked(key="mb_live_named").completed_from(ready_file)

    assert asked == RunningAsked("http://127.0.0.1:1", "mb_live_named", "127.0.0.1:2")


@pytest.mark.parametrize("content", ["", "[]", "{"])
def test_another_file_is_refused(ready_file: Path, content: str) -> None:
    ready_file.write_text(content)

    with pytest.raises(ValueError, match=r"."):
        RunningAsked().completed_from(ready_file)
