"""Which keys are good, as the database said a moment ago. Knows no HTTP."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.accounts.keys import KeyRecord, key_id, matches
from gateway.accounts.recently_used import RecentlyUsed
from gateway.accounts.store import AccountStore, StoreError
from gateway.errors import UnavailableError
from gateway.settings import KeysSettings

_KNOWN_KEYS = 10_000
_UNKNOWN_KEYS = 10_000
"""Apart from the known ones, which made-up keys could push out otherwise."""

_RETRY_S = 1.0
"""Seconds for which a database that failed is not asked again."""

_STRANGERS_LOOK_UPS = 64
"""Look-ups under way above which keys that were not read before are not asked for.

Whoever makes up keys must not fill the database's connections: a full pool looks like a database
that is away, and what good keys have become would not be seen.
"""

_USE_NOTED_EVERY = timedelta(minutes=10)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """``monotonic_s`` tells how old an answer is, ``now`` whether a key has expired."""

    monotonic_s: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _utc_now


@dataclass(slots=True)
class _Entry:
    record: KeyRecord | None
    read_at_s: float
    use_noted: bool = False


class KeyDirectory:
    """Recognises keys by what ``store`` says, which it takes as true for ``settings.cache_s``.

    While the database is away, what it said of a key holds for ``settings.stale_s``, and nobody
    who has such a key waits; ``on_stale`` is called each time a key is judged so.
    """

    def __init__(
        self,
        store: AccountStore,
        pepper: bytes,
        settings: KeysSettings,
        on_stale: Callable[[], None] = lambda: None,
        clock: Clock | None = None,
    ) -> None:
        self._store = store
        self._pepper = pepper
        self._settings = settings
        self._on_stale = on_stale
        self._clock = clock or Clock()
        self._known: RecentlyUsed[str, _Entry] = RecentlyUsed(_KNOWN_KEYS)
        self._unknown: RecentlyUsed[str, _Entry] = RecentlyUsed(_UNKNOWN_KEYS)
        self._asking: dict[str, asyncio.Task[_Entry | None]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._failing = False
        self._retry_at_s = 0.0

    async def recognise(self, key: str) -> KeyRecord | None:
        """Returns the record of ``key`` if it is accepted now; those of suspended accounts are.

        A key that is unknown, revoked, expired or misspelt takes the same work as a good one.

        Raises:
            UnavailableError: the database is away, and what it would say is not known.
        """
        sought_id = key_id(key)
        entry = await self._find(sought_id) if sought_id is not None else None
        record = entry.record if entry is not None else None
        is_right = matches(key, self._pepper, record)
        if entry is None or record is None or not is_right:
            return None
        now = self._clock.now()
        if record.state_at(now) not in {"active", "rotating"}:
            return None
        self._note_use(entry, record, now)
        return record

    async def close(self) -> None:
        """Waits for what it has begun at the database. Call it before the store is closed."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _find(self, sought_id: str) -> _Entry:
        entry = self._known.get(sought_id) or self._unknown.get(sought_id)
        age_s = self._clock.monotonic_s() - entry.read_at_s if entry is not None else 0.0
        if entry is not None and age_s < self._settings.cache_s:
            return entry
        stale = entry
        if entry is None or entry.record is None or age_s >= self._settings.stale_s:
            stale = None
        asking = self._ask(sought_id)
        if asking is not None and (stale is None or not self._failing):
            # Shielded, because others may wait for the same answer.
            answer = await asyncio.shield(asking)
            if answer is not None:
                return answer
        if stale is None:
            raise UnavailableError(retry_after_s=_RETRY_S)
        self._on_stale()
        return stale

    def _ask(self, sought_id: str) -> asyncio.Task[_Entry | None] | None:
        """Asks the database, once at a time for a key.

        None where it has failed just now, or where too many strangers are asked for.
        """
        if sought_id in self._asking:
            return self._asking[sought_id]
        if len(self._asking) >= _STRANGERS_LOOK_UPS and self._known.get(sought_id) is None:
            return None
        now_s = self._clock.monotonic_s()
        if self._failing:
            if now_s < self._retry_at_s:
                return None
            self._retry_at_s = now_s + _RETRY_S
        task = asyncio.create_task(self._read(sought_id))
        self._keep(task)
        self._asking[sought_id] = task
        task.add_done_callback(lambda _: self._asking.pop(sought_id))
        return task

    async def _read(self, sought_id: str) -> _Entry | None:
        # The time before: what is changed while the answer comes is to be seen in time.
        asked_at_s = self._clock.monotonic_s()
        try:
            record = await self._store.find_key(sought_id)
        except StoreError:
            self._failing = True
            self._retry_at_s = self._clock.monotonic_s() + _RETRY_S
            return None
        self._failing = False
        entry = _Entry(record, asked_at_s)
        kept, other = (
            (self._unknown, self._known) if record is None else (self._known, self._unknown)
        )
        kept.put(sought_id, entry)
        other.drop(sought_id)
        return entry

    def _note_use(self, entry: _Entry, record: KeyRecord, now: datetime) -> None:
        noted_at = record.last_used_at
        if entry.use_noted or (noted_at is not None and now - noted_at < _USE_NOTED_EVERY):
            return
        entry.use_noted = True
        self._keep(asyncio.create_task(self._write_use(record.key_id, now)))

    async def _write_use(self, used_id: str, used_at: datetime) -> None:
        # A use that is not noted now is noted after the next look-up.
        with suppress(StoreError):
            await self._store.note_use(used_id, used_at)

    def _keep(self, task: asyncio.Task[Any]) -> None:
        # The event loop alone does not keep tasks alive.
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
