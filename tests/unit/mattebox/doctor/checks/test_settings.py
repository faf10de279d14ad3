from mattebox.doctor.checks.settings import settings
from mattebox.doctor.facts.settings import SettingsFacts
from mattebox.doctor.finding import Status


def test_all_right_is_one_finding() -> None:
    (finding,) = settings(SettingsFacts(None, None, ()))

    assert finding.status is Status.OK


def test_each_problem_is_one() -> None:
    problems = ("MATTEBOX_GATEWAY_X is not a setting.", "MATTEBOX_GATEWAY_Y: Field required")

    first, second = settings(SettingsFacts(None, None, problems))

    assert (first.status, second.status) == (Status.PROBLEM, Status.PROBLEM)
    assert first.what == "MATTEBOX_GATEWAY_X is not a setting."
    assert second.what == "MATTEBOX_GATEWAY_Y: Field required."


def test_a_missing_package_is_a_problem() -> None:
    (finding,) = settings(SettingsFacts(None, None, (), "aiohttp"))

    assert finding.status is Status.PROBLEM
    assert "aiohttp" in finding.what
    assert "pip install" in finding.mend
