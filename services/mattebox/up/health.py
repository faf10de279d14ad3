"""Whether a child answers, and whether one that did still can. Knows no processes but by id."""

from collections.abc import Sequence
from typing import Protocol

from mattebox.up import keeper
from mattebox.up.http_status import http_status
from mattebox.up.triton_progress import TritonProgress

_TIMEOUT_S = 2.0
_FAILURES_BEFORE_TROUBLE = 10


class Health(Protocol):
    """Watches one started child; a restarted one gets a new watch."""

    def ready(self) -> bool:
        """Tells whether it answers all it must, once it has started."""

    def trouble(self) -> str | None:
        """Says why a child that was ready has to be restarted; asked every second."""


class HttpHealth:
    """Watches a child by its own HTTP answers."""

    def __init__(self, ready_urls: Sequence[str], live_url: str) -> None:
        self._ready_urls = ready_urls
        self._live_url = live_url
        self._failures = 0

    @property
    def answers(self) -> bool:
        """Whether the last look was answered."""
        return not self._failures

    def ready(self) -> bool:
        """See `Health.ready`."""
        return all(http_status(url, _TIMEOUT_S) == 200 for url in self._ready_urls)

    def trouble(self) -> str | None:
        """See `Health.trouble`. A busy child may miss some answers, a live one not all."""
        if http_status(self._live_url, _TIMEOUT_S) == 200:
            self._failures = 0
        else:
            self._failures += 1
        if self._failures < _FAILURES_BEFORE_TROUBLE:
            return None
        return f"it left {self._failures} health checks in a row without an answer"


class TritonHealth:
    """Watches a Triton server and the processes in which it runs its models.

    Triton never restarts a model process that was killed or hangs: it goes on to call itself and
    the model ready while each request fails. So those processes are watched here.
    """

    def __init__(self, pid: int, http_url: str, metrics_url: str, models: Sequence[str]) -> None:
        self._pid = pid
        self._metrics_url = metrics_url
        ready_urls = [f"{http_url}/v2/models/{model}/ready" for model in models]
        self._http = HttpHealth(ready_urls, f"{http_url}/v2/health/live")
        self._model_pids: list[int] = []
        self._progress = TritonProgress(metrics_url, [])

    def ready(self) -> bool:
        """See `Health.ready`."""
        if not self._http.ready():
            return False
        self._model_pids = keeper.children_of(self._pid)
        self._progress = TritonProgress(self._metrics_url, self._model_pids)
        return bool(self._model_pids)

    def trouble(self) -> str | None:
        """See `Health.trouble`."""
        for pid in self._model_pids:
            if keeper.parent_of(pid) != self._pid:
                return f"the process {pid}, in which it ran a model, has died"
        trouble = self._http.trouble()
        # Where it answers nothing at all, its metrics would only take the time of another look.
        if trouble is None and self._http.answers and self._progress.hangs():
            return "requests wait or fail, and its models do nothing"
        return trouble
