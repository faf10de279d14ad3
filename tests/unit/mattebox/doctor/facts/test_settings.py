import pytest

from mattebox.doctor.facts import settings


def test_settings_are_read_out_of_the_environment() -> None:
    facts = settings.gather()

    assert facts.problems == ()
    assert facts.gateway is not None
    assert facts.segmenter is not None


def test_problems_of_both_services_are_told_without_their_values(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MATTEBOX_GATEWAY_HTTP_PROT", "8080")
    monkeypatch.setenv("MATTEBOX_SEGMENTER_GRPC_PORT", "secret")

    facts = settings.gather()

    assert (facts.gateway, facts.segmenter) == (None, None)
    first, second = facts.problems
    assert first.startswith("MATTEBOX_GATEWAY_HTTP_PROT is not a setting.")
    assert second.startswith("MATTEBOX_SEGMENTER_GRPC_PORT: ")
    assert "secret" not in second
