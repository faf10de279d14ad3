import hashlib
from pathlib import Path

import pytest

from mattebox.models.digest import sha256_of


@pytest.mark.parametrize("content", [b"", b"a network", bytes(300_000)])
def test_a_file_is_told_by_its_content(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(content)

    assert sha256_of(path) == hashlib.sha256(content).hexdigest()


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sha256_of(tmp_path / "model.onnx")
