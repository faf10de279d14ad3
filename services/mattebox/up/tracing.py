"""How OpenTelemetry's variables reach what is started: names, and traces that reach to Triton."""

from collections.abc import Mapping
from urllib.parse import unquote

from telemetry.tracing_variables import (
    BY_HTTP,
    RESOURCE_ATTRIBUTES,
    SERVICE_NAME,
    exporters,
    protocol,
)

_NAME = "service.name"

_HARDLY_EVER = 2**31 - 1
"""Triton traces every call that brings a trace, and one of so many that bring none."""


def named(env: Mapping[str, str], service: str) -> dict[str, str]:
    """Makes the variables that give one of several services its name, if they name all the same.

    What else the variables say of the processes stays as it is.
    """
    if _given_name(env) is None:
        return {}
    told = {SERVICE_NAME: _name(env, service)}
    if RESOURCE_ATTRIBUTES in env:
        others = [item for item in _attributes(env) if _key(item) != _NAME]
        told[RESOURCE_ATTRIBUTES] = ",".join(others)
    return told


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
        f"opentelemetry,resource={_NAME}={_name(env, 'triton')}",
    )
    return tuple(f"--trace-config={setting}" for setting in settings)


def _name(env: Mapping[str, str], service: str) -> str:
    return f"{_given_name(env) or 'mattebox'}-{service}"


def _given_name(env: Mapping[str, str]) -> str | None:
    """The name that is given to all, by the variable that comes first for OpenTelemetry, too."""
    names = [item.partition("=")[2] for item in _attributes(env) if _key(item) == _NAME]
    among_attributes = unquote(names[-1].strip()) if names else ""
    return env.get(SERVICE_NAME) or among_attributes or None


def _attributes(env: Mapping[str, str]) -> list[str]:
    return env.get(RESOURCE_ATTRIBUTES, "").split(",")


def _key(attribute: str) -> str:
    return attribute.partition("=")[0].strip()
