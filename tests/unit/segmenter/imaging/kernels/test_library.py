"""The right variant is loaded, or it is told what to do."""

import platform
from collections.abc import Iterator
from pathlib import Path

import pytest

from segmenter.imaging.kernels import library as loading
from segmenter.imaging.kernels.library import library, variant

NEHALEM = "fpu vme de pse tsc msr sse sse2 ssse3 cx16 sse4_1 sse4_2 popcnt lahf_lm"
SANDY_BRIDGE = f"{NEHALEM} aes xsave avx"
HASWELL = f"{SANDY_BRIDGE} fma movbe f16c rdrand abm bmi1 avx2 smep bmi2 erms"
SKYLAKE_SP = f"{HASWELL} avx512f avx512dq clflushopt avx512bw avx512vl"


@pytest.fixture
def loaded_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder in place of the package's, from which the next load loads."""
    monkeypatch.setattr(loading, "_FOLDER", tmp_path)
    library.cache_clear()
    yield tmp_path
    library.cache_clear()


@pytest.mark.parametrize(
    ("flags", "name"),
    [
        ("", "baseline"),
        (NEHALEM, "baseline"),
        (SANDY_BRIDGE, "baseline"),
        (HASWELL, "avx2"),
        (SKYLAKE_SP, "avx2"),
    ],
)
def test_the_variant_is_the_processors(flags: str, name: str) -> None:
    assert variant(frozenset(flags.split())) == name


@pytest.mark.parametrize("missing", ["avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe", "abm"])
def test_one_flag_too_few_is_the_baseline(missing: str) -> None:
    assert variant(frozenset(HASWELL.split()) - {missing}) == "baseline"


def test_flags_are_those_of_the_first_core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "cpuinfo"
    told.write_text(
        f"processor\t: 0\nmodel name\t: of flags\nflags\t\t: {HASWELL}\nvmx flags\t: vnmi\n\n"
        f"processor\t: 1\nflags\t\t: {NEHALEM}\n"
    )
    assert flags_of(told, "x86_64", monkeypatch) == frozenset(HASWELL.split())


@pytest.mark.parametrize("text", ["", "processor\t: 0\nmodel name\t: x\n"])
def test_what_tells_no_flags_has_none(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "cpuinfo"
    told.write_text(text)
    assert flags_of(told, "x86_64", monkeypatch) == frozenset()


def test_other_machines_have_the_baseline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "cpuinfo"
    told.write_text(f"flags\t: {HASWELL}\n")
    assert flags_of(told, "aarch64", monkeypatch) == frozenset()
    assert flags_of(tmp_path / "absent", "x86_64", monkeypatch) == frozenset()


def flags_of(told: Path, machine: str, monkeypatch: pytest.MonkeyPatch) -> frozenset[str]:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    read = vars(loading)["_flags"]
    found: frozenset[str] = read(told)
    return found


def test_it_is_loaded_once() -> None:
    assert library() is library()


def test_it_says_what_to_do_where_it_was_not_built(loaded_anew: Path) -> None:
    assert list(loaded_anew.iterdir()) == []
    with pytest.raises(ImportError, match=r"kernels cannot be loaded.*make setup.*pip install"):
        library()


def test_it_says_what_to_do_where_it_is_broken(loaded_anew: Path) -> None:
    for name in ("baseline", "avx2"):
        (loaded_anew / f"{name}.so").write_bytes(b"no library at all")
    with pytest.raises(ImportError, match="make setup"):
        library()
