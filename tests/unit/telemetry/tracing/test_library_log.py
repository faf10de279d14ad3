"""The messages of OpenTelemetry's own."""

import json
import logging
from io import StringIO

from telemetry.logs import open_log
from telemetry.tracing.library_log import Sparing, library_log

LIBRARY = logging.getLogger("opentelemetry.exporter.tested")


def test_each_message_is_written_once_in_a_while_without_its_values() -> None:
    stream = StringIO()
    heard = library_log(open_log("info", "json", stream))
    for number in range(3):
        LIBRARY.warning("cannot send to %s", f"http://secret:{number}")
    LIBRARY.warning("something else")
    heard.close()
    LIBRARY.warning("after the end")

    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["detail"] for line in lines] == ["cannot send to %s", "something else"]
    assert {line["library"] for line in lines} == {LIBRARY.name}


def test_a_message_comes_again_after_a_while() -> None:
    record = LIBRARY.makeRecord(LIBRARY.name, logging.WARNING, "here", 1, "text", (), None)

    impatient, patient = Sparing(pause_s=0.0), Sparing()

    assert [impatient.filter(record), impatient.filter(record)] == [True, True]
    assert [patient.filter(record), patient.filter(record)] == [True, False]
