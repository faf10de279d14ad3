import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.accounts.keys import key_id
from gateway.accounts.keys_file import KeysFile, KeysFileError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "keys.json"


def test_a_new_key_is_recognised_by_whoever_reads_the_file(path: Path) -> None:
    key = KeysFile(path).replace_labelled("bootstrap", mode="live")

    record = KeysFile(path).recognise(key)

    assert record is not None
    assert (record.mode, record.label) == ("live", "bootstrap")
    assert record.key_id == key_id(key)
    assert KeysFile(path).find(record.key_id) == record
    assert KeysFile(path).find("nobody") is None


def test_a_replaced_key_is_revoked_and_other_labels_stay(path: Path) -> None:
    keys = KeysFile(path)
    first, other = keys.replace_labelled("bootstrap"), keys.replace_labelled("other")

    second = keys.replace_labelled("bootstrap")

    assert keys.recognise(first) is None
    assert keys.recognise(second) is not None
    assert keys.recognise(other) is not None


def test_files_and_a_new_folder_are_the_owners_alone(path: Path) -> None:
    KeysFile(path).replace_labelled("bootstrap")

    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {
        "keys.json": 0o600,
        "keys.pepper": 0o600,
        "keys.lock": 0o600,
    }


def test_no_key_stands_in_any_file(path: Path) -> None:
    key = KeysFile(path).replace_labelled("bootstrap")

    secret = key.rpartition("_")[2]
    assert all(secret not in file.read_text() for file in path.parent.iterdir())


def test_a_change_is_seen_at_the_next_question(path: Path) -> None:
    reader, writer = KeysFile(path), KeysFile(path)
    first = writer.replace_labelled("bootstrap")
    assert reader.recognise(first) is not None

    second = writer.replace_labelled("bootstrap")

    assert reader.recognise(first) is None
    assert reader.recognise(second) is not None


def test_a_missing_file_is_told_on_loading(path: Path) -> None:
    with pytest.raises(KeysFileError, match=r"cannot read .*keys\.json: No such file"):
        KeysFile(path).load()


def test_a_missing_pepper_is_told_on_loading(path: Path) -> None:
    KeysFile(path).replace_labelled("bootstrap")
    path.with_suffix(".pepper").unlink()

    with pytest.raises(KeysFileError, match=r"cannot read .*keys\.pepper"):
        KeysFile(path).load()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"keys": 1}',
        '{"keys": [1]}',
        '{"keys": [{}]}',
        '{"keys": [{"key_id": 1, "mode": "live", "label": "", "digest": "", "created_at": ""}]}',
        '{"keys": [{"key_id": "", "mode": "god", "label": "", "digest": "", "created_at": ""}]}',
        "\xff",
    ],
)
def test_a_damaged_file_is_told_on_loading(path: Path, content: str) -> None:
    KeysFile(path).replace_labelled("bootstrap")
    path.write_bytes(content.encode("latin-1"))

    with pytest.raises(KeysFileError, match="is no keys file, or a damaged one"):
        KeysFile(path).load()


@pytest.mark.parametrize("content", ["", "zz", "00" * 31, "\u00fc"])
def test_a_damaged_pepper_is_told_on_loading(path: Path, content: str) -> None:
    KeysFile(path).replace_labelled("bootstrap")
    path.with_suffix(".pepper").write_text(content)

    with pytest.raises(KeysFileError, match="is no pepper, or a damaged one"):
        KeysFile(path).load()


def test_a_file_damaged_later_leaves_the_last_good_keys_and_is_told_once(path: Path) -> None:
    problems: list[str] = []
    key = KeysFile(path).replace_labelled("bootstrap")
    reader = KeysFile(path, problems.append)
    reader.load()

    path.write_text("damaged")

    assert reader.recognise(key) is not None
    assert reader.recognise(key) is not None
    assert problems == [f"{path} is no keys file, or a damaged one."]


def test_a_file_that_vanishes_later_leaves_the_last_good_keys(path: Path) -> None:
    problems: list[str] = []
    key = KeysFile(path).replace_labelled("bootstrap")
    reader = KeysFile(path, problems.append)
    reader.load()

    path.unlink()

    assert reader.recognise(key) is not None
    assert len(problems) == 1


def test_a_file_repaired_later_is_in_force_again(path: Path) -> None:
    keys = KeysFile(path)
    key = keys.replace_labelled("bootstrap")
    reader = KeysFile(path)
    reader.load()
    good = path.read_text()
    path.write_text("damaged")
    assert reader.recognise(key) is not None

    path.write_text(json.dumps(json.loads(good) | {"keys": []}))

    assert reader.recognise(key) is None


def test_a_damaged_file_is_never_overwritten(path: Path) -> None:
    KeysFile(path).replace_labelled("bootstrap")
    path.write_text("damaged")

    with pytest.raises(KeysFileError):
        KeysFile(path).replace_labelled("bootstrap")

    assert path.read_text() == "damaged"


def test_writers_at_the_same_time_lose_no_key(path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(lambda n: KeysFile(path).replace_labelled(f"label {n}"), range(24)))

    keys = KeysFile(path)
    assert all(keys.recognise(key) is not None for key in added)
    left = {file.name for file in path.parent.iterdir()}
    assert left == {"keys.json", "keys.lock", "keys.pepper"}


def test_keys_can_be_made_without_the_libraries_of_the_gateway() -> None:
    script = "import sys, gateway.accounts.keys_file as _; print(*sys.modules)"
    output = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    ).stdout

    assert not {"aiohttp", "pydantic", "grpc", "structlog"} & set(output.split())
