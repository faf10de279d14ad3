import pytest
from prometheus_client import CollectorRegistry

from gateway.admission import ByteBudget
from gateway.metrics import GatewayMetrics, Readings
from gateway.request_state import FinishedRequest, Outcome
from gateway.routes import DIALECTS, own_codes
from tests.unit.gateway.contracts.error_codes import all_codes, error_codes


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def metrics(registry: CollectorRegistry) -> GatewayMetrics:
    return GatewayMetrics(registry)


def test_a_request_is_counted_by_its_labels_and_timed(
    registry: CollectorRegistry, metrics: GatewayMetrics
) -> None:
    metrics.requests.finished(_request(200, Outcome()))

    labels = {
        "dialect": "removebg",
        "route": "/v2",
        "method": "POST",
        "status": "200",
        "code": "ok",
    }
    duration = "mattebox_gateway_request_duration_seconds_sum"
    timed = {"route": "/v2", "dialect": "removebg", "status_class": "2xx"}
    assert registry.get_sample_value("mattebox_gateway_requests_total", labels) == 1
    assert registry.get_sample_value(duration, timed) == 1.5


@pytest.mark.parametrize(
    ("status", "outcome", "refusals"),
    [
        (200, Outcome(), None),
        (503, Outcome("overloaded", "gateway"), 1),
        (401, Outcome("missing_api_key", "gateway"), 1),
        (503, Outcome("overloaded", "segmenter"), 0),
        (500, Outcome("internal_error", "gateway"), None),
        (499, Outcome("client_closed", "client"), None),
    ],
)
def test_only_what_the_gateway_turned_away_is_a_refusal(
    registry: CollectorRegistry,
    metrics: GatewayMetrics,
    status: int,
    outcome: Outcome,
    refusals: float | None,
) -> None:
    metrics.requests.finished(_request(status, outcome))

    name = "mattebox_gateway_refusals_total"
    assert registry.get_sample_value(name, {"reason": outcome.code}) == refusals


def test_refusals_of_single_dialects_are_there_from_the_start(registry: CollectorRegistry) -> None:
    GatewayMetrics(registry, own_codes={"of_one_dialect"})

    for code in ("of_one_dialect", "missing_api_key"):
        count = registry.get_sample_value("mattebox_gateway_refusals_total", {"reason": code})
        assert count == 0, code


def test_every_code_that_a_dialect_has_of_its_own_is_counted_where_it_is_spoken() -> None:
    everywhere = error_codes()

    assert own_codes(DIALECTS) == all_codes() - everywhere
    assert own_codes(["photoroom"]) == set()


def test_stages_are_timed_by_name(registry: CollectorRegistry, metrics: GatewayMetrics) -> None:
    metrics.requests.stages({"decode": 0.25, "infer": 0.5})

    name = "mattebox_gateway_stage_duration_seconds_sum"
    assert registry.get_sample_value(name, {"stage": "decode"}) == 0.25
    assert registry.get_sample_value(name, {"stage": "infer"}) == 0.5


def test_states_are_asked_for_at_each_scrape(
    registry: CollectorRegistry, metrics: GatewayMetrics
) -> None:
    budget, connections = ByteBudget(100), [1, 2]
    metrics.states.limits(budget_bytes=100, max_connections=3)
    metrics.states.watch(
        Readings(
            ready=lambda: True,
            connections=lambda: len(connections),
            in_flight_bytes=lambda: budget.reserved_bytes,
            limiter_degraded=lambda: False,
            results_bytes=lambda: 7,
            results_down=lambda: True,
            event_loop_lag_s=lambda: 0.25,
        )
    )

    with budget.reserve("key", 42):
        assert registry.get_sample_value("mattebox_gateway_in_flight_bytes") == 42
    assert registry.get_sample_value("mattebox_gateway_in_flight_bytes") == 0
    assert registry.get_sample_value("mattebox_gateway_connections") == 2
    assert registry.get_sample_value("mattebox_gateway_results_bytes") == 7
    assert registry.get_sample_value("mattebox_gateway_results_down") == 1
    assert registry.get_sample_value("mattebox_gateway_ready") == 1
    assert registry.get_sample_value("mattebox_gateway_event_loop_lag_seconds") == 0.25
    assert registry.get_sample_value("mattebox_gateway_budget_bytes") == 100
    assert registry.get_sample_value("mattebox_gateway_max_connections") == 3


def test_connections_that_are_turned_away_are_counted_by_the_reason(
    registry: CollectorRegistry, metrics: GatewayMetrics
) -> None:
    metrics.parts.connection_turned_away("full")

    name = "mattebox_gateway_connections_turned_away_total"
    assert registry.get_sample_value(name, {"reason": "full"}) == 1


def _request(status: int, outcome: Outcome) -> FinishedRequest:
    return FinishedRequest(
        request_id="r",
        caller=None,
        dialect="removebg",
        method="POST",
        route="/v2",
        status=status,
        outcome=outcome,
        bytes_in=1,
        bytes_out=2,
        duration_s=1.5,
    )
