import pytest

from mattebox.client import ApiError, ConnectionFailedError, InternalError, TimedOutError
from mattebox.client.api_errors import BY_CODE
from mattebox.remove.verdict import Verdict, advice_on, code_of, judge, message_of

RETRIED = {408, 429, 500, 502, 503, 504}


@pytest.mark.parametrize("kind", BY_CODE.values(), ids=list(BY_CODE))
def test_what_is_tried_again_is_what_the_contract_says(kind: type[ApiError]) -> None:
    verdict = judge(kind("x"))

    assert (verdict in {Verdict.AGAIN, Verdict.SLOW_DOWN}) == (kind.status in RETRIED)
    assert advice_on(kind("x"))


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Verdict.STOP),
        (302, Verdict.STOP),
        (400, Verdict.FAIL),
        (401, Verdict.STOP),
        (403, Verdict.STOP),
        (404, Verdict.STOP),
        (408, Verdict.AGAIN),
        (413, Verdict.FAIL),
        (429, Verdict.SLOW_DOWN),
        (500, Verdict.AGAIN),
        (501, Verdict.STOP),
        (502, Verdict.AGAIN),
        (503, Verdict.SLOW_DOWN),
        (504, Verdict.SLOW_DOWN),
    ],
)
def test_what_follows_from_a_status(status: int, verdict: Verdict) -> None:
    assert judge(ApiError("x", status=status)) is verdict


def test_failures_are_told_in_sentences() -> None:
    assert message_of(ConnectionFailedError("no  way\nto x")) == "no way to x."
    assert message_of(InternalError("\x1b[2JIt failed.")) == "\ufffd[2JIt failed."
    assert message_of(InternalError("It failed.", request_id="req_7")) == (
        "It failed. Its log calls the request req_7."
    )
    assert code_of(ConnectionFailedError("x")) == "connection_failed"
    assert code_of(TimedOutError("x")) == "timed_out"
    assert code_of(InternalError("x")) == "internal_error"
