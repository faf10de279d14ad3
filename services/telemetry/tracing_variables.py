"""What OpenTelemetry's variables ask for. Stands apart, since the supervisor goes by it, too."""

from collections.abc import Mapping

EXPORTER = "OTEL_TRACES_EXPORTER"
SERVICE_NAME = "OTEL_SERVICE_NAME"
RESOURCE_ATTRIBUTES = "OTEL_RESOURCE_ATTRIBUTES"

BY_GRPC = "grpc"
BY_HTTP = "http/protobuf"

_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")


def exporters(env: Mapping[str, str]) -> tuple[str, ...]:
    """The names of what spans are sent by, in lower case; none, unless some are asked for."""
    if env.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return ()
    names = [name.strip().lower() for name in env.get(EXPORTER, "").split(",")]
    return tuple(dict.fromkeys(name for name in names if name not in ("", "none")))


def protocol(env: Mapping[str, str]) -> str:
    """What the exporter `otlp` is to speak, which may be nothing that there is."""
    return next((env[name] for name in _PROTOCOLS if env.get(name)), BY_HTTP)
