"""Requests and their pictures."""

from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus

from aiohttp import hdrs

from gateway import errors
from gateway.errors import ApiError, InternalError
from gateway.request_state import CLIENT_CLOSED, FinishedRequest, Stage
from mattebox.segmenter import v1
from telemetry.declared_metrics import Declarations, Label

_REQUEST_BUCKETS_S = (0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60)
_STAGE_BUCKETS_S = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

_OTHER = "other"
_STATUS_CLASSES = ("2xx", "4xx", "5xx", _OTHER)

_DIALECT = Label("dialect", told="`v2` and the names in MATTEBOX_GATEWAY_DIALECTS_ENABLED")
_ROUTE = Label("route", told="the path as the table of routes has it; `unknown`, `unparsed`")


class RequestMetrics:
    """What is counted of requests. ``own_codes`` are of errors that single dialects have."""

    def __init__(self, declare: Declarations, own_codes: Iterable[str]) -> None:
        codes = sorted({*_codes_of_all_dialects(), *own_codes} - {InternalError.code})
        self._requests = declare.counter(
            "requests",
            "requests",
            "Requests by dialect, route, method, HTTP status and outcome.",
            _DIALECT,
            _ROUTE,
            Label("method", told="the usual ones; `OTHER`"),
            Label("status", told="HTTP statuses; 499 where the client left"),
            Label("code", told="`ok`, `client_closed`, or the code of the error in /v2"),
        )
        self._duration = declare.histogram(
            "request_duration_seconds",
            "seconds",
            "Seconds from the head of a request to the end of its answer; of the class other where"
            " the client left, and of a browser's question before it sends.",
            _REQUEST_BUCKETS_S,
            _ROUTE,
            _DIALECT,
            Label("status_class", told=", ".join(f"`{each}`" for each in _STATUS_CLASSES)),
        )
        self._stages = declare.histogram(
            "stage_duration_seconds",
            "seconds",
            "Seconds of each stage of a picture: its upload, all of the segmenter, delivery, and"
            " the stages in the segmenter as it reports them.",
            _STAGE_BUCKETS_S,
            Label("stage", [*Stage, *(each.name for each in v1.StageTimings.DESCRIPTOR.fields)]),
        )
        self._refusals = declare.counter(
            "refusals",
            "requests",
            "Requests refused by the gateway itself, by the reason.",
            Label("reason", codes),
        )
        self._images = declare.counter("images", "pictures", "Pictures delivered, of all keys.")
        self._pixels = declare.counter("pixels", "pixels", "Pixels of the pictures delivered.")

    def finished(self, request: FinishedRequest) -> None:
        """Counts a request when its answer has been delivered, or cannot be any more."""
        code = request.outcome.code
        internal = request.status == HTTPStatus.INTERNAL_SERVER_ERROR
        self._requests.labels(
            request.dialect, request.route, request.method, str(request.status), code
        ).inc()
        self._duration.labels(request.route, request.dialect, _status_class(request)).observe(
            request.duration_s
        )
        for stage in Stage:
            if stage in request.stages_s:
                self._stages.labels(stage.value).observe(request.stages_s[stage])
        if request.outcome.origin == "gateway" and not internal:
            self._refusals.labels(code).inc()
        if request.served_pixels is not None:
            self._images.inc()
            self._pixels.inc(request.served_pixels)

    def stages(self, stages_s: Mapping[str, float]) -> None:
        """Records the seconds of each stage of one picture in the segmenter."""
        for stage, duration_s in stages_s.items():
            self._stages.labels(stage).observe(duration_s)


def _status_class(request: FinishedRequest) -> str:
    # What browsers ask before they send is no cut-out, and would pass for a quick one.
    if request.status == CLIENT_CLOSED or request.method == hdrs.METH_OPTIONS:
        return _OTHER
    named = f"{request.status // 100}xx"
    return named if named in _STATUS_CLASSES else _OTHER


def _codes_of_all_dialects() -> Iterator[str]:
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, ApiError):
            yield kind.code
