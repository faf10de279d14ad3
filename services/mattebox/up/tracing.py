"""How traces reach from the services to Triton, by OpenTelemetry's own variables."""

from collections.abc import Mapping

from telemetry.tracing_variables import BY_HTTP, SERVICE_NAME, exporters, protocol

_HARDLY_EVER = 2**31 - 1
"""Triton traces every call that brings a trace, and one of so many that bring none."""


def service_name(env: Mapping[str, str], service: str) -> str:
    """Names one of several services that are started together, none as another."""
    return f"{env.get(SERVICE_NAME) or 'mattebox'}-{service}"


def triton_options(env: Mapping[str, str]) -> tuple[str, ...]:
    """Makes the options by which Triton sends its spans where the services send theirs.

    Where that is it reads in the same variables. It speaks HTTP only: where they are told to speak
    gRPC it sends none.
    """
    if "otlp" not in exporters(env) or protocol(env) != BY_HTTP:
        return ()
    settings = (
        "mode=opentelemetry",
        "level=TIMESTAMPS",
        f"rate={_HARDLY_EVER}",
        f"opentelemetry,resource=service.name={service_name(env, 'triton')}",
    )
    return tuple(f"--trace-config={setting}" for setting in settings)
