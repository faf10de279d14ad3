"""The fleet: real Triton, segmenters, gateways, and a balancer before them."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

from benchmarks.fleet.balancer import Balancer
from benchmarks.fleet.fault_proxy import FaultProxy
from benchmarks.fleet.loop_thread import LoopThread, loop_thread
from benchmarks.fleet.plan import FleetPlan, gateway_launch, segmenter_launch
from benchmarks.fleet.replica import Place, Replica
from benchmarks.fleet.triton_keeper import TritonKeeper
from mattebox.up import bootstrap_key
from mattebox.up.http_status import http_status
from mattebox.up.ports import free_ports

PRE_STOP_S = 2.0
"""Between the removal of an endpoint and SIGTERM, as a `preStop: sleep` does it."""

_PATIENCE_S = 60.0


@dataclass(slots=True)
class Fleet:
    """What runs, and how it is reached."""

    plan: FleetPlan
    triton: TritonKeeper
    proxy: FaultProxy
    """Between all segmenters and their Triton."""
    loop: LoopThread
    balancer: Balancer
    url: str
    """Of the balancer."""
    api_key: str
    gateways: list[Replica]
    segmenters: list[Replica]
    segmenter_ports: tuple[int, ...]
    """The addresses that gateways know, one more than there are segmenters at a time."""

    def roll_gateway(self, number: int) -> None:
        """Replaces a gateway as a rolling update does: a new one first, then SIGTERM."""
        old, new = self.gateways[number], self.start_gateway()
        new.await_ready()
        self.admit(new)
        self.gateways[number] = new
        self.loop.call(self.balancer.remove(old.place.port))
        time.sleep(PRE_STOP_S)
        self._stop(old)

    def roll_segmenter(self, number: int) -> None:
        """Replaces a segmenter likewise; what takes it off the gateways is its own health."""
        old, new = self.segmenters[number], self.start_segmenter()
        new.await_ready()
        self.segmenters[number] = new
        self._stop(old)

    def start_gateway(self) -> Replica:
        """Starts one more, which gets no requests yet."""
        place = Place(*free_ports(2, but_not=self.segmenter_ports))
        launch = gateway_launch(self.plan, place, self.segmenter_ports)
        return Replica(f"gateway at {place.port}", place, launch)

    def start_segmenter(self) -> Replica:
        """Starts one at the address that is free."""
        taken = {segmenter.place.port for segmenter in self.segmenters}
        port = next(port for port in self.segmenter_ports if port not in taken)
        place = Place(port, *free_ports(1, but_not=self.segmenter_ports))
        target = f"127.0.0.1:{self.loop.call(self.proxy.port())}"
        return Replica(f"segmenter at {port}", place, segmenter_launch(self.plan, place, target))

    def admit(self, gateway: Replica) -> None:
        """Lets a gateway have connections once it is ready."""
        self.loop.call(self.balancer.add(gateway.place.port))

    def await_healthy(self) -> None:
        """Waits until every gateway reaches a segmenter.

        Raises:
            TimeoutError: one does not.
        """
        for gateway in self.gateways:
            await_that(partial(_says_healthy, gateway))

    def end(self) -> None:
        """Ends gateways and segmenters at once."""
        for replica in (*self.gateways, *self.segmenters):
            replica.end()

    @staticmethod
    def _stop(replica: Replica) -> None:
        replica.terminate()
        if (code := replica.await_end()) != 0:
            raise SystemExit(f"{replica.name} ended with {code} after SIGTERM")


@contextmanager
def running_fleet(plan: FleetPlan) -> Iterator[Fleet]:
    """Runs a fleet for a block, healthy at its beginning; nothing of it outlives this process."""
    with ExitStack() as stack:
        triton = stack.enter_context(TritonKeeper(plan.folder, plan.model_repository, plan.models))
        loop = stack.enter_context(loop_thread())
        proxy, balancer = FaultProxy(triton.ports.grpc), Balancer()
        stack.callback(lambda: [loop.call(part.close()) for part in (balancer, proxy)])
        loop.call(proxy.start())
        loop.call(balancer.start())
        url = f"http://127.0.0.1:{loop.call(balancer.port())}"
        ports = tuple(free_ports(plan.segmenters + 1))
        key = bootstrap_key.new_key(gateway_launch(plan, Place(1, 2), ports))
        fleet = Fleet(plan, triton, proxy, loop, balancer, url, key, [], [], ports)
        stack.callback(fleet.end)
        for _ in range(plan.segmenters):
            fleet.segmenters.append(fleet.start_segmenter())
        for _ in range(plan.gateways):
            fleet.gateways.append(fleet.start_gateway())
        for replica in (*fleet.segmenters, *fleet.gateways):
            replica.await_ready()
        for gateway in fleet.gateways:
            fleet.admit(gateway)
        fleet.await_healthy()
        yield fleet


def _says_healthy(gateway: Replica) -> bool:
    return http_status(f"http://127.0.0.1:{gateway.place.port}/v2/health", 2.0) == 200


def await_that(holds: Callable[[], bool], patience_s: float = _PATIENCE_S) -> None:
    """Waits until something holds.

    Raises:
        TimeoutError: it does not in time.
    """
    give_up_s = time.monotonic() + patience_s
    while not holds():
        if time.monotonic() > give_up_s:
            raise TimeoutError(f"it is not so after {patience_s:g} s")
        time.sleep(0.05)
