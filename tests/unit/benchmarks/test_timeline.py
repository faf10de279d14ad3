"""The chart of one request."""

import itertools

import numpy as np
import pytest
from benchmarks.load.outcome import Outcome
from benchmarks.timeline import chart, spans

ANSWER = Outcome(
    "200",
    scheduled_s=1.0,
    sent_s=1.0,
    uploaded_s=1.010,
    headed_s=1.310,
    ended_s=1.320,
    headers={
        "Server-Timing": "queue;dur=0.1, decode;dur=30.0, model_input;dur=9.9, infer;dur=130.0,"
        " matte;dur=40.0, compose;dur=40.0, encode;dur=30.0, total;dur=285.0"
    },
)


def test_spans_follow_one_another_and_add_up_to_the_clients_clock() -> None:
    parts = spans(ANSWER)
    for before, after in itertools.pairwise(parts):
        assert after.start_ms == pytest.approx(before.start_ms + before.length_ms)
    assert parts[0].name == "upload"
    assert parts[-1].start_ms + parts[-1].length_ms == pytest.approx(ANSWER.latency_s * 1000)
    assert {part.name: part.length_ms for part in parts}["gateway, wires"] == pytest.approx(20.0)


def test_the_order_is_that_of_the_pipeline() -> None:
    assert [part.name for part in spans(ANSWER)] == [
        "upload", "queue", "decode", "model input", "infer", "matte", "compose", "encode",
        "gateway, wires", "download",
    ]  # fmt: skip


def test_bars_are_as_long_as_what_they_show() -> None:
    rgb_u8 = np.asarray(chart(spans(ANSWER), "One request"))
    network = (rgb_u8 == (222, 128, 38)).all(axis=2).any(axis=0)
    assert network.sum() == pytest.approx(130 / 320 * 1120, abs=2)
