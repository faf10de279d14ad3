import json
from dataclasses import replace

import pytest

from mattebox.doctor.checks import service
from mattebox.doctor.facts.service import Answer, ServiceFacts
from mattebox.doctor.finding import Finding, Status

URL = "http://127.0.0.1:8080"
KNOWN = Answer(200, json.dumps({"account": {"email": "ann@example.com"}}).encode())
PNG = Answer(200, b"\x89PNG\r\n\x1a\n...")
GOOD = ServiceFacts(URL, "127.0.0.1:50051", Answer(200), KNOWN, PNG, "SERVING")
NOTHING = ServiceFacts()
UNKNOWN_KEY = Answer(401, b'{"error": {"code": "invalid_api_key"}}')


@pytest.mark.parametrize(
    ("facts", "status", "told"),
    [
        (GOOD, Status.OK, f"{URL} can serve"),
        (replace(GOOD, health=Answer(503)), Status.PROBLEM, "segmenter is away"),
        (replace(GOOD, health=Answer(404)), Status.PROBLEM, "with 404"),
        (replace(GOOD, health=Answer(None, failure="refused")), Status.PROBLEM, "refused"),
        (NOTHING, Status.NOT_CHECKED, "No service"),
    ],
)
def test_health(facts: ServiceFacts, status: Status, told: str) -> None:
    _judged(service.health(facts), status, told)


@pytest.mark.parametrize(
    ("facts", "status", "told"),
    [
        (GOOD, Status.OK, "ann@example.com"),
        (replace(GOOD, account=UNKNOWN_KEY), Status.PROBLEM, "does not know"),
        (
            replace(GOOD, account=Answer(403, b'{"error": {"code": "subscription_inactive"}}')),
            Status.PROBLEM,
            "subscription_inactive",
        ),
        (replace(GOOD, account=Answer(500)), Status.PROBLEM, "was 500"),
        (replace(GOOD, account=Answer(None, failure="timed out")), Status.PROBLEM, "timed out"),
        (replace(GOOD, account=None), Status.NOT_CHECKED, "No key"),
        (replace(NOTHING, url=URL, health=Answer(None)), Status.NOT_CHECKED, "does not answer"),
        (NOTHING, Status.NOT_CHECKED, "No service"),
    ],
)
def test_the_key(facts: ServiceFacts, status: Status, told: str) -> None:
    _judged(service.key(facts), status, told)


@pytest.mark.parametrize(
    ("facts", "status", "told"),
    [
        (GOOD, Status.OK, "came back"),
        (replace(GOOD, cut_out=Answer(200, b"<html>")), Status.PROBLEM, "was 200"),
        (replace(GOOD, cut_out=Answer(429)), Status.WARNING, "used up"),
        (
            replace(GOOD, cut_out=Answer(503, b'{"error": {"code": "overloaded"}}')),
            Status.PROBLEM,
            "503 (overloaded)",
        ),
        (replace(GOOD, cut_out=None, account=UNKNOWN_KEY), Status.NOT_CHECKED, "accepted first"),
        (replace(GOOD, cut_out=None, account=None), Status.NOT_CHECKED, "No key"),
    ],
)
def test_the_cut_out(facts: ServiceFacts, status: Status, told: str) -> None:
    _judged(service.cut_out(facts), status, told)


@pytest.mark.parametrize(
    ("state", "status", "told"),
    [
        ("SERVING", Status.OK, "is serving"),
        ("NOT_SERVING", Status.PROBLEM, "NOT_SERVING"),
        ("unavailable", Status.PROBLEM, "does not answer: unavailable"),
        (None, Status.NOT_CHECKED, "None was named"),
    ],
)
def test_the_segmenter(state: str | None, status: Status, told: str) -> None:
    _judged(service.segmenter(replace(GOOD, segmenter=state)), status, told)


@pytest.mark.parametrize("body", [b"", b"no JSON", b"[]", b'{"error": "x"}', b"\xff"])
def test_a_body_that_is_no_error_has_no_code(body: bytes) -> None:
    assert Answer(500, body).error_code == ""


def _judged(finding: Finding, status: Status, told: str) -> None:
    assert finding.status is status
    assert told in finding.what
    assert finding.mend or status not in (Status.PROBLEM, Status.WARNING)
