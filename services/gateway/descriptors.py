"""How many files and sockets the system lets this process have open."""

import resource

RESERVE = 512
"""Descriptors beside those of requests: listeners, probes, database, segmenters, refusals."""

PER_CONNECTION = 2
"""Descriptors for a connection: its own, and that of the image its request may name by URL."""


class DescriptorsError(Exception):
    """The system does not let this process have as many descriptors as its settings need."""


def make_sure_of(connections: int) -> None:
    """Raises the soft limit to the hard one, and checks that so many connections fit in.

    Raises:
        DescriptorsError: if they do not; the message is for the operator.
    """
    needed = PER_CONNECTION * connections + RESERVE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise DescriptorsError(
            f"MATTEBOX_GATEWAY_HTTP_MAX_CONNECTIONS is {connections}, for which {needed} open"
            f" files are needed, and the system allows {hard} (ulimit -Hn)."
            " Raise that limit, or lower the setting."
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, _soft_limit(hard, needed)), hard))


def _soft_limit(hard: int, needed: int) -> int:
    # Some systems call the limit infinite, and take no such soft limit.
    return needed if hard == resource.RLIM_INFINITY else hard
