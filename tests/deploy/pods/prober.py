"""Asks `grpc.health.v1` as the kubelet does: a line of JSON in for each probe, one out.

A process of its own, since gRPC opens its sockets in whichever network its threads began.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import grpc
from grpc_health.v1 import health_pb2


def serving(target: str, service: str, timeout_s: float) -> bool:
    """Whether a server says that it serves."""
    with grpc.insecure_channel(target) as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )
        try:
            answer = check(health_pb2.HealthCheckRequest(service=service), timeout=timeout_s)
        except grpc.RpcError:
            return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def main() -> None:
    """Answers until its input ends."""
    lock = Lock()

    def answer(line: str) -> None:
        question = json.loads(line)
        found = serving(question["target"], question["service"], question["timeout_s"])
        with lock:
            print(json.dumps({"id": question["id"], "ok": found}), flush=True)  # noqa: T201 - read

    with ThreadPoolExecutor(8) as pool:
        for line in sys.stdin:
            pool.submit(answer, line)


if __name__ == "__main__":
    main()
