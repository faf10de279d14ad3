"""Further gateways before the same segmenter and keys, for what the settings of one cannot show."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.contract.client import Client

_PREFIX = "MATTEBOX_GATEWAY_"


@dataclass(frozen=True, slots=True)
class OtherGateway:
    """A running gateway, and a client of it."""

    client: Client
    process: "subprocess.Popen[bytes]"


@contextmanager
def other_gateway(
    state_dir: Path, segmenter: str, key: str, settings: Mapping[str, object]
) -> Iterator[OtherGateway]:
    """Runs a gateway of its own settings until the context ends."""
    variables = {
        "HTTP_PORT": 0,
        "METRICS_PORT": 0,
        "DATABASE_URL": f"sqlite:///{state_dir / 'mattebox.db'}",
        "SEGMENTER_TARGET": segmenter,
        **settings,
    }
    environment = {name: value for name, value in os.environ.items() if _PREFIX not in name}
    environment |= {f"{_PREFIX}{name}": str(value) for name, value in variables.items()}
    command = str(Path(sys.executable).with_name("mattebox-gateway"))
    with subprocess.Popen([command], env=environment, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        said = b""
        try:
            for line in process.stderr:
                said += line
                if (port := _port_in(line)) is not None:
                    break
            else:
                raise AssertionError(said.decode())
            # A log that nobody reads would stop it.
            reader = threading.Thread(target=process.stderr.read)
            reader.start()
            yield OtherGateway(Client(f"http://127.0.0.1:{port}", key), process)
            process.terminate()
            assert process.wait(60) == 0
            reader.join()
        finally:
            process.kill()


def _port_in(line: bytes) -> int | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return int(event["port"]) if event.get("event") == "listening" else None
