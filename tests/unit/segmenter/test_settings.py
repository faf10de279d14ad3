"""The segmenter's settings."""

import os

import pytest

from environment import SettingsError, read_settings
from segmenter.settings import EngineKind, SegmenterSettings
from segmenter.sight import Quality


def test_defaults_are_the_safe_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    clear(monkeypatch)
    settings = read_settings(SegmenterSettings)
    assert settings.grpc.host == "127.0.0.1"
    assert settings.engine.kind is EngineKind.TRITON
    assert settings.image.max_bytes == 31_457_280
    assert settings.image.max_pixels == 100_000_000
    assert settings.image.max_output_pixels == 50_000_000


def test_variables_name_section_and_field(monkeypatch: pytest.MonkeyPatch) -> None:
    clear(monkeypatch)
    monkeypatch.setenv("MATTEBOX_SEGMENTER_GRPC_MAX_UNANSWERED_ITEMS", "3")
    monkeypatch.setenv("MATTEBOX_SEGMENTER_ENGINE_KIND", "onnxruntime")
    monkeypatch.setenv("MATTEBOX_SEGMENTER_ENGINE_MODELS", "u2netp, isnet")
    settings = read_settings(SegmenterSettings)
    assert settings.grpc.max_unanswered_items == 3
    assert settings.engine.kind is EngineKind.ONNXRUNTIME
    assert settings.engine.models == ("u2netp", "isnet")


@pytest.mark.parametrize("quality", Quality)
def test_the_quality_has_a_name_that_users_of_the_whole_service_know(
    monkeypatch: pytest.MonkeyPatch, quality: Quality
) -> None:
    clear(monkeypatch)
    assert read_settings(SegmenterSettings).quality is Quality.FAST
    monkeypatch.setenv("MATTEBOX_QUALITY", quality.value)
    assert read_settings(SegmenterSettings).quality is quality


def test_a_quality_that_is_not_known_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    clear(monkeypatch)
    monkeypatch.setenv("MATTEBOX_QUALITY", "finest")
    with pytest.raises(SettingsError) as refusal:
        read_settings(SegmenterSettings)
    assert refusal.value.problems == (
        "MATTEBOX_QUALITY: Input should be 'fast', 'balanced' or 'best'",
    )


def test_all_problems_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clear(monkeypatch)
    monkeypatch.setenv("MATTEBOX_SEGMENTER_GRPC_PORT", "70000")
    monkeypatch.setenv("MATTEBOX_SEGMENTER_ENGINE_KIND", "tritn")
    monkeypatch.setenv("MATTEBOX_SEGMENTER_ENGINE_MODELS", " ")
    monkeypatch.setenv("MATTEBOX_SEGMENTER_IMAGE_MAX_BITES", "1")
    with pytest.raises(SettingsError) as refusal:
        read_settings(SegmenterSettings)
    told = "\n".join(refusal.value.problems)
    for name in ("GRPC_PORT", "ENGINE_KIND", "ENGINE_MODELS", "IMAGE_MAX_BITES"):
        assert f"MATTEBOX_SEGMENTER_{name}" in told


@pytest.mark.parametrize("name", ["BATCH_MAX_RUNNING", "ADMISSION_BUDGET_MP", "CPU_THREADS"])
@pytest.mark.parametrize(("value", "accepted"), [("1", True), ("0", False)])
def test_counts_start_at_one(
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    accepted: bool,
) -> None:
    clear(monkeypatch)
    monkeypatch.setenv(f"MATTEBOX_SEGMENTER_{name}", value)
    if accepted:
        read_settings(SegmenterSettings)
    else:
        with pytest.raises(SettingsError, match=name):
            read_settings(SegmenterSettings)


@pytest.mark.parametrize(("held_bytes", "accepted"), [("2000", True), ("1999", False)])
def test_the_largest_image_and_background_can_be_admitted_alone(
    monkeypatch: pytest.MonkeyPatch, held_bytes: str, accepted: bool
) -> None:
    clear(monkeypatch)
    monkeypatch.setenv("MATTEBOX_SEGMENTER_IMAGE_MAX_BYTES", "1000")
    monkeypatch.setenv("MATTEBOX_SEGMENTER_ADMISSION_MAX_HELD_BYTES", held_bytes)
    if accepted:
        read_settings(SegmenterSettings)
    else:
        with pytest.raises(SettingsError) as refusal:
            read_settings(SegmenterSettings)
        (told,) = refusal.value.problems
        assert told.startswith("MATTEBOX_SEGMENTER_ADMISSION_MAX_HELD_BYTES is less than")


GRPC = "MATTEBOX_SEGMENTER_GRPC_TLS_"
TRITON = "MATTEBOX_SEGMENTER_ENGINE_TRITON_TLS_"


@pytest.mark.parametrize(
    ("variables", "problems"),
    [
        ({f"{GRPC}CERT": "c", f"{GRPC}KEY": "k", f"{GRPC}CLIENT_CA": "a"}, []),
        ({f"{GRPC}CERT": "c"}, [f"{GRPC}CERT needs {GRPC}KEY"]),
        ({f"{GRPC}KEY": "k"}, [f"{GRPC}KEY needs {GRPC}CERT"]),
        ({f"{GRPC}CLIENT_CA": "a"}, [f"{GRPC}CLIENT_CA needs {GRPC}CERT"]),
        ({f"{TRITON}CA": "a", f"{TRITON}NAME": "n"}, []),
        ({f"{TRITON}CA": "a", f"{TRITON}CERT": "c", f"{TRITON}KEY": "k"}, []),
        ({f"{TRITON}CA": "a", f"{TRITON}KEY": "k"}, [f"{TRITON}KEY needs {TRITON}CERT"]),
        (
            {f"{TRITON}CERT": "c", f"{TRITON}KEY": "k", f"{TRITON}NAME": "n"},
            [f"{TRITON}{name} needs {TRITON}CA" for name in ("CERT", "KEY", "NAME")],
        ),
    ],
)
def test_files_of_tls_need_each_other(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], problems: list[str]
) -> None:
    clear(monkeypatch)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    told = ""
    try:
        read_settings(SegmenterSettings)
    except SettingsError as error:
        told = str(error)

    assert [told.count(problem) for problem in problems] == [1] * len(problems)
    assert told.count(" needs ") == len(problems)


def clear(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("MATTEBOX_"):
            monkeypatch.delenv(name)
