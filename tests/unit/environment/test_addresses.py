import errno

import pytest

from environment import start_problem

ADVICE = (
    "Stop what listens there, or choose another port or address with KITCHEN_OVEN_PORT,"
    " KITCHEN_OVEN_HOST, KITCHEN_METRICS_PORT or KITCHEN_METRICS_HOST."
)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.EADDRINUSE, "cannot bind"), f"cannot bind. {ADVICE}"),
        (OSError(errno.EADDRNOTAVAIL, "cannot bind"), f"cannot bind. {ADVICE}"),
        (PermissionError(errno.EACCES, "cannot bind"), f"cannot bind. {ADVICE}"),
        (
            RuntimeError("Failed to bind to address x:1; set GRPC_VERBOSITY=debug to see."),
            f"Failed to bind to address x:1. {ADVICE}",
        ),
    ],
)
def test_an_address_that_is_refused_comes_with_the_settings_for_another(
    error: OSError | RuntimeError, told: str
) -> None:
    assert start_problem(error, "KITCHEN_", "OVEN") == told


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (PermissionError(errno.EACCES, "Permission denied", "key.pem"), "Permission denied"),
        (OSError(errno.EMFILE, "Too many open files"), "Too many open files"),
        (OSError("nothing else is known"), "nothing else is known"),
        (
            RuntimeError("MNN is not installed; `pip install`."),
            "MNN is not installed; `pip install`.",
        ),
    ],
)
def test_anything_else_is_told_as_it_is(error: OSError | RuntimeError, told: str) -> None:
    assert start_problem(error, "KITCHEN_", "OVEN") == told
