import json
from pathlib import Path

import pytest

from mattebox.up.ready_file import Facts, announced
from tests.umasks import umask

FACTS = Facts(
    http="http://127.0.0.1:8080",
    grpc="127.0.0.1:50051",
    metrics="http://127.0.0.1:9090/metrics",
    api_key="mb_live_key",
    engine="triton",
    model="u2netp",
    segmenter_metrics="http://127.0.0.1:9091/metrics",
)

PIDS = {"triton": 3, "segmenter": 2, "gateway": 1}


def test_the_file_and_standard_output_tell_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "new" / "ready.json"

    with announced(FACTS, file) as announce:
        announce(PIDS)
        written = json.loads(file.read_text())

    printed, curl_line, page_line = capsys.readouterr().out.splitlines()
    assert json.loads(printed) == written
    assert written == {
        "http": "http://127.0.0.1:8080",
        "grpc": "127.0.0.1:50051",
        "metrics": "http://127.0.0.1:9090/metrics",
        "segmenter_metrics": "http://127.0.0.1:9091/metrics",
        "api_key": "mb_live_key",
        "engine": "triton",
        "model": "u2netp",
        "pids": {"triton": 3, "segmenter": 2, "gateway": 1},
    }
    assert curl_line == (
        "curl --fail-with-body -H 'x-api-key: mb_live_key' -F image_file=@photo.jpg"
        " -o cut-out.png http://127.0.0.1:8080/v2"
    )
    assert page_line == "Open http://127.0.0.1:8080/#key=mb_live_key"


def test_of_a_page_that_is_switched_off_nothing_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with announced(FACTS, None, has_page=False) as announce:
        announce(PIDS)

    assert len(capsys.readouterr().out.splitlines()) == 2


def test_new_process_ids_are_written_but_not_printed_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "ready.json"

    with announced(FACTS, file) as announce:
        announce(PIDS)
        capsys.readouterr()
        announce(PIDS | {"triton": 4})

        assert json.loads(file.read_text())["pids"]["triton"] == 4
    assert capsys.readouterr().out == ""


def test_the_file_is_for_this_user_only_since_it_holds_a_key(tmp_path: Path) -> None:
    file = tmp_path / "ready.json"
    with announced(FACTS, file) as announce:
        announce(PIDS)

        assert file.stat().st_mode & 0o777 == 0o600
        assert list(tmp_path.iterdir()) == [file]


def test_whatever_the_umask_nobody_else_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "ready.json"
    with umask(0o000), announced(FACTS, file) as announce:
        announce(PIDS)

        assert file.stat().st_mode & 0o777 == 0o600


def test_links_that_others_have_put_in_its_place_are_not_followed(tmp_path: Path) -> None:
    file, elsewhere = tmp_path / "ready.json", tmp_path / "elsewhere"
    with announced(FACTS, file) as announce:
        elsewhere.write_text("of somebody else")
        file.symlink_to(elsewhere)
        announce(PIDS)

        assert not file.is_symlink()
        assert elsewhere.read_text() == "of somebody else"


def test_a_draft_that_cannot_take_its_place_does_not_stay(tmp_path: Path) -> None:
    file = tmp_path / "ready.json"
    with announced(FACTS, file) as announce:
        file.mkdir()
        with pytest.raises(IsADirectoryError):
            announce(PIDS)

        assert list(tmp_path.iterdir()) == [file]
        file.rmdir()


def test_the_file_is_there_only_while_it_is_true(tmp_path: Path) -> None:
    file = tmp_path / "ready.json"
    file.write_text("of an earlier run")

    with announced(FACTS, file) as announce:
        assert not file.exists()
        announce(PIDS)
        assert file.exists()

    assert not file.exists()


def test_a_file_that_cannot_be_written_is_an_error_at_the_start_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new"
    with announced(FACTS, folder / "ready.json") as announce:
        folder.touch()
        with pytest.raises(FileExistsError):
            announce(PIDS)
        folder.unlink()
        announce(PIDS)
        (folder / "ready.json").unlink()
        folder.rmdir()
        folder.touch()
        capsys.readouterr()

        announce(PIDS)

        folder.unlink()
    assert capsys.readouterr().err == (
        f"mattebox: {folder}/ready.json cannot be written any more and is out of date:"
        " File exists.\n"
    )


def test_no_file_is_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    with announced(FACTS, None) as announce:
        announce(PIDS)

    assert "mb_live_key" in capsys.readouterr().out
