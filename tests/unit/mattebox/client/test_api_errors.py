import inspect
import json
import pickle
import re

import pytest

from mattebox import client
from mattebox.client import api_errors
from mattebox.client.api_errors import BY_CODE, DeadlineError, RateLimitedError
from mattebox.client.errors import (
    ApiError,
    ConnectionFailedError,
    MatteboxError,
    TimedOutError,
)
from tests.conftest import ROOT


def test_each_code_of_the_contract_has_a_class_and_each_class_a_code() -> None:
    document = json.loads((ROOT / "services/gateway/reference/openapi.json").read_text())
    codes = {code["const"] for code in document["components"]["schemas"]["ErrorCode"]["oneOf"]}
    classes = {
        each
        for _, each in inspect.getmembers(api_errors, inspect.isclass)
        if issubclass(each, ApiError) and each is not ApiError
    }

    assert set(BY_CODE) == codes
    assert {each.code for each in classes} == codes
    assert set(BY_CODE.values()) == classes


def test_each_class_has_the_status_that_the_reference_gives_its_code() -> None:
    page = (ROOT / "docs/api.md").read_text()
    statuses = {
        code: int(status)
        for status, code in re.findall(r"^\| (\d+) \| `(\w+)`", page, re.MULTILINE)
    }

    assert {code: each.status for code, each in BY_CODE.items()} == statuses


def test_all_of_them_can_be_imported_from_the_package() -> None:
    assert {each.__name__ for each in BY_CODE.values()} <= set(client.__all__)
    assert all(hasattr(client, name) for name in client.__all__)


@pytest.mark.parametrize("code", sorted(BY_CODE))
def test_they_come_out_of_other_processes_as_they_were(code: str) -> None:
    error = BY_CODE[code]("why", request_id="req_1", details={"fields": {}}, retry_after_s=3.0)

    returned = pickle.loads(pickle.dumps(error))  # noqa: S301  our own

    assert type(returned) is type(error)
    assert vars(returned) == vars(error)
    assert str(returned) == f"why ({code}, {error.status}, req_1)"


def test_one_clause_catches_both_kinds_of_lateness() -> None:
    assert issubclass(DeadlineError, TimeoutError)
    assert issubclass(TimedOutError, TimeoutError)
    assert issubclass(DeadlineError, MatteboxError)


def test_an_error_without_an_id_does_not_show_one() -> None:
    assert str(RateLimitedError("slower")) == "slower (rate_limited, 429)"


def test_of_the_contracts_errors_those_may_pass_that_the_contract_names() -> None:
    passing = {code for code, error in BY_CODE.items() if error("why").may_pass}

    assert passing == {
        "request_timeout",
        "rate_limited",
        "internal_error",
        "overloaded",
        "unavailable",
        "timeout",
    }


@pytest.mark.parametrize("status", [200, 301, 400, 401, 404, 409, 413, 422, 501])
def test_other_statuses_do_not_pass(status: int) -> None:
    assert not ApiError("why", status=status).may_pass


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 520])
def test_these_statuses_may_pass(status: int) -> None:
    assert ApiError("why", status=status).may_pass


def test_failures_on_the_way_may_pass() -> None:
    assert ConnectionFailedError("gone").may_pass
    assert TimedOutError("late").may_pass
    assert not MatteboxError("why").may_pass
