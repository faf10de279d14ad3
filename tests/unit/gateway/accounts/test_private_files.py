import stat
from pathlib import Path

import pytest

from gateway.accounts.private_files import keep_to_owner


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (0o666, 0o600),
        (0o644, 0o600),
        (0o604, 0o600),
        (0o602, 0o600),
        (0o601, 0o600),
        (0o660, 0o660),
        (0o640, 0o640),
        (0o600, 0o600),
        (0o400, 0o400),
    ],
)
def test_what_anybody_can_read_or_change_is_the_owners_alone(
    tmp_path: Path, before: int, after: int
) -> None:
    file = tmp_path / "file"
    file.write_text("content")
    file.chmod(before)

    keep_to_owner(file)

    assert stat.S_IMODE(file.stat().st_mode) == after
    assert file.read_text() == "content"


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    keep_to_owner(tmp_path / "file")

    assert list(tmp_path.iterdir()) == []
