import json
from pathlib import Path

from benchmarks.load.access_log import AccessLog, Answered


def line(status: int, event: str = "request") -> str:
    return json.dumps({"event": event, "status": status, "code": "ok", "duration_ms": 12.5})


def test_each_request_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text(f"plain text\n{line(200)}\n{line(0, 'listening')}\n{line(503)}\n")
    log = AccessLog(path)

    assert log.new() == [Answered(200, "ok", 0.0125), Answered(503, "ok", 0.0125)]
    assert log.new() == []


def test_a_line_that_is_still_being_written_is_read_later(tmp_path: Path) -> None:
    path = tmp_path / "log"
    whole = line(200)
    path.write_text(whole[:20])
    log = AccessLog(path)
    assert log.new() == []

    path.write_text(f"{whole}\n{line(503)[:9]}")

    assert [each.status for each in log.new()] == [200]
