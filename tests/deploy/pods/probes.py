"""Probes as the kubelet runs them: from the node, at their times, with their thresholds."""

import http.client
import itertools
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from socket import create_connection
from typing import Any

from tests.conftest import ROOT
from tests.deploy.pods.handlers import Handler, ProbeSpec
from tests.deploy.pods.namespaces import Namespace
from tests.deploy.pods.process import Process


class GrpcProber:
    """The process that asks servers of gRPC for their health, on the node."""

    def __init__(self, node: Namespace) -> None:
        self._node = node
        self._lock = threading.Condition()
        self._process: subprocess.Popen[str] | None = None
        self._answers: dict[int, bool] = {}
        self._ids = itertools.count()

    def serving(self, target: str, service: str, timeout_s: float) -> bool:
        """Whether a server says that it serves."""
        with self._lock:
            if self._process is None:
                self._process = self._started()
            number = next(self._ids)
            question = {"id": number, "target": target, "service": service, "timeout_s": timeout_s}
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
            self._lock.wait_for(lambda: number in self._answers, timeout_s + 1)
            return self._answers.pop(number, False)

    def close(self) -> None:
        """Ends the process, if there is one."""
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait()

    def _started(self) -> "subprocess.Popen[str]":
        command = self._node.command(sys.executable, "-m", "tests.deploy.pods.prober")
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        threading.Thread(target=self._read, args=(process,), daemon=True).start()
        return process

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                answer: dict[str, Any] = json.loads(line)
                with self._lock:
                    self._answers[answer["id"]] = answer["ok"]
                    self._lock.notify_all()


def succeeds(
    handler: Handler, address: str, process: Process, grpc: GrpcProber, timeout_s: float
) -> bool:
    """Does what a handler says once. To be called on the node's network."""
    try:
        match handler.kind:
            case "exec":
                return process.run(handler.argv, timeout_s).returncode == 0
            case "grpc":
                return grpc.serving(f"{address}:{handler.port}", handler.service, timeout_s)
            case "tcpSocket":
                create_connection((address, handler.port), timeout_s).close()
                return True
            case "httpGet":
                return _gets(handler, address, timeout_s)
            case "sleep":
                return not process.await_end(min(handler.seconds_s, timeout_s))
    except (OSError, http.client.HTTPException, subprocess.TimeoutExpired):
        return False


def _gets(handler: Handler, address: str, timeout_s: float) -> bool:
    connection = http.client.HTTPConnection(address, handler.port, timeout=timeout_s)
    with closing(connection):
        connection.request("GET", handler.path, headers=dict(handler.headers))
        return 200 <= connection.getresponse().status < 400


class Probing:
    """One probe of one run of a container, on a thread, until it is told to stop."""

    def __init__(
        self,
        spec: ProbeSpec,
        node: Namespace,
        check: Callable[[Handler, float], bool],
        found: Callable[[bool], bool],
    ) -> None:
        """``found`` is told when as many in a row as the threshold asks for were alike, and tells
        whether to go on.
        """
        self._spec, self._node, self._check, self._found = spec, node, check, found
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="probe", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Probes no more."""
        self._stop.set()

    def _run(self) -> None:
        with self._node.entered():
            alike, last = 0, None
            wait_s = self._spec.initial_delay_s
            while not self._stop.wait(wait_s):
                ok = self._check(self._spec.handler, self._spec.timeout_s)
                alike, last = (alike + 1, ok) if ok == last else (1, ok)
                threshold = self._spec.successes if ok else self._spec.failures
                if alike >= threshold and not self._stop.is_set() and not self._found(ok):
                    return
                wait_s = self._spec.period_s
