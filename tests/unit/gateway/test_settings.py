from pathlib import Path

import pytest
from pydantic import ValidationError

from environment import SettingsError, read_settings, variable_names
from gateway.settings import (
    CONTRACT_IMAGE_BYTES,
    AdmissionSettings,
    GatewaySettings,
    HttpSettings,
    KeysSettings,
    MetricsSettings,
    UploadSettings,
)


@pytest.fixture
def keys(tmp_path: Path) -> KeysSettings:
    path = tmp_path / "keys.json"
    path.touch()
    return KeysSettings(file=path)


def test_the_defaults_need_the_keys_file_only(
    keys: KeysSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATTEBOX_GATEWAY_KEYS_FILE", str(keys.file))

    settings = read_settings(GatewaySettings)

    assert (settings.http.host, settings.http.port) == ("127.0.0.1", 8080)
    assert (settings.metrics.host, settings.metrics.port) == ("127.0.0.1", 9090)
    assert settings.segmenter.target == "127.0.0.1:50051"
    assert settings.upload.image_bytes == CONTRACT_IMAGE_BYTES == 31_457_280


def test_a_variable_is_prefix_section_and_field(
    keys: KeysSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATTEBOX_GATEWAY_KEYS_FILE", str(keys.file))
    monkeypatch.setenv("MATTEBOX_GATEWAY_UPLOAD_BODY_TIMEOUT_S", "7.5")
    monkeypatch.setenv("MATTEBOX_GATEWAY_KEYS_QUERY", "false")

    settings = read_settings(GatewaySettings)

    assert settings.upload.body_timeout_s == 7.5
    assert settings.keys.query is False


def test_a_missing_keys_file_is_told_by_its_variable() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(GatewaySettings)

    assert caught.value.problems == ("MATTEBOX_GATEWAY_KEYS_FILE: Field required",)


def test_every_setting_says_what_it_changes() -> None:
    for name, section in GatewaySettings.model_fields.items():
        assert section.description, name
        assert section.annotation is not None
        for field_name, field in section.annotation.model_fields.items():
            assert field.description, f"{name}.{field_name}"


def test_settings_cannot_be_changed(keys: KeysSettings) -> None:
    settings = GatewaySettings(keys=keys)

    with pytest.raises(ValidationError):
        settings.http.port = 1


@pytest.mark.parametrize(("surplus_bytes", "good"), [(0, True), (-1, False)])
def test_the_budget_holds_the_copies_of_one_body_at_least(
    keys: KeysSettings, surplus_bytes: int, good: bool
) -> None:
    upload = UploadSettings(image_bytes=100, slack_bytes=10)
    admission = AdmissionSettings(budget_bytes=2 * 110 + surplus_bytes)

    if good:
        GatewaySettings(keys=keys, upload=upload, admission=admission)
    else:
        with pytest.raises(ValidationError, match="BUDGET_BYTES is less than the largest body"):
            GatewaySettings(keys=keys, upload=upload, admission=admission)


def test_the_two_ports_differ_unless_they_are_free_ones(keys: KeysSettings) -> None:
    GatewaySettings(keys=keys, http=HttpSettings(port=0), metrics=MetricsSettings(port=0))
    GatewaySettings(keys=keys, http=HttpSettings(host="127.0.0.2", port=9090))
    with pytest.raises(ValidationError, match="are the same"):
        GatewaySettings(keys=keys, http=HttpSettings(port=9090))


def test_all_problems_across_sections_are_told_together(keys: KeysSettings) -> None:
    with pytest.raises(ValidationError, match=r"(?s)BUDGET_BYTES is less.*are the same"):
        GatewaySettings(
            keys=keys,
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
