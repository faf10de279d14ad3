"""What a probe or a hook does, and when a probe does it, as a container says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tests.deploy.pods.fields import Fields, ManifestError

Kind = Literal["exec", "grpc", "httpGet", "sleep", "tcpSocket"]


@dataclass(frozen=True, slots=True)
class Handler:
    """One thing to do to a container. What a kind does not need is empty."""

    kind: Kind
    port: int = 0
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)
    service: str = ""
    argv: tuple[str, ...] = ()
    seconds_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ProbeSpec:
    """A handler and its times, with the defaults of Kubernetes."""

    handler: Handler
    initial_delay_s: float
    period_s: float
    timeout_s: float
    successes: int
    failures: int


def read_probe(fields: Fields, ports: Mapping[str, int]) -> ProbeSpec:
    """Reads a probe; ports by name are those of its container."""
    with fields:
        return ProbeSpec(
            initial_delay_s=float(fields.take("initialDelaySeconds", 0)),
            period_s=float(fields.take("periodSeconds", 10)),
            timeout_s=float(fields.take("timeoutSeconds", 1)),
            successes=int(fields.take("successThreshold", 1)),
            failures=int(fields.take("failureThreshold", 3)),
            handler=_take_handler(fields, ports),
        )


def read_hook(fields: Fields, ports: Mapping[str, int]) -> Handler:
    """Reads a hook of a container's life."""
    with fields:
        return _take_handler(fields, ports)


def _take_handler(fields: Fields, ports: Mapping[str, int]) -> Handler:
    kinds: tuple[Kind, ...] = ("exec", "grpc", "httpGet", "sleep", "tcpSocket")
    for kind in kinds:
        if (value := fields.take(kind)) is not None:
            with Fields(value, f"{fields.where}.{kind}") as parts:
                return _handler(kind, parts, ports)
    raise ManifestError(f"{fields.where}: nothing to do is named")


def _handler(kind: Kind, parts: Fields, ports: Mapping[str, int]) -> Handler:
    match kind:
        case "exec":
            return Handler(kind, argv=tuple(parts.need("command")))
        case "sleep":
            return Handler(kind, seconds_s=float(parts.need("seconds")))
        case "tcpSocket":
            return Handler(kind, _port(parts, ports))
        case "grpc":
            return Handler(kind, _port(parts, ports), service=parts.take("service", ""))
        case "httpGet":
            parts.must_be("scheme", "HTTP")
            headers = {header["name"]: header["value"] for header in parts.take("httpHeaders", [])}
            return Handler(kind, _port(parts, ports), parts.take("path", "/"), headers)


def _port(parts: Fields, ports: Mapping[str, int]) -> int:
    port = parts.need("port")
    if isinstance(port, int):
        return port
    if port not in ports:
        raise ManifestError(f"{parts.where}: no port of the container is called {port!r}")
    return ports[port]
