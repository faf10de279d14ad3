"""What all pods of a cluster share."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.pods.container import Kubelet
from tests.deploy.pods.environment import Sources
from tests.deploy.pods.network import Network
from tests.deploy.pods.stand_ins import StandIn


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The network, the kubelet, and where things are found."""

    network: Network
    kubelet: Kubelet
    folder: Path
    """Where each pod and each claim gets a folder."""
    image: Callable[[str], StandIn]
    """What stands in for an image."""
    resolv_conf: Callable[[str], str]
    """Of a namespace."""
    sources: Callable[[str], Sources]
    """What a namespace holds, without the fields of a pod."""
    changed: Callable[[], None]
    """Told of whatever a Service or a controller would want to know."""
    endpoint_lag_s: float
    """How long endpoints still hold a pod that is being ended, as in a cluster that is busy."""
