"""Which dialects are spoken, and the limits that the other services document."""

import pytest
from pydantic import ValidationError

from environment import SettingsError, read_settings
from gateway.settings import DialectsSettings, GatewaySettings

PREFIX = "MATTEBOX_GATEWAY_DIALECTS_"
ALL = ("removebg", "photoroom", "clipdrop", "slazzer", "picsart", "rembg")
DAY_S = 86_400

DOCUMENTED = {
    "removebg_mb": 22,
    "removebg_mp": 50,
    "photoroom_mb": 50,
    "clipdrop_mb": 30,
    "clipdrop_mp": 25,
    "slazzer_mb": 12,
    "picsart_mb": 100,
    "credits": 1_000_000,
    "results_ttl_s": 600,
    "photoroom_host": False,
    "rembg_key": None,
    "public_url": None,
}


@pytest.mark.parametrize(("name", "value"), DOCUMENTED.items())
def test_by_default_limits_are_the_documented_ones(name: str, value: object) -> None:
    assert getattr(DialectsSettings(), name) == value


@pytest.mark.parametrize(
    ("text", "enabled"),
    [
        (None, ALL),
        ("", ()),
        ("clipdrop", ("clipdrop",)),
        ("removebg, rembg", ("removebg", "rembg")),
        (",".join(ALL), ALL),
    ],
)
def test_those_that_are_named_are_spoken(
    monkeypatch: pytest.MonkeyPatch, text: str | None, enabled: tuple[str, ...]
) -> None:
    if text is not None:
        monkeypatch.setenv(f"{PREFIX}ENABLED", text)

    assert read_settings(GatewaySettings).dialects.enabled == enabled


@pytest.mark.parametrize("text", ["remove.bg", "clipdrop,v2", "Clipdrop"])
def test_a_name_that_no_dialect_has_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv(f"{PREFIX}ENABLED", text)

    with pytest.raises(SettingsError, match=f"{PREFIX}ENABLED"):
        read_settings(GatewaySettings)


def test_results_are_kept_for_a_day_at_most() -> None:
    assert DialectsSettings(results_ttl_s=DAY_S).results_ttl_s == DAY_S
    for ttl_s in (0, DAY_S + 1):
        with pytest.raises(ValidationError):
            DialectsSettings(results_ttl_s=ttl_s)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://cut.example", "https://cut.example"),
        ("http://cut.example:8080/a/", "http://cut.example:8080/a"),
    ],
)
def test_the_public_url_ends_without_a_slash(url: str, kept: str) -> None:
    assert DialectsSettings(public_url=url).public_url == kept


@pytest.mark.parametrize(
    "url",
    [
        "",
        "cut.example",
        "ftp://cut.example",
        "/results",
        "https://",
        "https:///",
        "https://cut.example?a=b",
        "https://me@cut.example",
        "https://cut.example\r\nX-Bad: yes",
    ],
)
def test_the_public_url_is_of_the_web_and_can_be_gone_on_with(url: str) -> None:
    with pytest.raises(ValidationError):
        DialectsSettings(public_url=url)


def test_a_key_that_is_set_is_not_shown() -> None:
    settings = DialectsSettings.model_validate({"rembg_key": "mb_live_secret"})

    assert "secret" not in repr(settings)
