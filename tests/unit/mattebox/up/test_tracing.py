"""The variables of OpenTelemetry, as `mattebox up` hands them on."""

import pytest

from mattebox.up import tracing

ON = {"OTEL_TRACES_EXPORTER": "otlp"}


@pytest.mark.parametrize(
    "env",
    [
        {},
        {"OTEL_TRACES_EXPORTER": "none"},
        {"OTEL_TRACES_EXPORTER": "console"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"},
        ON | {"OTEL_SDK_DISABLED": "true"},
        # It could only send to another port than the services do.
        ON | {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
        ON
        | {
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc",
        },
    ],
)
def test_triton_is_told_nothing_unless_it_can_join(env: dict[str, str]) -> None:
    assert tracing.triton_options(env) == ()


@pytest.mark.parametrize(
    "env",
    [
        ON,
        {"OTEL_TRACES_EXPORTER": "console, OTLP"},
        ON | {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"},
    ],
)
def test_triton_joins_the_traces_of_whoever_calls_it(env: dict[str, str]) -> None:
    assert tracing.triton_options(env) == (
        "--trace-config=mode=opentelemetry",
        "--trace-config=level=TIMESTAMPS",
        "--trace-config=rate=2147483647",
        "--trace-config=opentelemetry,resource=service.name=mattebox-triton",
    )


def test_no_address_and_no_key_is_in_its_command_line() -> None:
    env = ON | {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://user:secret@collector:4318",
        "OTEL_EXPORTER_OTLP_HEADERS": "authorization=secret",
    }

    assert "secret" not in str(tracing.triton_options(env))


NAME, ATTRIBUTES = "OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES"


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({}, {}),
        ({NAME: ""}, {}),
        ({NAME: "shop"}, {NAME: "shop-gateway"}),
        ({ATTRIBUTES: "deployment.environment.name=live"}, {}),
        ({ATTRIBUTES: "service.name=shop"}, {NAME: "shop-gateway", ATTRIBUTES: ""}),
        (
            {ATTRIBUTES: "a=1, service.name = my%20shop ,b=%2C"},
            {NAME: "my shop-gateway", ATTRIBUTES: "a=1,b=%2C"},
        ),
        (
            {ATTRIBUTES: "service.name=x,service.name=y,service.namespace=z"},
            {NAME: "y-gateway", ATTRIBUTES: "service.namespace=z"},
        ),
        (
            {NAME: "shop", ATTRIBUTES: "service.name=x,a=1"},
            {NAME: "shop-gateway", ATTRIBUTES: "a=1"},
        ),
    ],
)
def test_services_that_are_started_together_have_a_name_each(
    env: dict[str, str], told: dict[str, str]
) -> None:
    assert tracing.named(env, "gateway") == told


@pytest.mark.parametrize("named", [{NAME: "shop"}, {ATTRIBUTES: "a=1,service.name=shop"}])
def test_triton_has_a_name_of_its_own_too(named: dict[str, str]) -> None:
    assert "--trace-config=opentelemetry,resource=service.name=shop-triton" in (
        tracing.triton_options(ON | named)
    )
