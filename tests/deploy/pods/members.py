"""Who is on the network, as Services, policies and DNS see them, and how labels choose them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.deploy.pods.fields import Fields, ManifestError


@dataclass(frozen=True, slots=True)
class Member:
    """A pod, or a stranger that plays one. Namespace "" is outside the cluster."""

    namespace: str
    name: str
    address: str
    labels: Mapping[str, str] = field(default_factory=dict)
    ports: Mapping[str, int] = field(default_factory=dict)
    ready: bool = True
    leaving: bool = False
    """Whether it is no endpoint any more, since it is being ended."""
    subdomain: str = ""


def selects(selector: Mapping[str, Any] | None, labels: Mapping[str, str]) -> bool:
    """Whether a selector of labels chooses these; an empty one chooses all, None nobody."""
    if selector is None:
        return False
    with Fields(selector, "selector") as fields:
        wanted = fields.strings("matchLabels")
        expressions = fields.take("matchExpressions", [])
    return wanted.items() <= labels.items() and all(
        _holds(expression, labels) for expression in expressions
    )


def _holds(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    value, values = labels.get(expression["key"]), expression.get("values", [])
    match expression["operator"]:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case operator:
            raise ManifestError(f"selector: unknown operator {operator!r}")
