"""Deployments and StatefulSets: how many pods there are, and how they are replaced."""

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.deploy.pods.objects import Workload
from tests.deploy.pods.pod import Pod
from tests.deploy.pods.quantities import share

PATIENCE_S = 180.0
"""For a step of a rollout; a machine with other things to do is slow."""

_LOOK_S = 0.5


class StuckError(Exception):
    """Pods do not become what they should; the text says which, and what they wrote."""


@dataclass
class Watch:
    """Waiting for pods to change."""

    _condition: threading.Condition = field(default_factory=threading.Condition)

    def changed(self) -> None:
        """Lets those who wait look again."""
        with self._condition:
            self._condition.notify_all()

    def until(self, holds: Callable[[], bool], what: Callable[[], str]) -> None:
        """Waits until something holds.

        Raises:
            StuckError: it does not in time.
        """
        give_up_s = time.monotonic() + PATIENCE_S
        with self._condition:
            while not holds():  # which may come by time alone
                if time.monotonic() > give_up_s:
                    raise StuckError(what())
                self._condition.wait(_LOOK_S)


class Controller:
    """Makes the pods of one workload. Pods that are being ended are its no longer."""

    def __init__(
        self, workload: Workload, make: Callable[[Workload, str], Pod], watch: Watch
    ) -> None:
        self.workload = workload
        self.pods: list[Pod] = []
        self.ended: list[Pod] = []
        self._make, self._watch = make, watch
        self._numbers = itertools.count(1)
        self._revision = 1
        self._ending: list[threading.Thread] = []

    @property
    def ready(self) -> bool:
        """Whether all its pods are there and ready."""
        return len(self.pods) == self.workload.replicas and all(pod.ready for pod in self.pods)

    def start(self) -> None:
        """Makes its pods, those of a StatefulSet in their order."""
        for ordinal in range(self.workload.replicas):
            self._add(ordinal)
            if self.workload.kind == "StatefulSet" and not self.workload.in_parallel:
                self._await_all(self.pods)

    def roll(self) -> None:
        """Replaces every pod, as `kubectl rollout restart` does; returns when all are ready.

        Raises:
            StuckError: new pods do not become ready.
        """
        self._revision += 1
        old = list(self.pods)
        if self.workload.kind == "StatefulSet":
            self._replace_in_place(old)
        elif self.workload.recreates:
            for pod in old:
                self._remove(pod)
            self.await_ended()
            self.start()
            self._await_all(self.pods)
        else:
            self._replace_by_surge(old)

    def await_ended(self) -> None:
        """Waits until pods that are being ended are gone."""
        for thread in self._ending:
            thread.join()

    def kill(self) -> None:
        """Ends all at once."""
        for pod in self.pods:
            pod.kill()
        self.await_ended()

    def _replace_by_surge(self, old: list[Pod]) -> None:
        new: list[Pod] = []
        replicas = self.workload.replicas
        most = replicas + share(self.workload.max_surge, replicas, up=True)
        least = replicas - share(self.workload.max_unavailable, replicas, up=False)
        while old or len(new) < replicas:
            while len(new) < replicas and len(self.pods) < most:
                new.append(self._add(len(new)))
            # Pods that are not ready count for nobody, so they go first.
            while old and self._may_remove(old, least):
                self._remove(old.pop(0))
            if old or len(new) < replicas:
                self._watch.until(
                    lambda: (
                        self._may_remove(old, least)
                        or (len(new) < replicas and len(self.pods) < most)
                    ),
                    self.report,
                )
        self._await_all(new)

    def _may_remove(self, old: Sequence[Pod], least: int) -> bool:
        available = sum(pod.available(self.workload.min_ready_s) for pod in self.pods)
        return bool(old) and (not old[0].ready or available > least)

    def _replace_in_place(self, old: Sequence[Pod]) -> None:
        for ordinal in reversed(range(len(old))):
            self._remove(old[ordinal])
            self.await_ended()
            self._add(ordinal)
            self._await_all(self.pods)

    def _add(self, ordinal: int) -> Pod:
        name = self.workload.name
        if self.workload.kind == "StatefulSet":
            name = f"{name}-{ordinal}"
        else:
            name = f"{name}-{self._revision:x}-{next(self._numbers)}"
        pod = self._make(self.workload, name)
        self.pods.append(pod)
        return pod

    def _remove(self, pod: Pod) -> None:
        self.pods.remove(pod)
        self.ended.append(pod)
        thread = threading.Thread(target=pod.stop, name=f"end-{pod.name}", daemon=True)
        self._ending.append(thread)
        thread.start()

    def _await_all(self, pods: Sequence[Pod]) -> None:
        def settled() -> bool:
            return any(pod.trouble or pod.harms["restarts"] for pod in pods) or all(
                pod.ready for pod in pods
            )

        self._watch.until(settled, self.report)
        if not all(pod.ready for pod in pods):
            raise StuckError(self.report())

    def report(self) -> str:
        """What its pods are, and the ends of what they wrote."""
        return "\n".join(told(pod) for pod in self.pods)


def told(pod: Pod) -> str:
    """What a pod is, and the ends of what it wrote if it is not ready."""
    state = "ready" if pod.ready else "not ready"
    logs = "".join(f"\n--- {name}\n{text[-3000:]}" for name, text in pod.logs.items())
    return f"{pod.name}: {state} {pod.trouble} {dict(pod.harms)}{'' if pod.ready else logs}"
