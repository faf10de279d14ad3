"""The cluster's DNS: names of Services, and of pods behind them."""

import contextlib
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from socket import AF_INET, SHUT_RDWR, SOCK_DGRAM, SOCK_STREAM, socket

from dnslib import QTYPE, RCODE, RR, A, DNSError, DNSRecord

from tests.deploy.pods.members import Member
from tests.deploy.pods.objects import Object
from tests.deploy.pods.services import Service

_DOMAIN = "cluster.local"
_TTL_S = 5
_MESSAGE_BYTES = 4096

DNS_PORT = 53

DNS: Object = {
    "kind": "Service",
    "metadata": {"namespace": "kube-system", "name": "kube-dns"},
    "spec": {
        "clusterIP": "10.96.0.10",
        "selector": {"k8s-app": "kube-dns"},
        "ports": [
            {"name": f"dns-{protocol}", "port": DNS_PORT, "protocol": protocol}
            for protocol in ("UDP", "TCP")
        ],
    },
}
"""The Service by which every cluster's DNS is found."""


def resolv_conf(server: str, namespace: str) -> str:
    """The file by which a pod's resolver finds names, as the kubelet writes it."""
    search = f"{namespace}.svc.{_DOMAIN} svc.{_DOMAIN} {_DOMAIN}"
    return f"search {search}\nnameserver {server}\noptions ndots:5\n"


def published(services: Iterable[Service], members: Sequence[Member]) -> dict[str, list[str]]:
    """The addresses of every name: of a Service its own, or where it is headless its endpoints'."""
    found: dict[str, list[str]] = {}
    for service in services:
        namespace, name = service.key
        full = f"{name}.{namespace}.svc.{_DOMAIN}"
        endpoints = service.endpoints(members)
        found[full] = [service.address] if service.address else [e.address for e in endpoints]
        for member in endpoints:
            if member.subdomain == name:
                found[f"{member.name}.{full}"] = [member.address]
    return found


def answered(question: bytes, published: Mapping[str, list[str]]) -> bytes | None:
    """Answers a message: addresses by name, an empty answer of other types; None to no message."""
    try:
        message = DNSRecord.parse(question)
    except DNSError:
        return None
    reply = message.reply()
    name = str(message.q.qname).rstrip(".").lower()
    if name not in published:
        reply.header.rcode = RCODE.NXDOMAIN
    elif message.q.qtype in (QTYPE.A, QTYPE.ANY):
        for address in published[name]:
            reply.add_answer(RR(message.q.qname, QTYPE.A, rdata=A(address), ttl=_TTL_S))
    return bytes(reply.pack())


class NameServer:
    """Answers over UDP and TCP, on threads, until it is closed. Made inside its namespace."""

    def __init__(self, address: str, published: Callable[[], Mapping[str, list[str]]]) -> None:
        """``published`` tells the addresses of every name there is, at this moment."""
        self._published = published
        self._datagrams = socket(AF_INET, SOCK_DGRAM)
        self._datagrams.bind((address, DNS_PORT))
        self._listener = socket(AF_INET, SOCK_STREAM)
        self._listener.bind((address, DNS_PORT))
        self._listener.listen()
        self._threads = [
            threading.Thread(target=self._serve_datagrams, name="dns-udp", daemon=True),
            threading.Thread(target=self._serve_connections, name="dns-tcp", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Ends the threads."""
        for waiting in (self._datagrams, self._listener):
            with contextlib.suppress(OSError):  # one without a caller says so, and ends as well
                waiting.shutdown(SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._datagrams.close()
        self._listener.close()

    def _serve_datagrams(self) -> None:
        while True:
            try:
                question, caller = self._datagrams.recvfrom(_MESSAGE_BYTES)
            except OSError:
                return
            if not caller:
                return
            if (answer := answered(question, self._published())) is not None:
                self._datagrams.sendto(answer, caller)

    def _serve_connections(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(1)
                try:
                    self._answer_one(connection)
                except OSError:
                    continue

    def _answer_one(self, connection: socket) -> None:
        length = int.from_bytes(connection.recv(2), "big")
        question = connection.recv(length)
        if (answer := answered(question, self._published())) is not None:
            connection.sendall(len(answer).to_bytes(2, "big") + answer)
