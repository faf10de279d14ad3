"""The real Triton out of its wheel, for the images to be served by."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mattebox.up import ports, state_dir, triton_files, triton_server, triton_wheel
from mattebox.up.triton_server import TritonPorts, TritonSettings
from tests.deploy.images.processes import Running


@contextmanager
def real_triton(model: Path, folder: Path) -> Iterator[str]:
    """Serves a model inside the context, and yields the server's gRPC address."""
    wheel = triton_wheel.locate()
    reason = triton_wheel.why_not(wheel)
    if wheel is None or reason:
        pytest.skip(reason or "the Triton wheel is not installed")
    log = folder / "triton.log"
    with state_dir.hold(folder / "state") as held, log.open("wb") as stream:
        files = triton_files.put_together(held.triton, wheel, [model])
        settings = TritonSettings([model.name], threads=2, shm_prefix=held.shm_prefix)
        addresses = TritonPorts(*ports.free_ports(3))
        launch = triton_server.plan(wheel, files, addresses, settings).launch
        process = subprocess.Popen(
            launch.command, env=launch.env, cwd=launch.folder, stdout=stream, stderr=stream
        )
        try:
            Running(process, log).await_ready(f"{addresses.http_url}/v2/health/ready")
            yield addresses.target
        finally:
            process.terminate()
            process.wait()
