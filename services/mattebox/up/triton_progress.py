"""Whether a Triton gets on with what waits in it, by its metrics and its models' processor time."""

from collections.abc import Sequence
from dataclasses import dataclass

from mattebox.up import keeper
from mattebox.up.http_status import http_page

_TIMEOUT_S = 2.0
_LOOKS_BEFORE_HANGING = 15
_BUSY_S = 0.1
"""Processor time between two looks with which a process is not hanging, however long it takes."""

_PENDING = "nv_inference_pending_request_count"
_SUCCESS = "nv_inference_request_success"
_FAILURE = "nv_inference_request_failure"
_BY_CALLERS = ('reason="CANCELED"', 'reason="REJECTED"')


@dataclass(frozen=True, slots=True)
class Counts:
    """Of all models together."""

    waiting: int
    """Requests that no model has begun with, those of callers that have left included."""
    answered: int
    """Requests that went well, since the start."""
    failed: int
    """Requests that a model failed on, since the start."""


def parse_counts(page: str) -> Counts:
    """Reads Triton's metrics. What is not there counts as 0."""
    totals = {_PENDING: 0, _SUCCESS: 0, _FAILURE: 0}
    for line in page.splitlines():
        name = line.partition("{")[0]
        if name in totals and not any(reason in line for reason in _BY_CALLERS):
            totals[name] += round(float(line.rpartition(" ")[2]))
    return Counts(totals[_PENDING], totals[_SUCCESS], totals[_FAILURE])


class TritonProgress:
    """Looks once a second. A slow model is not a hanging one: it computes all the while."""

    def __init__(self, metrics_url: str, model_pids: Sequence[int]) -> None:
        self._metrics_url = metrics_url
        self._model_pids = model_pids
        self._last = Counts(0, 0, 0)
        self._cpu_s = 0.0
        self._looks = 0

    def hangs(self) -> bool:
        """Tells whether in many looks requests waited or failed, and none went well meanwhile."""
        page = http_page(self._metrics_url, _TIMEOUT_S)
        if page is None:
            return False  # the server's own health tells of that
        counts, cpu_s = parse_counts(page), sum(map(keeper.cpu_s, self._model_pids))
        if counts.answered > self._last.answered or cpu_s - self._cpu_s >= _BUSY_S:
            self._looks = 0
        elif counts.waiting or counts.failed > self._last.failed:
            self._looks += 1
        self._last, self._cpu_s = counts, cpu_s
        return self._looks >= _LOOKS_BEFORE_HANGING
