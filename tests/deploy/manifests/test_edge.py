"""What stands before the gateway lets through what the gateway takes, for as long as that takes."""

from collections.abc import Callable
from urllib.parse import urlsplit

from gateway.settings import MIB, PICTURES, GatewaySettings
from tests.deploy.manifests.environments import gateway_settings
from tests.deploy.manifests.rendering import Object, named, parsed

_NGINX = "nginx.ingress.kubernetes.io"


def test_the_ingress_takes_the_largest_body(component_text: Callable[[str], str]) -> None:
    objects = parsed(component_text("ingress"))
    most_bytes = int(_annotation(objects, "proxy-body-size").removesuffix("m")) * MIB

    assert most_bytes >= gateway_settings(objects).upload.largest_body_bytes(PICTURES)


def test_the_ingress_keeps_no_pictures(component_text: Callable[[str], str]) -> None:
    objects = parsed(component_text("ingress"))

    assert _annotation(objects, "proxy-buffering") == "off"
    assert _annotation(objects, "proxy-request-buffering") == "off"


def test_the_gateway_says_first_that_something_takes_too_long(
    component_text: Callable[[str], str],
) -> None:
    objects = parsed(component_text("ingress"))

    read_s = int(_annotation(objects, "proxy-read-timeout"))
    assert read_s > _silent_s(gateway_settings(objects))


def test_a_route_lasts_as_long_as_a_slow_request(component_text: Callable[[str], str]) -> None:
    objects = parsed(component_text("gateway-api"))
    settings = gateway_settings(objects)
    [rule] = named(objects, "HTTPRoute", "mattebox-gateway")["spec"]["rules"]

    request_s = int(rule["timeouts"]["request"].removesuffix("s"))
    assert rule["timeouts"]["backendRequest"] == rule["timeouts"]["request"]
    assert request_s > settings.upload.body_timeout_s + _silent_s(settings)


def test_results_are_named_by_the_public_host(component_text: Callable[[str], str]) -> None:
    ingress, route = (parsed(component_text(name)) for name in ("ingress", "gateway-api"))
    spec = named(ingress, "Ingress", "mattebox-gateway")["spec"]
    [tls], [rule] = spec["tls"], spec["rules"]

    assert tls["hosts"] == [rule["host"]] == [_public_host(ingress)]
    hosts = named(route, "HTTPRoute", "mattebox-gateway")["spec"]["hostnames"]
    assert hosts == [_public_host(route)]


def _silent_s(settings: GatewaySettings) -> float:
    """How long a client may wait for the first byte after its last one."""
    return settings.fetch.total_timeout_s + settings.segmenter.timeout_s


def _public_host(objects: list[Object]) -> str | None:
    url = urlsplit(gateway_settings(objects).dialects.public_url or "")
    assert url.scheme == "https"
    return url.hostname


def _annotation(objects: list[Object], name: str) -> str:
    annotations = named(objects, "Ingress", "mattebox-gateway")["metadata"]["annotations"]
    value: str = annotations[f"{_NGINX}/{name}"]
    return value
