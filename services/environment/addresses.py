"""Words why a process cannot listen where its settings say, and which of them to change."""

import errno

_REFUSED = frozenset({errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES})
_GRPC_REFUSED = "Failed to bind to address"


def start_problem(error: OSError | RuntimeError, prefix: str, section: str) -> str:
    """Says what kept a process from starting, and where it is an address, what to do about that.

    Args:
        error: what was raised; gRPC raises a RuntimeError where it cannot listen.
        prefix: what the names of the process's variables begin with.
        section: what its own port's variables begin with after that, such as HTTP.
    """
    reason = str(error)
    if isinstance(error, OSError):
        reason = error.strerror or reason
        is_address = error.errno in _REFUSED and error.filename is None
    else:
        is_address = reason.startswith(_GRPC_REFUSED)
    if not is_address:
        return reason
    # What gRPC adds is for its developers.
    return (
        f"{reason.partition(';')[0]}. Stop what listens there, or choose another port or address"
        f" with {prefix}{section}_PORT, {prefix}{section}_HOST, {prefix}METRICS_PORT or"
        f" {prefix}METRICS_HOST."
    )
