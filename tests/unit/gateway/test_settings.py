from pathlib import Path

import pytest
from pydantic import ValidationError

from environment import SettingsError, read_settings, variable_names
from gateway.settings import (
    CONTRACT_IMAGE_BYTES,
    CONTRACT_TEXT_BYTES,
    AdmissionSettings,
    DialectsSettings,
    GatewaySettings,
    HttpSettings,
    KeysSettings,
    MetricsSettings,
    SegmenterSettings,
    UploadSettings,
)


def test_everything_has_a_default() -> None:
    settings = read_settings(GatewaySettings)

    assert (settings.http.host, settings.http.port) == ("127.0.0.1", 8080)
    assert (settings.metrics.host, settings.metrics.port) == ("127.0.0.1", 9090)
    assert settings.segmenter.target == "127.0.0.1:50051"
    assert settings.upload.image_bytes == CONTRACT_IMAGE_BYTES == 31_457_280
    assert settings.upload.text_bytes == CONTRACT_TEXT_BYTES == 47_185_920
    assert settings.fetch.ports == (80, 443)


def test_a_variable_is_prefix_section_and_field(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATTEBOX_GATEWAY_UPLOAD_BODY_TIMEOUT_S", "7.5")
    monkeypatch.setenv("MATTEBOX_GATEWAY_KEYS_QUERY", "false")

    settings = read_settings(GatewaySettings)

    assert settings.upload.body_timeout_s == 7.5
    assert settings.keys.query is False


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATTEBOX_GATEWAY_FETCH_PORTS", "80, 443,9000")
    monkeypatch.setenv("MATTEBOX_GATEWAY_FETCH_ALLOW", "10.0.0.0/8, minio.internal,")

    settings = read_settings(GatewaySettings)

    assert settings.fetch.ports == (80, 443, 9000)
    assert settings.fetch.allow == ("10.0.0.0/8", "minio.internal")


@pytest.mark.parametrize("value", ["0", "65536", "http", ","])
def test_ports_that_may_be_fetched_from_are_ports(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("MATTEBOX_GATEWAY_FETCH_PORTS", value)

    with pytest.raises(SettingsError):
        read_settings(GatewaySettings)


def test_secrets_are_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATTEBOX_GATEWAY_DATABASE_URL", "postgresql://me:canary@host/name")
    monkeypatch.setenv("MATTEBOX_GATEWAY_LIMITER_URL", "redis://:canary@host")
    monkeypatch.setenv("MATTEBOX_GATEWAY_KEYS_PEPPER", "canary")

    assert "canary" not in repr(read_settings(GatewaySettings))


@pytest.mark.parametrize(("seconds", "good"), [("4", True), ("4.1", False)])
def test_a_revocation_is_in_force_within_five_seconds_whatever_is_set(
    monkeypatch: pytest.MonkeyPatch, seconds: str, good: bool
) -> None:
    monkeypatch.setenv("MATTEBOX_GATEWAY_KEYS_CACHE_S", seconds)

    if good:
        assert read_settings(GatewaySettings).keys.cache_s == 4
    else:
        with pytest.raises(SettingsError):
            read_settings(GatewaySettings)


def test_every_setting_says_what_it_changes() -> None:
    for name, section in GatewaySettings.model_fields.items():
        assert section.description, name
        assert section.annotation is not None
        for field_name, field in section.annotation.model_fields.items():
            assert field.description, f"{name}.{field_name}"


def test_settings_cannot_be_changed() -> None:
    settings = GatewaySettings()

    with pytest.raises(ValidationError):
        settings.http.port = 1


@pytest.mark.parametrize(
    ("name", "body_bytes"),
    [("budget_bytes", 2 * 100 + 10), ("strangers_bytes", 100 + 10)],
    ids=["two pictures", "one of a stranger"],
)
@pytest.mark.parametrize(("surplus_bytes", "good"), [(0, True), (-1, False)])
def test_each_budget_holds_the_copies_of_the_largest_body_at_least(
    name: str, body_bytes: int, surplus_bytes: int, good: bool
) -> None:
    upload = UploadSettings(image_bytes=90, text_bytes=100, slack_bytes=10)
    admission = AdmissionSettings.model_validate({name: 4 * body_bytes + surplus_bytes})

    if good:
        GatewaySettings(upload=upload, admission=admission)
    else:
        with pytest.raises(
            ValidationError, match=f"{name.upper()} is too small for the largest body"
        ):
            GatewaySettings(upload=upload, admission=admission)


def test_without_keys_in_bodies_strangers_need_no_budget() -> None:
    GatewaySettings(
        keys=KeysSettings(json_field=False), admission=AdmissionSettings(strangers_bytes=1)
    )


def test_the_two_ports_differ_unless_they_are_free_ones() -> None:
    GatewaySettings(http=HttpSettings(port=0), metrics=MetricsSettings(port=0))
    GatewaySettings(http=HttpSettings(host="127.0.0.2", port=9090))
    with pytest.raises(ValidationError, match="are the same"):
        GatewaySettings(http=HttpSettings(port=9090))


def test_all_problems_across_sections_are_told_together() -> None:
    with pytest.raises(ValidationError, match=r"(?s)BUDGET_BYTES is too small.*are the same"):
        GatewaySettings(
            http=HttpSettings(port=9090),
            admission=AdmissionSettings(budget_bytes=1),
        )


@pytest.mark.parametrize("value", [0, CONTRACT_IMAGE_BYTES + 1])
def test_the_image_limit_stays_within_the_contract(value: int) -> None:
    UploadSettings(image_bytes=CONTRACT_IMAGE_BYTES)
    with pytest.raises(ValidationError):
        UploadSettings(image_bytes=value)


def test_the_names_of_all_variables_are_known() -> None:
    names = variable_names(GatewaySettings)

    assert {"MATTEBOX_GATEWAY_HTTP_PORT", "MATTEBOX_GATEWAY_SEGMENTER_TARGET"} < names
    assert all(name.startswith("MATTEBOX_GATEWAY_") for name in names)


HTTP = "MATTEBOX_GATEWAY_HTTP_TLS_"
SEGMENTER = "MATTEBOX_GATEWAY_SEGMENTER_TLS_"


@pytest.mark.parametrize(
    ("variables", "problems"),
    [
        ({f"{HTTP}CERT": "c", f"{HTTP}KEY": "k"}, []),
        ({f"{HTTP}CERT": "c"}, [f"{HTTP}CERT needs {HTTP}KEY"]),
        ({f"{HTTP}KEY": "k"}, [f"{HTTP}KEY needs {HTTP}CERT"]),
        ({f"{SEGMENTER}CA": "a"}, []),
        ({f"{SEGMENTER}CA": "a", f"{SEGMENTER}NAME": "n"}, []),
        ({f"{SEGMENTER}CA": "a", f"{SEGMENTER}CERT": "c", f"{SEGMENTER}KEY": "k"}, []),
        (
            {f"{SEGMENTER}CA": "a", f"{SEGMENTER}CERT": "c"},
            [f"{SEGMENTER}CERT needs {SEGMENTER}KEY"],
        ),
        (
            {f"{SEGMENTER}CERT": "c", f"{SEGMENTER}KEY": "k", f"{SEGMENTER}NAME": "n"},
            [f"{SEGMENTER}{name} needs {SEGMENTER}CA" for name in ("CERT", "KEY", "NAME")],
        ),
        (
            {f"{HTTP}CERT": "c", f"{SEGMENTER}NAME": "n"},
            [f"{HTTP}CERT needs {HTTP}KEY", f"{SEGMENTER}NAME needs {SEGMENTER}CA"],
        ),
    ],
)
def test_files_of_tls_need_each_other(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], problems: list[str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    told = ""
    try:
        read_settings(GatewaySettings)
    except SettingsError as error:
        told = str(error)

    assert [told.count(problem) for problem in problems] == [1] * len(problems)
    assert told.count(" needs ") == len(problems)


def test_tls_is_spoken_where_its_files_are_named(tmp_path: Path) -> None:
    assert GatewaySettings().http.tls is None
    assert GatewaySettings().segmenter.tls is None

    http = HttpSettings(tls_cert=tmp_path / "c", tls_key=tmp_path / "k").tls
    segmenter = SegmenterSettings(tls_ca=tmp_path / "a").tls

    assert http is not None
    assert http.paths == (tmp_path / "c", tmp_path / "k")
    assert segmenter is not None
    assert segmenter.paths == (tmp_path / "a",)


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("", ()),
        ("*", ("*",)),
        ("https://a.example", ("https://a.example",)),
        (
            " https://a.example , http://b.example:81,",
            ("https://a.example", "http://b.example:81"),
        ),
    ],
)
def test_origins_are_listed_by_commas(
    monkeypatch: pytest.MonkeyPatch, text: str, origins: tuple[str, ...]
) -> None:
    monkeypatch.setenv("MATTEBOX_GATEWAY_CORS_ORIGINS", text)

    assert read_settings(GatewaySettings).cors.origins == origins


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("*,https://a.example", "[*] stands alone"),
        ("https://a.example,https://b.example/", "item 2 is no origin"),
        ("null", "item 1 is no origin"),
    ],
)
def test_what_is_no_origin_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, text: str, problem: str
) -> None:
    monkeypatch.setenv("MATTEBOX_GATEWAY_CORS_ORIGINS", text)

    with pytest.raises(SettingsError, match=f"MATTEBOX_GATEWAY_CORS_ORIGINS: {problem}"):
        read_settings(GatewaySettings)


def test_images_that_have_answers_of_their_own_size_are_no_larger_than_answers() -> None:
    assert DialectsSettings(clipdrop_mp=50).clipdrop_mp == 50
    with pytest.raises(ValidationError):
        DialectsSettings(clipdrop_mp=51)
