import resource

import pytest

from bounds.cores import available_cores
from mattebox.doctor.facts import machine, settings


def test_what_this_process_may_use_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATTEBOX_SEGMENTER_ADMISSION_BUDGET_MP", "24")
    monkeypatch.setenv("MATTEBOX_GATEWAY_HTTP_MAX_CONNECTIONS", "100")

    facts = machine.gather(None, settings.gather())

    assert facts.cores == facts.threads == available_cores()
    assert (facts.budget_mp, facts.max_connections) == (24, 100)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert facts.files_limit == (None if hard == resource.RLIM_INFINITY else hard)
    assert facts.memory_bytes is None or facts.memory_bytes > 0


def test_settings_that_cannot_be_read_leave_open_what_they_need() -> None:
    facts = machine.gather(3, settings.SettingsFacts(None, None, ("wrong",)))

    assert (facts.threads, facts.budget_mp, facts.max_connections) == (3, None, None)
