"""How traces reach from the services to Triton, by OpenTelemetry's own variables."""

from collections.abc import Mapping

SERVICE_NAME = "OTEL_SERVICE_NAME"

_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_BY_HTTP = "http/protobuf"

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
    exporters = {name.strip().lower() for name in env.get("OTEL_TRACES_EXPORTER", "").split(",")}
    is_off = env.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    protocol = next((env[name] for name in _PROTOCOLS if env.get(name)), _BY_HTTP)
    if is_off or "otlp" not in exporters or protocol != _BY_HTTP:
        return ()
    settings = (
        "mode=opentelemetry",
        "level=TIMESTAMPS",
        f"rate={_HARDLY_EVER}",
        f"opentelemetry,resource=service.name={service_name(env, 'triton')}",
    )
    return tuple(f"--trace-config={setting}" for setting in settings)
